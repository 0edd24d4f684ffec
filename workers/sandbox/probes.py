"""Attacks on the sandbox, run as a script inside of it whenever a warm parent has come up.

DATA names the targets. Prints {probe: "blocked" | "open" | what else happened} as JSON.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS)
TOO_MUCH = 3 << 29  # more than LIMITS of the self-test allow, and no page of it is touched
PATIENCE_SECONDS = 10.0

Attempts = dict[str, Callable[[], object]]


def attack(target: dict[str, Any]) -> dict[str, str]:
    """Try everything that must fail, then everything that must work."""
    attempts = files(target) | talk(target) | processes(target) | controls()
    return {name: outcome(attempt) for name, attempt in attempts.items()}


def outcome(attempt: Callable[[], object]) -> str:
    """Say what came of an attempt; only the kernel's refusal counts as blocked."""
    try:
        attempt()
    except OSError as error:
        return "blocked" if error.errno in REFUSED else repr(error)
    except Exception as error:
        return repr(error)

    return "open"


def files(target: dict[str, Any]) -> Attempts:
    """Reach what lies outside of the run's own directory."""
    worker, canary = target["worker"], target["canary"]
    return {
        "environment": lambda: environment(target["names"]),
        "own_environment": lambda: read("/proc/self/environ"),
        "worker_environment": lambda: read(f"/proc/{worker}/environ"),
        "worker_memory": lambda: read(f"/proc/{worker}/mem"),
        "root": lambda: read(f"/proc/self/root{canary}"),
        "root_by_descriptor": lambda: os.open(canary[1:], 0, dir_fd=os.open("/", os.O_PATH)),
        "canary": lambda: read(canary),
        "other_run": lambda: os.listdir(target["other_run"]),
        "remove": lambda: os.unlink(target["prey"]),
        "move": lambda: os.rename(target["prey"], "moved"),
        "write_outside": lambda: write(target["outside"]),
        "symbolic_link": lambda: os.symlink("/etc/passwd", "link"),
        "hard_link": hard_link,
        "fifo": lambda: os.mkfifo("fifo"),
        "mode": lambda: mode(canary),
    }


def talk(target: dict[str, Any]) -> Attempts:
    """Reach anybody by a socket."""
    here, there = ("127.0.0.1", target["tcp"]), ("127.0.0.1", target["udp"])
    return {
        "tcp": lambda: socket.create_connection(here, 1),
        "tcp_server": lambda: socket.create_server(("127.0.0.1", 0)),
        "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", there),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect(target["socket"]),
        "datagram": lambda: datagram(target["socket"]),
    }


def processes(target: dict[str, Any]) -> Attempts:
    """Become more than one process, or touch another."""
    worker = target["worker"]
    return {
        "fork": fork,
        "exec": lambda: subprocess.run(["/bin/sh", "-c", ":"], check=False),
        "memory_file": lambda: os.memfd_create("x"),
        "kill": lambda: os.kill(worker, 0),
        "kill_all": lambda: os.kill(-1, 0),
        "signal_by_descriptor": lambda: fcntl.fcntl(1, fcntl.F_SETOWN, worker),
        "trace": lambda: call(ctypes.CDLL(None, use_errno=True).ptrace, 16, worker, 0, 0),
        "limits_of_worker": lambda: resource.prlimit(worker, resource.RLIMIT_NOFILE),
        "limits_of_its_own": lambda: resource.prlimit(0, resource.RLIMIT_CORE, (0, 0)),
        "memory": memory,
        "descriptors": descriptors,
    }


def controls() -> Attempts:
    """What documents are made with: a sandbox that blocks all of it proves nothing."""
    return {
        "temporary_file": temporary_file,
        "thread": thread,
        "workbook": workbook,
        "library_data": library_data,
    }


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


def hard_link() -> None:
    """Give a file a second name."""
    write("named")
    os.link("named", "named-again")


def mode(path: str) -> None:
    """Let everybody read a file; the answer is a pretence, so the worker looks."""
    os.chmod(path, 0o644)
    raise PermissionError(errno.EPERM, "pretended")


def datagram(path: str) -> None:
    """Reach a unix socket without connect()."""
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.sendto(b"x", path)


def fork() -> None:
    """Become two."""
    if os.fork() == 0:
        os._exit(0)


def call(function: Callable[..., int], *arguments: int) -> None:
    """Call a C function that says -1 and errno."""
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def memory() -> None:
    """Map more than the limit."""
    try:
        mmap.mmap(-1, TOO_MUCH).close()
    except OSError as error:
        raise PermissionError(errno.EPERM, "too much") from error


def descriptors() -> None:
    """Look for a descriptor that can be read: pipes and folders of libraries are none."""
    for fd in range(5, 1024):
        try:
            os.read(fd, 1)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise RuntimeError(f"{fd}: {error}") from None
        else:
            return
    raise PermissionError(errno.EPERM, "none")


def temporary_file() -> None:
    """Write a file that has no name."""
    with tempfile.TemporaryFile() as file:
        file.write(b"x")


def thread() -> None:
    """Start a thread and wait for it."""
    done = threading.Event()
    started = threading.Thread(target=done.set)
    started.start()
    started.join(PATIENCE_SECONDS)
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


def wait_until_seen(path: str) -> None:
    """Live until the worker has looked at this process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(0.002)


if __name__ == "__main__":
    globals()["progress"](0)
    print(json.dumps(attack(globals()["DATA"])))
    wait_until_seen(globals()["DATA"]["seen"])
