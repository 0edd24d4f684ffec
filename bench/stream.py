"""How fast a change reaches those who watch, and what a stream costs.

The loop of the server runs beside the stock loop of sse-starlette in the same minutes: each tells
one frame of 200 bytes to all its streams. Then the whole path, from a commit to the bytes, on
a server of its own.

    ./dev bench stream --streams 1000 --idle 10000 --watchers 2000 --returns 5000 --drops 50000
"""

import argparse
import asyncio
import http.client
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bench.streams import Stream, Streams, cost
from db import migrate, settings
from db.embedded import Cluster
from db.jobs import Claim, NewJob
from db.pool import Pool, connect_pool
from db.queue import Queue, Worker
from tests.factories import a_worker

JOBS = 100
PACE_PER_SECOND = 200
MARK = re.compile(rb'"message":"n(\d+)"')
Row = tuple[str, ...]


def main() -> None:
    """Run the benchmark and print two tables."""
    asked = _parser().parse_args(sys.argv[2:])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    console = Console()
    console.print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")

    rows = [uvloop.run(_loop(name, asked.watchers, asked.rounds)) for name in ("ours", "stock")]
    table = Table("", "KiB a stream", "µs a frame", "ms to all, p50", "frames/s", box=None)
    for name, row in zip(("ours", "sse-starlette"), rows, strict=True):
        table.add_row(name, *(f"{value:.1f}" for value in row))
    ratios = (stock / own for own, stock in zip(rows[0][:3], rows[1][:3], strict=True))
    table.add_row("stock ÷ ours", *(f"{ratio:.1f}" for ratio in ratios))
    console.print(table)

    table = Table("", "", box=None)
    for row in uvloop.run(_path(asked)):
        table.add_row(*row)
    console.print(table)


async def _loop(name: str, count: int, rounds: int) -> tuple[float, float, float, float]:
    """KiB a stream, µs of CPU a frame, milliseconds to reach all, frames a second."""
    port = _free_port()
    server = _started("bench.stream_loops", name, str(port))
    try:
        await _listening(port)
        streams = Streams(f"http://127.0.0.1:{port}")
        await streams.add("/stream", 20)
        before = cost(server.pid)
        await streams.add("/stream", count)
        opened = cost(server.pid)
        teller = http.client.HTTPConnection("127.0.0.1", port)
        times = [await _tell(teller, streams) for _ in range(rounds)]
        told = cost(server.pid)
        streams.close()
    finally:
        server.kill()
        server.wait()

    frames = count * rounds
    return (
        (opened.memory_kib - before.memory_kib) / count,
        (told.cpu_seconds - opened.cpu_seconds) / frames * 1e6,
        statistics.median(times),
        frames / sum(times) * 1000,
    )


async def _tell(teller: http.client.HTTPConnection, streams: Streams) -> float:
    due = streams.frames + len(streams.open)
    begun = time.perf_counter()
    teller.request("POST", "/tell")
    teller.getresponse().read()
    await streams.until(lambda: streams.frames >= due)
    return (time.perf_counter() - begun) * 1000


class Bench:
    """A server of one's own, jobs that are under way, and somebody who changes them."""

    def __init__(self, url: str, server: subprocess.Popen[bytes], pool: Pool) -> None:
        self.url = url
        self.server = server
        self.pool = pool
        self.queue = Queue(pool)
        self.claims: list[Claim] = []

    async def claim(self, worker: Worker) -> None:
        await self.queue.heartbeat(worker, [])
        for _ in range(JOBS):
            await self.queue.enqueue(NewJob(user_id="local", job_type="pdf", payload={}))
        jobs, _ = await self.queue.claim(worker, ["pdf"], JOBS)
        self.claims = [job.claim for job in jobs]

    def path(self, number: int) -> str:
        return f"/api/jobs/{self.claims[number % len(self.claims)].job_id}/events"

    async def change(self, number: int, *, of: int = JOBS) -> float:
        """Change one of the first jobs; the moment at which its commit was known."""
        claim = self.claims[number % of]
        await self.queue.report_progress(claim, message=f"n{number}")
        return time.perf_counter()


async def _path(asked: argparse.Namespace) -> list[Row]:
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(Path(directory) / "postgres", settings.load({}).postgres_bin)
        cluster.start(durable=True)
        try:
            await migrate.upgrade(cluster.url)
            rows: list[Row] = []
            async with _serving(cluster.url) as bench:
                rows += await _latency(bench, asked.streams, asked.seconds)
                rows += await _to_all(bench, asked.watchers)
                rows += await _return(bench, asked.returns)
                rows += await _drops(bench, asked.drops)
            async with _serving(cluster.url) as bench:
                rows += await _idle(bench, asked.idle)
            async with _serving(cluster.url) as bench:
                rows += await _end(bench, asked.returns)
            return rows
        finally:
            cluster.stop()


@asynccontextmanager
async def _serving(database_url: str) -> AsyncIterator[Bench]:
    port = _free_port()
    told = {
        "DATABASE_URL": database_url,
        "PRESSROOM_PORT": str(port),
        "PRESSROOM_STREAMS_PER_USER": "1000000",
    }
    server = _started("server", **told)
    try:
        await _listening(port)
        async with await connect_pool(database_url, name="bench", size=2) as pool:
            bench = Bench(f"http://127.0.0.1:{port}", server, pool)
            await bench.claim(a_worker(slots=JOBS))
            yield bench
    finally:
        server.kill()
        server.wait()


