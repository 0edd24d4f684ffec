"""Notices: heard, shaped, and missed ones owned up to."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from db import changes
from db.changes import Listener
from db.jobs import NewJob, Status
from db.pool import OUTAGE, connect_pool, cut
from db.queue import Page
from tests.proxy import proxied


class Ears:
    """Collects what a listener hears; tests wait for it instead of sleeping."""

    def __init__(self) -> None:
        self.notices: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.resyncs: asyncio.Queue[None] = asyncio.Queue()
        self.silence = asyncio.Event()

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
        name="test",
        on_notice=lambda channel, payload: ears.notices.put_nowait((channel, payload)),
        on_resync=lambda: ears.resyncs.put_nowait(None),
        on_silence=ears.silence.set,
    )
    ears.listener = listener
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


@pytest.fixture
def impatient(monkeypatch):
    """Checks follow each other at once: what takes seconds by design takes a moment here."""
    monkeypatch.setattr(changes, "CHECK_INTERVAL", timedelta(milliseconds=50))
    monkeypatch.setattr(changes, "CANARY_TIMEOUT", timedelta(milliseconds=500))
    monkeypatch.setattr(changes, "CHECK_TIMEOUT", timedelta(milliseconds=500))


@pytest.fixture
def connections(monkeypatch):
    """The connections that listeners open, as they open them."""
    opened = asyncio.Queue()

    async def connect(*arguments, **options):
        opened.put_nowait(connection := await genuine(*arguments, **options))
        return connection

    genuine = changes.connect
    monkeypatch.setattr(changes, "connect", connect)
    return opened


def test_a_dead_connection_is_believed_for_less_than_five_seconds():
    longest = changes.CHECK_INTERVAL + changes.CANARY_TIMEOUT + changes.CHECK_TIMEOUT

    assert longest < timedelta(seconds=5)


async def test_a_connection_that_is_cut_is_replaced(database_url, enqueue):
    async with proxied(database_url) as (proxy, url), listening(url) as ears:
        proxy.cut()

        await asyncio.wait_for(ears.resyncs.get(), 5)
        job = await enqueue()
        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert change.job_id == job.id


async def test_a_connection_that_falls_silent_is_replaced(database_url, enqueue, impatient):
    """TCP sees nothing wrong with it: the other side acknowledges, and says nothing."""
    async with proxied(database_url) as (proxy, url), listening(url) as ears:
        proxy.freeze()
        await asyncio.wait_for(ears.silence.wait(), 5)
        proxy.thaw()

        await asyncio.wait_for(ears.resyncs.get(), 5)
        job = await enqueue()
        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert change.job_id == job.id


async def test_a_server_that_has_forgotten_is_told_again(
    database_url, enqueue, impatient, connections
):
    async with listening(database_url) as ears:
        await (await connections.get()).execute("UNLISTEN *")

        await asyncio.wait_for(ears.resyncs.get(), 5)
        job = await enqueue()
        (change,) = changes.parse(await ears.next(changes.CHANGES))

    assert change.job_id == job.id


async def test_a_connection_on_which_notices_do_not_come_is_replaced(
    database_url, impatient, connections
):
    """It answers and says that it listens: only the canary knows."""
    async with listening(database_url) as ears:
        (await connections.get())._listeners.clear()

        await asyncio.wait_for(ears.resyncs.get(), 5)


async def test_when_notify_is_blocked_it_says_so_and_keeps_its_connection(
    database_url, monkeypatch, impatient, caplog
):
    monkeypatch.setattr(changes, "CHECK_TIMEOUT", timedelta(seconds=30))
    notify = changes._SQL["notify"]
    async with listening(database_url) as ears:
        assert ears.listener.is_listening
        monkeypatch.setitem(changes._SQL, "notify", "SELECT pg_sleep(60), $1::text")
        await until(lambda: not ears.listener.is_listening)
        assert ears.listener.is_connected

        monkeypatch.setitem(changes._SQL, "notify", notify)
        await until(lambda: ears.listener.is_listening)

    assert ears.listener.reconnects == 0
    assert "NOTIFY is blocked" in caplog.text


async def test_what_is_under_way_when_connections_are_cut_fails_as_an_outage(database_url):
    async with (
        proxied(database_url) as (proxy, url),
        await connect_pool(url, name="test", size=2) as pool,
    ):
        proxy.freeze()
        asked = asyncio.ensure_future(pool.fetchval("SELECT 1"))
        await until(lambda: pool.get_idle_size() == 0)
        cut(pool)

        with pytest.raises(OUTAGE):
            await asked
        proxy.thaw()
        assert await pool.fetchval("SELECT 2") == 2


async def until(holds):
    """Let the loop turn until something is so."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - a flag, which nobody announces
            await asyncio.sleep(0)
