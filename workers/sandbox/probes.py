"""Attacks on the sandbox, run as a script inside of it when a worker starts.

DATA names the targets. Prints {probe: "blocked" | "open" | what else happened} as JSON.
"""

import errno
import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import Any

REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS)


def attack(target: dict[str, Any]) -> dict[str, str]:
    """Try everything that must fail, then everything that must work."""
    worker = target["worker"]
    attempts: dict[str, Callable[[], object]] = {
        "environment": lambda: environment(target["names"]),
        "worker_environment": lambda: read(f"/proc/{worker}/environ"),
        "worker_memory": lambda: read(f"/proc/{worker}/mem"),
        "canary": lambda: read(target["canary"]),
        "other_run": lambda: os.listdir(target["other_run"]),
        "write_outside": lambda: write(target["outside"]),
        "tcp": lambda: socket.create_connection(("127.0.0.1", target["port"]), 1),
        "datagram": lambda: datagram(target["socket"]),
        "fork": fork,
        "exec": lambda: subprocess.run(["/bin/sh", "-c", ":"], check=False),
        "kill": lambda: os.kill(worker, 0),
        "limits_of_worker": lambda: limits(worker),
    }
    controls: dict[str, Callable[[], object]] = {
        "temporary_file": temporary_file,
        "thread": thread,
        "workbook": workbook,
        "library_data": library_data,
    }

    return {name: outcome(attempt) for name, attempt in (attempts | controls).items()}


def outcome(attempt: Callable[[], object]) -> str:
    """Say what came of an attempt; only the kernel's refusal counts as blocked."""
    try:
        attempt()
    except OSError as error:
        return "blocked" if error.errno in REFUSED else repr(error)
    except Exception as error:
        return repr(error)

    return "open"


def environment(allowed: list[str]) -> None:
    """Look for anything that came from the worker."""
    if set(os.environ) <= set(allowed):  # noqa: TID251 - what the run sees of it
        raise PermissionError(errno.EPERM, "nothing there")


def read(path: str) -> bytes:
    """Read a little."""
    with open(path, "rb") as file:
        return file.read(16)


def write(path: str) -> None:
    """Leave a file."""
    with open(path, "w") as file:
        file.write("x")


def datagram(path: str) -> None:
    """Reach a unix socket without connect()."""
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.sendto(b"x", path)


def fork() -> None:
    """Become two."""
    if os.fork() == 0:
        os._exit(0)


def limits(worker: int) -> None:
    """Reach for the worker's limits."""
    import resource  # not at the top: a run has no other use for it

    resource.prlimit(worker, resource.RLIMIT_NOFILE)


def temporary_file() -> None:
    """Write a file that has no name."""
    with tempfile.TemporaryFile() as file:
        file.write(b"x")


def thread() -> None:
    """Start a thread and wait for it."""
    done = threading.Event()
    started = threading.Thread(target=done.set)
    started.start()
    started.join(5)
    if not done.is_set():
        raise RuntimeError("the thread did not run")


def workbook() -> None:
    """Write the document that the worker will look for."""
    import openpyxl  # has been imported by the warm parent

    openpyxl.Workbook().save(globals()["OUTPUT_PATH"])


def library_data() -> None:
    """Read what libraries read late: a module and a template."""
    import wave  # nobody has imported it yet: it must be read now

    import docx

    if not wave.__file__:
        raise RuntimeError("no file")
    docx.Document()


if __name__ == "__main__":
    print(json.dumps(attack(globals()["DATA"])))
