"""The worker's hold on one child of a warm parent: let it run, kill it, learn of its death."""

import asyncio
import os
import signal
import termios
from contextlib import suppress
from dataclasses import dataclass, replace
from fcntl import ioctl

from workers.sandbox import haste
from workers.sandbox.cgroups import Group


class ParentLost(Exception):
    """The warm parent died, or did not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """What the kernel said of a child: status is negative for a signal.

    It is starved when its cgroup was out of memory.
    """

    status: int
    cpu_seconds: float
    starved: bool = False


class Child:
    """One process, confined and waiting for its job."""

    def __init__(
        self, out: int, err: int, control: int, go: int, group: Group | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.out, self.err, self.control = out, err, control
        self.pid = 0
        self.born: asyncio.Future[None] = loop.create_future()
        self._go = go
        self._told = False
        self._fds = [out, err, control, go]
        self._pidfd = -1
        self._group = group
        self._dead: asyncio.Future[None] = loop.create_future()
        self._exit: asyncio.Future[Exit | None] = loop.create_future()

    def go(self, word: bytes) -> None:
        """Let it read its job, with the limits; a dead child is noticed by wait()."""
        try:
            os.write(self._go, word + b"!")
            self._told = True
        except BrokenPipeError:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, at once, to exactly this process."""
        if self._pidfd < 0:
            return
        with suppress(ProcessLookupError):  # dead already
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            haste.let_die(self.pid)

    async def wait(self) -> Exit | None:
        """Wait for the death; None when the warm parent died too and nobody knows the status."""
        await asyncio.shield(self._dead)
        exit = await asyncio.shield(self._exit)
        if self._group is not None and not self._group.is_empty:
            await asyncio.to_thread(self._group.kill)  # what it became, or left behind

        return exit

    @property
    def released(self) -> bool:
        """Whether it took the whole word, which it does when it is sealed and before any code runs.

        Only until close(). What it says and how it ends after this may be the code's doing.
        """
        unread = ioctl(self._go, termios.FIONREAD, bytes(4))
        return self._told and not any(unread)

    @property
    def alive(self) -> bool:
        """Whether it may still be given a job."""
        return self.born.done() and not self._dead.done() and not self._exit.done()

    def be_born(self, pid: int, pidfd: int) -> None:
        """Learn who it is."""
        self.pid, self._pidfd = pid, pidfd
        self._fds.append(pidfd)
        asyncio.get_running_loop().add_reader(pidfd, self._die)
        if not self.born.done():
            self.born.set_result(None)

    def end(self, exit: Exit | None) -> None:
        """Learn how it ended; without a warm parent it must end, and nobody says how."""
        if exit is not None and exit.status == -signal.SIGKILL and self._group is not None:
            exit = replace(exit, starved=self._group.has_starved())
        if not self._exit.done():
            self._exit.set_result(exit)
        if exit is None:
            self.kill()
        if not self.born.done():
            self.born.set_exception(ParentLost("the warm parent could not fork"))
            self.born.exception()
            self._die()

    def close(self) -> None:
        """Give back the descriptors of a child that is dead."""
        fds, self._fds = self._fds, []
        for fd in fds:
            os.close(fd)
        self._pidfd = -1

    def _die(self) -> None:
        if self._pidfd >= 0:
            asyncio.get_running_loop().remove_reader(self._pidfd)
        if not self._dead.done():
            self._dead.set_result(None)
