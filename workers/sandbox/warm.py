"""The warm parent: has the libraries imported, holds no secret, forks one child for each run.

Run as `python -m workers.sandbox.warm` by the worker, with an environment of its own. It never
sees code, data or names: a request is a slot and some descriptors.
"""

import array
import atexit
import gc
import json
import logging
import os
import select
import site
import socket
import sys
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from workers import opening
from workers.sandbox import (
    confine,
    folders,
    fonts,
    identity,
    installs,
    kernel,
    libraries,
    namespaces,
    practice,
    script,
    speed,
)
from workers.sandbox.speed import templates
from workers.sandbox.verdict import CONFINEMENT_FAILED

REQUEST_BYTES = 4096
HUGE_BYTES = 2 * 1024 * 1024
KEEP_BYTES = 32 * 1024 * 1024  # of freed memory a run keeps, and does not have zeroed anew
# A document is many objects that live until its end: looked through seldom.
GC_THRESHOLDS = (50_000, 20, 100)
DESCRIPTORS = 6  # directory, out, err, control, go, and the door of a cgroup where there is one


def main() -> None:
    """Become warm, say so, and fork until the worker hangs up."""
    wanted = json.loads(sys.argv[1])
    channel = socket.socket(fileno=wanted["channel"])
    os.set_inheritable(channel.fileno(), False)
    try:
        ground, has_namespaces = _warm_up(wanted)
    except BaseException as error:
        channel.send(json.dumps({"failed": f"{type(error).__name__}: {error}"[:500]}).encode())
        raise

    threads = len(os.listdir("/proc/self/task"))
    channel.send(json.dumps({"ready": threads, "namespaces": has_namespaces}).encode())
    Nursery(channel, ground).serve()


def _warm_up(wanted: dict[str, Any]) -> tuple[confine.Ground, bool]:
    layers = confine.Layers(**wanted["layers"])
    has_namespaces = layers.namespaces and namespaces.leave()
    identity.die_with_parent(wanted["worker"])  # which may die before this one listens to it
    identity.allow_inspection(False)
    identity.adopt_orphans()
    kernel.tune_malloc(arenas=2, keep_bytes=KEEP_BYTES)
    gc.set_threshold(*GC_THRESHOLDS)

    site.setquit()  # started without site, whose exit() and quit() scripts use
    share = fonts.open_folder(confine.FIRST_HIGH)
    os.environ.update(fonts.environment())  # noqa: TID251 - its own
    speed.apply()
    opening.load()
    libraries.load(wanted["preload"])
    fonts.teach_reportlab()
    practice.practise()
    templates.read()
    installs.answer()
    folders.install()
    _leave_the_project(wanted["project"], wanted["packages"])
    ground = confine.prepare(layers, wanted["home"], [*wanted["packages"], share])
    _forget_endings()
    script.settle()
    gc.collect()
    kernel.plug()
    gc.freeze()
    _collapse()

    return ground, has_namespaces


def _leave_the_project(project: str, packages: list[int]) -> None:
    # Scripts import from Python and its packages, in the order of a normal interpreter; and what
    # they write themselves, by names such as these.
    for name in [name for name in sys.modules if name.partition(".")[0] in ("db", "examples")]:
        del sys.modules[name]
    last = [f"/proc/self/fd/{fd}" for fd in packages]
    sys.path[:] = [entry for entry in sys.path if entry not in (project, *last)] + last


def _forget_endings() -> None:
    # What the libraries want to do at the end of this process is nothing to its children.
    atexit._clear()
    weakref.finalize._registry.clear()  # type: ignore[attr-defined]
    weakref.finalize._registered_with_atexit = False  # type: ignore[attr-defined]
    atexit.register(logging.shutdown)


def _collapse() -> None:
    # Forking copies the page tables and ending frees them: 512 times less for a huge page.
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, inode, *_ = line.split()
        start, end = (int(edge, 16) for edge in span.split("-"))
        first, last = -(-start // HUGE_BYTES) * HUGE_BYTES, end // HUGE_BYTES * HUGE_BYTES
        if rights == "rw-p" and inode == "0" and first < last:
            with suppress(OSError):  # an old kernel, or no huge page to be had
                kernel.collapse(first, last - first)


@dataclass(frozen=True, slots=True)
class _Child:
    run: int
    pid: int


class Nursery:
    """The children that live, and the channel to the worker."""

    def __init__(self, channel: socket.socket, ground: confine.Ground) -> None:
        self._channel = channel
        self._ground = ground
        self._children: dict[int, _Child] = {}
        self._poll = select.poll()

    def serve(self) -> None:
        """Fork on request and report each death, until the worker's end is closed."""
        self._poll.register(self._channel, select.POLLIN)
        try:
            while self._serve_events():
                continue
        except ConnectionError:
            return  # hung up between two words
        finally:
            self._kill_children()

    def _serve_events(self) -> bool:
        for fd, _ in self._poll.poll():
            if fd != self._channel.fileno():
                self._bury(fd)
            elif not self._answer():
                return False

        return True

    def _answer(self) -> bool:
        request, descriptors, _, _ = socket.recv_fds(self._channel, REQUEST_BYTES, DESCRIPTORS)
        if not request:
            return False

        wanted = json.loads(request)
        try:
            pid = os.fork()
        except OSError:  # this machine has no process or memory to spare
            self._tell({"run": wanted["run"], "exit": CONFINEMENT_FAILED, "cpu_seconds": 0})
        else:
            if pid == 0:
                self._become_child(wanted, descriptors)
            self._adopt(wanted["run"], pid)
        for fd in descriptors:
            os.close(fd)

        return True

    def _adopt(self, run: int, pid: int) -> None:
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = _Child(run, pid)
        self._poll.register(pidfd, select.POLLIN)
        self._tell({"run": run, "pid": pid}, pidfd)

    def _become_child(self, wanted: dict[str, Any], descriptors: list[int]) -> NoReturn:
        try:
            directory, *pipes = descriptors[:5]
            for door in descriptors[5:]:
                os.write(door, b"0")  # this process
            confine.confine(self._ground, wanted["slot"], directory, pipes)
            confine.seal(self._ground, script.await_word())
            script.run()
        except BaseException as error:
            reason = json.dumps({"sandbox": f"{type(error).__name__}: {error}"})
            os.write(confine.CONTROL, reason.encode() + b"\n")
        finally:
            os._exit(CONFINEMENT_FAILED)

    def _bury(self, pidfd: int) -> None:
        child = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(child.pid, 0)
        self._tell(
            {
                "run": child.run,
                "exit": os.waitstatus_to_exitcode(status),
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
            }
        )

    def _tell(self, message: dict[str, Any], *descriptors: int) -> None:
        fds = array.array("i", descriptors)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)] if descriptors else []
        self._channel.sendmsg([json.dumps(message).encode()], rights)

    def _kill_children(self) -> None:
        for child in self._children.values():
            os.kill(child.pid, 9)
            os.waitpid(child.pid, 0)


if __name__ == "__main__":
    main()
