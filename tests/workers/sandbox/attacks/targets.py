"""What attackers are after, set up beside a sandbox, and whether they got it."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from workers.sandbox.parent import PROJECT

# A root that still has them is out of reach for a run that has not, whatever the layers.
_WITHOUT_CAPABILITIES = (
    ("/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
)


class Targets:
    """What attackers are after, and whether they got it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        for name in ("canary", "prey", "doomed", "moved", "stolen"):
            (folder / name).write_text("a secret")
            (folder / name).chmod(0o600)
        (folder / "empty").mkdir()
        self.listeners = {
            "tcp": stack.enter_context(socket.create_server(("127.0.0.1", 0))),
            "udp": _bound(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "stream": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
            "datagram": _bound(stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "d")),
            "abstract": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}"),
            "abstract_bell": _bound(stack, socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{folder}/b"),
        }
        self.listeners["stream"].listen()
        self.listeners["abstract"].listen()
        self.victim = stack.enter_context(_echoing())

    @property
    def named(self) -> dict[str, Any]:
        """Their names, spelled so that nothing leads an attacker elsewhere: /tmp is a run's own."""
        files = ("canary", "prey", "doomed", "moved", "stolen", "empty")
        return {
            **{name: f"/proc/..{self.folder}/{name}" for name in files},
            "other": f"/proc/..{self.folder}",
            "victim": self.victim.pid,
            "source": f"/proc/..{PROJECT}/db/settings.py",
            "tcp": self.listeners["tcp"].getsockname()[1],
            "udp": self.listeners["udp"].getsockname()[1],
            "stream": str(self.folder / "s"),
            "datagram": str(self.folder / "d"),
            "abstract": f"\0{self.folder}",
            "abstract_bell": f"\0{self.folder}/b",
        }

    def seen_from_outside(self) -> dict[str, Any]:
        """Everything an attack might have changed."""
        status = Path(f"/proc/{self.victim.pid}/stat").read_text().split()
        paths = sorted(self.folder.iterdir())
        return {
            "files": [(path.name, path.stat().st_mode, path.stat().st_mtime) for path in paths],
            "texts": [path.read_text() for path in paths if path.is_file()],
            "victim": (self.victim.poll(), status[18], status[40]),
            "limits": Path(f"/proc/{self.victim.pid}/limits").read_text(),
            "cores": os.sched_getaffinity(self.victim.pid),
            "heard": [name for name, plug in self.listeners.items() if _has_heard(plug)],
        }


@contextmanager
def _echoing() -> Iterator["subprocess.Popen[bytes]"]:
    command = [*_WITHOUT_CAPABILITIES, "cat"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={"SECRET": "1"}, stdin=pipe, stdout=pipe) as cat:
        assert cat.stdin
        assert cat.stdout
        cat.stdin.write(b"!")
        cat.stdin.flush()
        cat.stdout.read(1)  # by now the capabilities are gone
        yield cat
        cat.kill()


def _bound(stack: ExitStack, family: int, kind: int, address: Any) -> socket.socket:
    plug = stack.enter_context(socket.socket(family, kind))
    plug.bind(address)
    return plug


def _has_heard(plug: socket.socket) -> bool:
    plug.setblocking(False)
    try:
        if plug.type == socket.SOCK_STREAM:
            plug.accept()[0].close()
        else:
            plug.recv(1)
    except BlockingIOError:
        return False

    return True
