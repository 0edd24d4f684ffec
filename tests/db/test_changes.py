"""Notices: heard, shaped, and missed ones owned up to."""

import asyncio
from contextlib import asynccontextmanager

from db import changes
from db.changes import Listener
from db.jobs import NewJob, Status
from db.queue import Page


class Ears:
    """Collects what a listener hears; tests wait for it instead of sleeping."""

    def __init__(self) -> None:
        self.notices: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.resyncs: asyncio.Queue[None] = asyncio.Queue()

    async def next(self, channel: str) -> str:
        while True:
            heard, payload = await asyncio.wait_for(self.notices.get(), 5)
            if heard == channel:
                return payload


@asynccontextmanager
async def listening(url: str):
    ears = Ears()
    listener = Listener(
        url,
        name="test listener",
        on_notice=lambda channel, payload: ears.notices.put_nowait((channel, payload)),
        on_resync=lambda: ears.resyncs.put_nowait(None),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(listener.run())
        await asyncio.wait_for(ears.resyncs.get(), 5)
        yield ears
        running.cancel()


async def test_a_change_says_what_a_hub_needs_to_route_it(database_url, enqueue):
    async with listening(database_url) as ears:
        job = await enqueue(session_id="s")

        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert (change.job_id, change.seq, change.status) == (job.id, 1, Status.PENDING)
    assert len(change.user_route) == len(change.session_route) == 8


async def test_a_job_that_is_due_wakes_workers_and_a_later_one_does_not(
    database_url, pool, enqueue
):
    async with listening(database_url) as ears:
        await pool.execute(
            "INSERT INTO document_jobs (user_id, job_type, scheduled_at)"
            " VALUES ('ada', 'pdf', now() + interval '1 hour')"
        )
        await ears.next(changes.CHANGES)
        assert ears.notices.empty()

        await enqueue()
        assert await ears.next(changes.WAKE) == ""


async def test_thousands_in_one_statement_fit_into_their_notices(database_url, pool, queue):
    async with listening(database_url) as ears:
        await pool.execute(
            "INSERT INTO document_jobs (user_id, job_type, session_id)"
            " SELECT 'ada', 'pdf', 's' FROM generate_series(1, 1000)"
        )

        heard = set()
        while len(heard) < 1000:
            heard |= {c.job_id for c in changes.parse(await ears.next(changes.CHANGES))}

    assert heard == {job.id for job in await queue.list(Page(limit=1000))}


async def test_a_rolled_back_job_is_not_announced(database_url, pool, enqueue):
    async with listening(database_url) as ears:
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                "INSERT INTO document_jobs (user_id, job_type) VALUES ('ada', 'pdf')"
            )
            await transaction.rollback()
        job = await enqueue()

        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert change.job_id == job.id


async def test_a_heartbeat_and_an_empty_statement_notify_nobody(database_url, pool, queue, worker):
    async with listening(database_url) as ears:
        await queue.heartbeat(worker, [])
        await pool.execute("UPDATE document_jobs SET progress = 1 WHERE false")
        job = await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))

        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert change.job_id == job.id


async def test_a_killed_connection_is_replaced_and_a_resync_said(database_url, pool, enqueue):
    async with listening(database_url) as ears:
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'test listener' AND datname = current_database()"
        )

        await asyncio.wait_for(ears.resyncs.get(), 5)
        job = await enqueue()

        (change,) = changes.parse(await ears.next(changes.CHANGES))
    assert change.job_id == job.id
