"""The first start: a data folder that is complete, or not there at all."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from db.embedded import binaries, private
from db.embedded.identity import Identity, myself
from db.embedded.tether import tied
from db.errors import DatabaseMissing

NAME = "pressroom"

# Postgres gets none of our secrets, and no PG* variable of the caller's shell.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def ensure(data: Path, password: Path, folder: Path, owner: Identity) -> None:
    """Make the data folder and its password, or see that these binaries can open it."""
    if data.exists():
        _check_version(data, folder)
        return

    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _make_password(password)
    _initdb(fresh, password.read_text(), folder, owner)
    _make_database(fresh, folder, owner)

    fresh.rename(data)


def read_password(path: Path) -> str:
    """Return the password of role `pressroom`; DatabaseMissing when it is lost."""
    try:
        return path.read_text()
    except FileNotFoundError:
        raise DatabaseMissing(
            f"{path} is gone, and the data beside it does not open without it; "
            f"bring it back, or remove {path.parent} to begin anew"
        ) from None


def _check_version(data: Path, folder: Path) -> None:
    made_by = int((data / "PG_VERSION").read_text())
    present = binaries.version(folder)
    if made_by != present:
        raise DatabaseMissing(
            f"{data} was made by Postgres {made_by}, and {folder} is {present}; "
            f"set PRESSROOM_POSTGRES_BIN to the folder of a Postgres {made_by}, "
            "or move the data away to begin anew"
        )


def _make_password(path: Path) -> None:
    private.write(path, secrets.token_hex(24), myself())


def _initdb(data: Path, password: str, folder: Path, owner: Identity) -> None:
    # A copy for initdb, which may run as a user who cannot reach ours.
    copy = data.with_name("password.initdb")
    private.write(copy, password, owner)
    command = [str(folder / "initdb"), "-D", str(data), "-U", NAME, f"--pwfile={copy}"]
    _run([*command, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"], data.parent, owner)
    copy.unlink()


def _make_database(data: Path, folder: Path, owner: Identity) -> None:
    single = [str(folder / "postgres"), "--single", "-D", str(data), "template1"]
    _run(single, data.parent, owner, f"CREATE DATABASE {NAME}\n")


def _run(command: list[str], where: Path, owner: Identity, text: str = "") -> None:
    done = subprocess.run(
        tied(command, signal.SIGKILL, owner.tether),
        cwd=where,
        env=ENVIRONMENT,
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        raise DatabaseMissing(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")
