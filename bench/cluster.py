"""A durable Postgres of the benchmark's own, and what it and this process spend."""

import os
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db import migrate
from db.embedded import Cluster
from db.pool import connect

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def durable() -> Iterator[Cluster]:
    """A cluster with fsync, as people run it; gone at the end."""
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(Path(directory))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@asynccontextmanager
async def database(cluster: Cluster, name: str, *, migrated: bool = True) -> AsyncIterator[str]:
    """A fresh database; yields its url."""
    server = await connect(cluster.url, name="bench")
    await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await server.execute(f"CREATE DATABASE {name}")
    try:
        url = cluster.url.replace("/pressroom?", f"/{name}?")
        if migrated:
            await migrate.upgrade(url)
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of this process and of Postgres."""

    client: float
    server: float

    @classmethod
    def so_far(cls, cluster: Cluster) -> "Spent":
        own = resource.getrusage(resource.RUSAGE_SELF)
        return cls(own.ru_utime + own.ru_stime, _of_server(cluster))

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.client - before.client, self.server - before.server)


@dataclass(frozen=True, slots=True)
class Run:
    """One drain: jobs a second, and CPU milliseconds a job."""

    rate: float
    client_ms: float
    server_ms: float


class Stopwatch:
    """Measures what stands between its begin and its end."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._spent = Spent.so_far(cluster)
        self._begun = time.perf_counter()

    def run(self, jobs: int, client_seconds: float | None = None) -> Run:
        """What so many jobs took until now; a client that is another process tells its own CPU."""
        seconds = time.perf_counter() - self._begun
        spent = Spent.so_far(self._cluster).since(self._spent)
        client = spent.client if client_seconds is None else client_seconds
        return Run(jobs / seconds, client / jobs * 1000, spent.server / jobs * 1000)


def _of_server(cluster: Cluster) -> float:
    assert cluster.process
    seconds = 0.0
    family = {cluster.process.pid}
    for entry in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) in family or int(fields[1]) in family:
            family.add(int(entry.name))
            # With those that have ended and were waited for.
            seconds += sum(map(int, fields[11:15])) / TICKS

    return seconds
