"""The worker's hold on a warm parent: start it, ask it for children, hear of their deaths."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from fcntl import F_DUPFD_CLOEXEC, fcntl
from pathlib import Path
from typing import Any, Self

from workers.sandbox.cgroups import Groups
from workers.sandbox.child import Child, Exit, ParentLost
from workers.sandbox.confine import FIRST_HIGH, Layers
from workers.sandbox.directories import DIRECTORY, Descriptor
from workers.sandbox.script import ENVIRONMENT

START_SECONDS = 60
BIRTH_SECONDS = 30
REPLY_BYTES = 4096
PROJECT = Path(__file__).parents[2]


class WarmParent:
    """A process with the libraries imported that forks a confined child on request."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", channel: socket.socket, groups: Groups | None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.asked = 0
        self.lost = False
        self.has_namespaces = False
        self._process = process
        self._channel = channel
        self._groups = groups
        self._children: dict[int, Child] = {}
        self._retired = False
        self._ready: asyncio.Future[int] = loop.create_future()
        loop.add_reader(channel, self._hear)

    @classmethod
    async def start(
        cls,
        layers: Layers,
        scratch: Path,
        preload: Sequence[str] = (),
        groups: Groups | None = None,
    ) -> Self:
        """Start one and wait until it is warm; ParentLost when it does not come up."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            parent = cls(_spawn(theirs, layers, scratch, preload), ours, groups)

        try:
            async with asyncio.timeout(START_SECONDS):
                threads = await parent._ready
        except BaseException as error:
            await parent.stop()
            if isinstance(error, TimeoutError):
                raise ParentLost(f"the warm parent took over {START_SECONDS} seconds") from None
            raise
        if threads != 1:
            await parent.stop()
            raise ParentLost(f"the warm parent has {threads} threads; forking needs exactly 1")

        return parent

    async def child(self, directory: Path, slot: int) -> Child:
        """Fork a child into a directory; ParentLost when there is nobody to fork."""
        if self.lost:
            raise ParentLost("the warm parent is dead")

        pipes = [os.pipe2(os.O_CLOEXEC) for _ in range(4)]
        (out, out_w), (err, err_w), (control, control_w), (go_r, go) = pipes
        for fd in (out, err, control, go):
            os.set_blocking(fd, False)
        group = None if self._groups is None else self._groups[slot]
        child = Child(out, err, control, go, group)
        self.asked += 1
        number = self.asked
        self._children[number] = child
        request = json.dumps({"run": number, "slot": slot}).encode()
        theirs = (out_w, err_w, control_w, go_r)
        try:
            with Descriptor(os.open(directory, DIRECTORY)) as opened:
                doors = [] if group is None else [group.door]
                socket.send_fds(self._channel, [request], [opened, *theirs, *doors])
        except OSError:
            self._lose()
        finally:
            for fd in theirs:
                os.close(fd)

        return await self._born(child)

    def retire(self) -> None:
        """Let it end when its last child has."""
        self._retired = True
        self._end_if_idle()

    async def stop(self) -> None:
        """Hang up, which kills its children and itself."""
        self._lose()
        for child in list(self._children.values()):
            await child.wait()
        await asyncio.to_thread(self._process.wait)

    async def _born(self, child: Child) -> Child:
        try:
            async with asyncio.timeout(BIRTH_SECONDS):
                await asyncio.shield(child.born)
        except TimeoutError:
            self._lose()
        if child.born.exception() is not None:
            child.close()

        await child.born
        return child

    def _hear(self) -> None:
        try:
            reply, descriptors, _, _ = socket.recv_fds(self._channel, REPLY_BYTES, 1)
        except ConnectionError:
            reply, descriptors = b"", []
        if reply:
            self._note(json.loads(reply), descriptors)
        else:
            self._lose()

    def _note(self, message: dict[str, Any], descriptors: list[int]) -> None:
        match message:
            case {"ready": threads, "namespaces": has_namespaces}:
                self.has_namespaces = has_namespaces
                self._ready.set_result(threads)
            case {"failed": reason}:
                self._ready.set_exception(ParentLost(f"the warm parent failed: {reason}"))
            case {"run": run, "pid": pid}:
                self._children[run].be_born(pid, descriptors[0])
            case {"run": run, "exit": status, "cpu_seconds": seconds}:
                self._children.pop(run).end(Exit(status=status, cpu_seconds=seconds))
                self._end_if_idle()

    def _end_if_idle(self) -> None:
        if self._retired and not self._children:
            self._lose()

    def _lose(self) -> None:
        if self.lost:
            return

        self.lost = True
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()
        self._process.kill()
        if not self._ready.done():
            self._ready.set_exception(ParentLost("the warm parent ended while it was warming up"))
            self._ready.exception()
        for child in self._children.values():
            child.end(None)


def _spawn(
    channel: socket.socket, layers: Layers, scratch: Path, preload: Sequence[str]
) -> "subprocess.Popen[bytes]":
    # Python finds itself and its packages through descriptors that stay open: a run that has
    # lost root still reaches them when they lie in a home that is closed to others.
    home, *packages = [_opened(path) for path in (Path(sys.base_prefix), *_package_folders())]
    wanted = {
        "worker": os.getpid(),
        "channel": channel.fileno(),
        "layers": asdict(layers),
        "home": home,
        "packages": packages,
        "project": str(PROJECT),
        "preload": list(preload),
    }
    path = [*(f"/proc/self/fd/{fd}" for fd in packages), str(PROJECT)]
    flags = ("-S", "-s", "-P", "-X", "utf8")
    try:
        return subprocess.Popen(
            [sys.executable, *flags, "-m", f"{__package__}.warm", json.dumps(wanted)],
            env={
                **ENVIRONMENT,
                "HOME": str(scratch),
                "TMPDIR": str(scratch),
                "PYTHONHOME": f"/proc/self/fd/{home}",
                "PYTHONPATH": ":".join(path),
            },
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            pass_fds=(channel.fileno(), home, *packages),
            start_new_session=True,
        )
    finally:
        for fd in (home, *packages):
            os.close(fd)


def _opened(path: Path) -> int:
    with Descriptor(os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)) as fd:
        return fcntl(
            fd, F_DUPFD_CLOEXEC, FIRST_HIGH
        )  # clear of the numbers that a run's pipes take


def _package_folders() -> list[Path]:
    named = [
        Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))
    ]
    return [folder for folder in named if folder.is_dir()]
