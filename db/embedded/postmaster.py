"""What the data folder says of its running Postgres, dead or alive."""

import os
from dataclasses import dataclass
from pathlib import Path

from db.embedded import private
from db.embedded.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """A live Postgres; `sockets` is the folder it listens in."""

    pid: int
    sockets: str
    is_ready: bool


def of(data: Path) -> Postmaster | None:
    """Return the live Postgres of a data folder."""
    lines = _lines(data)
    if not lines or not _is_postgres(lines[0], data):
        return None

    return Postmaster(
        pid=int(lines[0]),
        sockets=lines[4] if len(lines) > 4 else "",
        is_ready=len(lines) > 7 and lines[7].strip() == "ready",
    )


def forget_the_dead(data: Path, owner: Identity) -> None:
    """Keep the trace of a Postgres that was killed from stopping the next one."""
    lines = _lines(data)
    if not lines:
        (data / "postmaster.pid").unlink(missing_ok=True)
        return

    # The dead one's number may live on in a stranger, and Postgres would think it still runs.
    # Ours it takes for its parent's, and goes on to look for shared memory still in use.
    text = "\n".join([str(os.getpid()), *lines[1:], ""])
    private.write(data / "postmaster.pid", text, owner)


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_postgres(pid: str, data: Path) -> bool:
    # The number alone proves nothing: another process may have got it since.
    try:
        return bytes(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
