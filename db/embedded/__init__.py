"""The default Postgres: a private cluster in a folder, started on demand, gone with its starter."""

import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from db.embedded import binaries, creation, identity, postmaster
from db.embedded.creation import ENVIRONMENT, NAME
from db.embedded.identity import Identity
from db.embedded.tether import tied
from db.errors import DatabaseMissing

PORT = 5432
START_SECONDS = 60
STOP_SECONDS = 20
LOG_LIMIT_BYTES = 10 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Cluster:
    """One Postgres in one folder; whoever starts it owns it, and it ends with that thread."""

    def __init__(self, directory: Path, binaries: Path | None = None) -> None:
        self.directory = directory.resolve()
        self.process: subprocess.Popen[bytes] | None = None
        self._binaries = binaries

    def start(self, *, durable: bool = True) -> None:
        """Start Postgres unless this folder's is up; DatabaseMissing says why it cannot.

        `durable=False` trades the data's safety in a power cut for speed: for tests.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self.directory):
            if _is_up(self.directory):
                return

            owner = identity.choose(self.directory)
            data = identity.home(self.directory, owner) / "data"
            folder = identity.within_reach(binaries.find(self._binaries), owner, data.parent)
            creation.ensure(data, self.directory / "password", folder, owner)
            postmaster.forget_the_dead(data, owner)
            sockets = _socket_directory(self.directory, owner)
            self._launch(_postgres(folder, data, sockets, durable), data, owner)

    def stop(self) -> None:
        """Shut down the Postgres that this object started, and wait until it is gone."""
        if self.process is None:
            return

        _end(self.process)
        self.process = None
        shutil.rmtree(_socket_path(self.directory), ignore_errors=True)

    @property
    def url(self) -> str:
        """The connection string; DatabaseMissing while Postgres is down."""
        url = running(self.directory)
        if url is None:
            raise DatabaseMissing(f"the Postgres in {self.directory} is not running; start it")

        return url

    def _launch(self, command: list[str], data: Path, owner: Identity) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with _log(self.directory) as log:
                begin = log.tell()
                self.process = subprocess.Popen(
                    tied(command, signal.SIGINT, owner.tether),
                    cwd=data.parent,
                    env=ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is for us; Postgres stops last
                )

            if _became_ready(self.process, data, deadline):
                return

            _end(self.process)
            reason = _last_lines(self.directory, begin)
            # After kill -9 of the postmaster its children need a moment to notice.
            if "pre-existing shared memory" not in reason or time.monotonic() > deadline:
                raise DatabaseMissing(f"Postgres did not start:\n{reason}")

            time.sleep(0.1)


def running(directory: Path) -> str | None:
    """Return the url of the live Postgres of a folder, None when it is down."""
    directory = directory.resolve()
    live = postmaster.of(identity.home(directory) / "data")
    if live is None or not live.is_ready:
        return None

    password = creation.read_password(directory / "password")

    return f"postgresql://{NAME}:{password}@/{NAME}?host={live.sockets}&port={PORT}"


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_up(directory: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS
    data = identity.home(directory) / "data"
    while (live := postmaster.of(data)) is not None:
        if live.is_ready:
            return True

        # Its starter is gone, or we would wait for the lock: it is on its way down.
        if time.monotonic() > deadline:
            raise DatabaseMissing(f"Postgres {live.pid} of {data} neither starts nor stops")

        time.sleep(0.02)

    return False


def _socket_path(directory: Path) -> Path:
    # Short, since the path of a socket has 107 bytes at most.
    digest = hashlib.sha256(bytes(directory)).hexdigest()[:12]

    return Path("/tmp") / f"pressroom-{os.getuid()}-{digest}"  # noqa: S108 - checked below


def _socket_directory(directory: Path, owner: Identity) -> Path:
    path = _socket_path(directory)
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    ours = found.st_uid in (os.getuid(), owner.uid)
    if not ours or not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
        raise DatabaseMissing(f"{path} is not a private folder of ours; remove it and start again")

    os.chown(path, owner.uid, owner.gid)
    for leftover in path.iterdir():
        leftover.unlink()

    return path


def _postgres(folder: Path, data: Path, sockets: Path, durable: bool) -> list[str]:
    settings = SETTINGS | {"unix_socket_directories": str(sockets)} | ({} if durable else CARELESS)
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    return [str(folder / "postgres"), "-D", str(data), *flags]


@contextmanager
def _log(directory: Path) -> Iterator[BinaryIO]:
    path = directory / "log"
    too_long = path.exists() and path.stat().st_size > LOG_LIMIT_BYTES
    with path.open("wb" if too_long else "ab") as log:
        yield log


def _last_lines(directory: Path, begin: int) -> str:
    with (directory / "log").open("rb") as log:
        log.seek(begin)
        return "\n".join(log.read().decode(errors="replace").splitlines()[-10:])


def _became_ready(process: subprocess.Popen[bytes], data: Path, deadline: float) -> bool:
    while process.poll() is None and time.monotonic() < deadline:
        live = postmaster.of(data)
        if live is not None and live.pid == process.pid and live.is_ready:
            return True

        time.sleep(0.01)

    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(order)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return
