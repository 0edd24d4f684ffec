"""As whom Postgres runs: it refuses root and users without a name, so it may need another."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from db.embedded.tether import SAME, tied
from db.errors import DatabaseMissing

EXILE = "exile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How the tether becomes it, and who owns its files as this process sees them."""

    tether: str
    uid: int
    gid: int

    @property
    def is_dropped(self) -> bool:
        """Whether it is another user to the whole machine, who may reach less than we do."""
        return self.tether.startswith("dropped")


def choose(directory: Path) -> Identity:
    """Pick the least strange identity that Postgres accepts; DatabaseMissing where none is."""
    if (directory / EXILE).exists():
        return _nobody()

    uid = os.getuid()
    if uid != 0 and _has_name(uid):
        return myself()

    mapped = f"mapped:{_named_uid()}"
    if _works(mapped):
        return Identity(tether=mapped, uid=uid, gid=os.getgid())

    if uid != 0:
        raise DatabaseMissing(
            f"Postgres needs a user with a name, and uid {uid} has none in /etc/passwd; "
            "run as a named user, or set DATABASE_URL to a running Postgres"
        )

    if (directory / "data").exists():
        raise DatabaseMissing(
            f"{directory} was made where user namespaces are allowed, and here they are not; "
            "allow them, or name another folder with PRESSROOM_DATA_DIR"
        )

    return _nobody()


def myself() -> Identity:
    """The identity of this very process."""
    return Identity(tether=SAME, uid=os.getuid(), gid=os.getgid())


def home(directory: Path, identity: Identity | None = None) -> Path:
    """Return the folder that holds the data; given the identity, make one that it can reach."""
    link = directory / EXILE
    if link.exists():
        return link.resolve()

    if identity is None or not identity.is_dropped:
        return directory

    # The folders above ours may be closed to others, and opening them is not our business.
    exile = Path(tempfile.mkdtemp(prefix="pressroom-", dir="/var/tmp"))
    os.chown(exile, identity.uid, identity.gid)
    link.unlink(missing_ok=True)
    link.symlink_to(exile)

    return exile


def within_reach(binaries: Path, identity: Identity, home: Path) -> Path:
    """Return a folder of these binaries that the identity can run, copied into home if need be."""
    if not identity.is_dropped or _is_open(binaries):
        return binaries

    prefix, package = binaries.parent, binaries.parent.parent
    copies = home / "software"
    shutil.rmtree(copies, ignore_errors=True)
    shutil.copytree(prefix, copies / package.name / prefix.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copies / libraries.name)

    return copies / package.name / prefix.name / binaries.name


def _nobody() -> Identity:
    nobody = pwd.getpwnam("nobody")

    return Identity(
        tether=f"dropped:{nobody.pw_uid}:{nobody.pw_gid}", uid=nobody.pw_uid, gid=nobody.pw_gid
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False

    return True


def _named_uid() -> int:
    return next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), 1)


def _works(identity: str) -> bool:
    probe = tied(["true"], signal.SIGKILL, identity)

    return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0


def _is_open(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
