"""A storm over streams: clients that come, go, freeze and resume, while everything else breaks."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from conformance.http import Answer, Http
from conformance.target import Broken, Stream
from db.jobs import Claim, NewJob
from db.pool import OUTAGE, Pool
from db.queue import Queue
from tests.factories import a_worker
from tests.server.conftest import Program, program

FAILURES = (OSError, EOFError, Broken, TimeoutError, ValueError)
TERMINATE = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'pressroom server%'"
)


@dataclass(slots=True)
class Client:
    """Follows one job to its end over whatever servers there are; notes what it was told."""

    job_id: str
    urls: Sequence[str]
    random: random.Random
    seqs: list[int] = field(default_factory=list)
    is_over: bool = False
    connects: int = 0
    sees: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        while not self.is_over:
            with suppress(*FAILURES):
                await self._connect()
            await asyncio.sleep(self.random.uniform(0, 0.1))

    async def _connect(self) -> None:
        seen = {"Last-Event-ID": str(self.seqs[-1])} if self.seqs else {}
        self.connects += 1
        http = Http(self.random.choice(self.urls), {})
        async with asyncio.timeout(10):
            answer = await http.ask("GET", f"/api/jobs/{self.job_id}/events", seen)
        try:
            assert answer.status != 204, "sent away before it was told the end"
            if answer.status == 200:
                await self._read(answer)
        finally:
            answer.close()

    async def _read(self, answer: Answer) -> None:
        stream = Stream(answer, 30)
        for _ in range(self.random.randint(1, 12)):  # then it drops
            state = await stream.state()
            self._note(state)
            if state["final"]:
                return
            if self.random.random() < 0.05:  # it freezes
                await asyncio.sleep(self.random.uniform(0.1, 1))

    def _note(self, state: dict[str, Any]) -> None:
        assert not self.is_over, "something came after the end"
        assert not self.seqs or state["seq"] >= self.seqs[-1], "an older state after a newer one"
        self.seqs.append(state["seq"])
        self.sees.set()
        self.is_over = state["final"]


class Storm:
    """Jobs that change, clients that watch them, and two servers that roll."""

    def __init__(self, database_url: str, pool: Pool, *, jobs: int, changes: int) -> None:
        self._database_url = database_url
        self._pool = pool
        self._queue = Queue(pool)
        self._worker = a_worker(slots=jobs)
        self._jobs, self._changes = jobs, changes
        self.servers: list[Program] = []

    async def rage(
        self, clients: int, woes: Sequence[Callable[[], Awaitable[None]]], seed: int
    ) -> list[Client]:
        """Let it pass; return what was seen when each client has seen the end of all its jobs."""
        dice = random.Random(seed)
        claims = await self._claim()
        urls = [server.url for server in self.servers]
        watching = [
            Client(str(claims[n % len(claims)].job_id), urls, random.Random(n))
            for n in range(max(clients, len(claims)))
        ]
        async with asyncio.TaskGroup() as tasks:
            for first in range(clients):
                tasks.create_task(_one_after_another(watching[first::clients]))
            for client in watching[:clients]:
                await client.sees.wait()  # else a busy machine is done before anybody looks
            for claim in claims:
                tasks.create_task(self._work(claim, random.Random(claim.job_id.int)))
            for woe in woes:
                await asyncio.sleep(dice.uniform(0.1, 0.5))
                await woe()

        return watching

    async def terminate(self) -> None:
        """Take the servers' connections away, the listeners among them."""
        with suppress(*OUTAGE):
            await self._pool.fetchval(TERMINATE)

    async def _claim(self) -> list[Claim]:
        await self._queue.heartbeat(self._worker, [])
        for _ in range(self._jobs):
            await self._queue.enqueue(NewJob(user_id="ada", job_type="pdf", payload={}))
        jobs, _ = await self._queue.claim(self._worker, ["pdf"], self._jobs)

        return [job.claim for job in jobs]

    async def _work(self, claim: Claim, dice: random.Random) -> None:
        for number in range(self._changes):
            await self._persist(
                lambda number=number: self._queue.report_progress(claim, message=str(number))  # type: ignore[misc]
            )
            await asyncio.sleep(dice.uniform(0, 0.05))
        await self._persist(lambda: self._queue.complete(claim, {}))

    async def _persist(self, write: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await write()
            except OUTAGE:
                await asyncio.sleep(0.05)
            else:
                return


async def _one_after_another(watching: Sequence[Client]) -> None:
    for client in watching:
        await client.run()


@asynccontextmanager
async def gathering(
    database_url: str, pool: Pool, *, jobs: int, changes: int
) -> AsyncIterator[Storm]:
    """A storm with two servers up."""
    storm = Storm(database_url, pool, jobs=jobs, changes=changes)
    async with program(database_url) as one, program(database_url) as other:
        storm.servers = [one, other]
        yield storm
