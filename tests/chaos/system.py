"""Postgres, a TCP proxy before it, a server and two workers, all minded by `up`."""

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from db import settings
from db.embedded import Cluster
from pressroom import up
from pressroom.up import System
from pressroom.up.program import Program
from tests.proxy import Proxy, proxied

WORKERS = ("worker", "worker-2")
PROGRAMS = (
    Program(name="server", arguments=("-m", "server")),
    *(Program(name=name, arguments=("-m", "workers")) for name in WORKERS),
)


class Postgres:
    """The cluster; it ends with the thread that started it, so one thread does all of it."""

    def __init__(self, directory: Path) -> None:
        self.cluster = Cluster(directory)
        self._thread = ThreadPoolExecutor(1, "postgres")

    def __enter__(self) -> "Postgres":
        self._thread.submit(self._start).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.submit(self.cluster.stop).result()
        self._thread.shutdown()

    @property
    def pid(self) -> int:
        assert self.cluster.process is not None
        return self.cluster.process.pid

    async def start(self) -> None:
        await asyncio.wrap_future(self._thread.submit(self._start))

    async def stop(self, how: int) -> None:
        """End it by a signal: SIGINT is fast, SIGQUIT immediate."""
        await asyncio.wrap_future(self._thread.submit(self._stop, how))

    def _start(self) -> None:
        self.cluster.start()  # durable: 202 means committed

    def _stop(self, how: int) -> None:
        assert self.cluster.process is not None
        self.cluster.process.send_signal(how)
        self.cluster.process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """What faults are thrown at."""

    postgres: Postgres
    proxy: Proxy
    system: System
    scratch: Path
    lease_seconds: float

    @property
    def url(self) -> str:
        """The way to Postgres that no fault is on."""
        return self.postgres.cluster.url

    def pid(self, name: str) -> int | None:
        return self.system.pid(name)

    def warm_parent(self, worker: str) -> int | None:
        """The warm parent of a worker's children."""
        pid = self.pid(worker)
        warm = [p for p in descendants(pid) if "sandbox.warm" in command(p)] if pid else []
        return warm[0] if warm else None


@contextmanager
def small_folder() -> Iterator[Path | None]:
    """A folder that 64 MiB fill; None where we may not mount one."""
    with TemporaryDirectory(prefix="pressroom-small-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", folder]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            yield None
            return

        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def victim(
    directory: Path, *, lease_seconds: float, scratch: Path | None = None
) -> Iterator[Victim]:
    """Everything up; afterwards every process is gone."""
    scratch = scratch or directory / "data"
    told = {
        "PRESSROOM_DATA_DIR": str(scratch),
        "PRESSROOM_WORKER_CONCURRENCY": "2",
        "PRESSROOM_LEASE_SECONDS": str(lease_seconds),
    }
    with (
        Postgres(directory / "postgres") as postgres,
        _proxy(postgres.cluster.url) as (proxy, url),
        up.running(
            replace(settings.load({}), database_url=url, data_dir=scratch, port=0),
            programs=PROGRAMS,
            environment=told,
        ) as system,
    ):
        yield Victim(
            postgres=postgres,
            proxy=proxy,
            system=system,
            scratch=scratch,
            lease_seconds=lease_seconds,
        )


@contextmanager
def _proxy(url: str) -> Iterator[tuple[Proxy, str]]:
    """The proxy in a thread of its own: the programs start while ours waits for them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy")
    thread.start()
    context: Any = proxied(url)
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def descendants(pid: int) -> list[int]:
    """Every process under this one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