async def _latency(bench: Bench, count: int, seconds: float) -> list[Row]:
    heard: dict[int, list[float]] = {}

    def note(_stream: Stream, data: bytes) -> None:
        for number in MARK.findall(data):
            heard.setdefault(int(number), []).append(time.perf_counter())

    streams = Streams(bench.url, note)
    for number in range(count):
        await streams.add(bench.path(number))
    committed = {}
    begun = time.perf_counter()
    for number in range(1, int(PACE_PER_SECOND * seconds)):
        await asyncio.sleep(max(begun + number / PACE_PER_SECOND - time.perf_counter(), 0))
        committed[number] = await bench.change(number, of=min(count, JOBS))
    await asyncio.sleep(1)
    streams.close()

    late = [(at - committed[n]) * 1000 for n, ats in heard.items() if n in committed for at in ats]
    name = f"commit to bytes, {count} streams, {PACE_PER_SECOND} changes/s"
    return [(name, _spread(late)), ("  of the changes, told", f"{len(heard) / len(committed):.1%}")]


async def _to_all(bench: Bench, count: int) -> list[Row]:
    streams = Streams(bench.url)
    await streams.add(bench.path(0), count)
    times = []
    for number in range(10):
        due = streams.frames + count
        at = await bench.change(number * JOBS)
        await streams.until(lambda due=due: streams.frames >= due)  # type: ignore[misc]
        times.append((time.perf_counter() - at) * 1000)
    streams.close()

    return [(f"one change to {count} watchers", _spread(times))]


async def _return(bench: Bench, count: int, within: float = 10) -> list[Row]:
    streams = Streams(bench.url)
    before = await _transactions(bench)
    begun = time.perf_counter()
    opening = []
    for number in range(count):
        await asyncio.sleep(max(begun + number * within / count - time.perf_counter(), 0))
        opening.append(asyncio.create_task(streams.add(bench.path(number))))
    made = [stream for (stream,) in await asyncio.gather(*opening)]
    asked = await _transactions(bench) - before
    streams.close()

    first = [(stream.first_at - stream.asked_at) * 1000 for stream in made]
    name = f"first byte, {count} connects in {within:g} s"
    return [(name, _spread(first)), ("  transactions in the database", str(asked))]


async def _drops(bench: Bench, count: int) -> list[Row]:
    streams = Streams(bench.url)
    before = None
    for done in range(0, count, 500):
        await streams.add(bench.path(done), 500)
        streams.close()
        before = before or (await _rest(bench) and cost(bench.server.pid))
    await _rest(bench)
    after = cost(bench.server.pid)
    if before is None:
        return []

    grown = f"{(after.memory_kib - before.memory_kib) / before.memory_kib:+.1%} of memory"
    return [(f"{count} connects and drops", f"{grown}, {after.files - before.files:+d} files")]


async def _idle(bench: Bench, count: int, seconds: float = 10) -> list[Row]:
    streams = Streams(bench.url)
    await streams.add(bench.path(0), 20)
    before = cost(bench.server.pid)
    await streams.add(bench.path(0), count)
    opened = cost(bench.server.pid)
    await asyncio.sleep(seconds)
    rested = cost(bench.server.pid)
    streams.close()

    kib = (opened.memory_kib - before.memory_kib) / count
    core = (rested.cpu_seconds - opened.cpu_seconds) / seconds
    return [(f"{count} idle streams", f"{kib:.1f} KiB each, {core:.1%} of a core")]


async def _end(bench: Bench, count: int) -> list[Row]:
    streams = Streams(bench.url)
    await streams.add(bench.path(0), count)
    made = list(streams.open)
    begun = time.perf_counter()
    bench.server.send_signal(signal.SIGTERM)
    await streams.until(lambda: not any(stream.is_open for stream in made))
    ended = time.perf_counter() - begun
    bench.server.wait(30)
    gone = time.perf_counter() - begun
    whole = sum(stream.is_whole for stream in made)

    return [(f"SIGTERM, {count} streams", f"{ended:.2f} s, gone in {gone:.2f} s, {whole} whole")]


async def _rest(bench: Bench) -> bool:
    """Wait until the server has noticed that everybody hung up."""
    while cost(bench.server.pid).files > 100:
        await bench.queue.census()

    return True


async def _transactions(bench: Bench) -> int:
    return int(
        await bench.pool.fetchval(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )
    )


def _started(*command: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        env=settings.child_environment(**environment),
        stderr=subprocess.DEVNULL,
    )


def _spread(milliseconds: Sequence[float]) -> str:
    late = statistics.quantiles(milliseconds, n=100)[98]
    return f"p50 {statistics.median(milliseconds):.1f} ms, p99 {late:.1f} ms"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def _listening(port: int) -> None:
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        await asyncio.sleep(0.05)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./dev bench stream", description=__doc__)
    parser.add_argument("--watchers", type=int, default=500, help="of one frame")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--streams", type=int, default=200, help="beside the changes")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--returns", type=int, default=500, help="connects in ten seconds")
    parser.add_argument("--drops", type=int, default=2000)

    return parser
