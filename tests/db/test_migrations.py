"""The schema goes up, down and up again, from many processes at once, politely."""

import asyncio

from db import migrate
from db.jobs import NewJob, Status
from db.pool import connect, connect_pool
from db.queue import Page, Queue, Worker
from tests.factories import a_worker

CATALOG = """
SELECT 'column' AS kind, table_name || '.' || column_name AS name,
       concat_ws(' ', data_type, is_nullable, column_default) AS definition
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
ORDER BY 1, 2
"""


async def catalog(url: str) -> list[tuple[str, str, str]]:
    connection = await connect(url, name="test")
    rows = await connection.fetch(CATALOG)
    await connection.close()

    return [tuple(row) for row in rows if "alembic_version" not in row["name"]]


async def test_up_down_up_leaves_the_catalog_equal(empty_url):
    await migrate.upgrade(empty_url)
    first = await catalog(empty_url)

    await migrate.downgrade(empty_url)
    nothing = await catalog(empty_url)
    await migrate.upgrade(empty_url)

    assert nothing == []
    assert len(first) > 80
    assert await catalog(empty_url) == first


async def test_down_and_up_again_keeps_the_history_of_what_runs(empty_url):
    await migrate.upgrade(empty_url)
    async with await connect_pool(empty_url, name="test", size=1) as pool:
        queue, worker = Queue(pool), a_worker(sandbox={"landlock": 4})
        await queue.heartbeat(worker, [])
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))
        await queue.claim(worker, ["pdf"], 1)
        await pool.execute(
            "INSERT INTO document_jobs (user_id, job_type, status, worker_id, attempt)"
            " VALUES ('bob', 'pdf', 'processing', $1, 1)",
            worker.id,
        )
    history = await attempts(empty_url)

    await migrate.downgrade(empty_url, "0010")
    below = await attempts(empty_url)
    await migrate.upgrade(empty_url)

    assert len(history) == len(below) == 2
    assert [row["sandbox"] for row in below] == [{"landlock": 4}] * 2
    assert await attempts(empty_url) == history


async def attempts(url: str) -> list[dict[str, object]]:
    connection = await connect(url, name="test")
    rows = await connection.fetch("SELECT * FROM document_job_attempts ORDER BY job_id, attempt")
    await connection.close()

    return [dict(row) for row in rows]


async def test_many_at_once_migrate_once(empty_url):
    await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(4)))

    assert await catalog(empty_url)


async def test_it_gives_way_to_a_long_transaction_and_then_succeeds(empty_url, monkeypatch):
    """A migration that waits for a lock would make everybody else wait behind it."""
    await migrate.upgrade(empty_url)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", migrate.LOCK_TIMEOUT / 20)
    monkeypatch.setattr(migrate, "TRY_AGAIN", migrate.TRY_AGAIN / 20)
    reader = await connect(empty_url, name="reader")
    transaction = reader.transaction()
    await transaction.start()
    await reader.execute("SELECT * FROM document_jobs")

    downgrade = asyncio.create_task(migrate.downgrade(empty_url))
    await gave_way(empty_url)
    await transaction.rollback()
    await downgrade

    await reader.close()
    assert await catalog(empty_url) == []


async def test_the_last_release_serves_on_the_schema_of_the_next(empty_url):
    await migrate.upgrade(empty_url)
    await claim_revision(empty_url, "the next release's")

    await migrate.upgrade(empty_url)  # a roll back, whose own migration must not fail

    async with await connect_pool(empty_url, name="test", size=1) as pool:
        assert await migrate.is_current(pool)
    assert len(await catalog(empty_url)) > 80


async def test_an_older_schema_is_not_current(empty_url, monkeypatch):
    await migrate.upgrade(empty_url)
    monkeypatch.setattr(migrate, "_newest", lambda: "a later one")

    async with await connect_pool(empty_url, name="test", size=1) as pool:
        assert not await migrate.is_current(pool)


async def test_a_program_that_runs_does_not_notice_a_new_column(empty_url):
    """Its prepared statements name every column of the table as it was."""
    await migrate.upgrade(empty_url)
    async with await connect_pool(empty_url, name="test", size=1) as pool:
        queue, worker = Queue(pool), a_worker()
        await whole_life(queue, worker)

        await pool.execute("ALTER TABLE document_jobs ADD COLUMN later text DEFAULT 'x'")
        ends = await whole_life(queue, worker)

    assert ends == [Status.COMPLETED, Status.CANCELLED, Status.PENDING]


async def test_waiting_ends_with_the_migration_and_changes_nothing(empty_url, monkeypatch):
    monkeypatch.setattr(migrate, "LOOK_AGAIN", migrate.LOOK_AGAIN / 500)
    waiting = asyncio.create_task(migrate.wait(empty_url))
    await was_asked(empty_url)
    assert await catalog(empty_url) == []

    await migrate.upgrade(empty_url)

    await asyncio.wait_for(waiting, 10)


async def whole_life(queue: Queue, worker: Worker) -> list[Status]:
    """Every statement that reads whole rows."""
    await queue.heartbeat(worker, [])
    first, second = [
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf", payload={})) for _ in range(2)
    ]
    (claimed,), _ = await queue.claim(worker, ["pdf"], 1)
    await queue.complete(claimed.claim, {})
    cancelled = await queue.cancel(({first.id, second.id} - {claimed.id}).pop())
    ends = [(await queue.get(claimed.id)).status, cancelled.status]
    await queue.list(Page())

    reopened = await queue.reopen(cancelled.id)
    await queue.cancel(cancelled.id)
    return [*ends, reopened.status]


async def claim_revision(url: str, revision: str) -> None:
    connection = await connect(url, name="test")
    await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
    await connection.close()


async def was_asked(url: str) -> None:
    """Wait until somebody has looked for the schema in vain."""
    connection = await connect(url, name="onlooker")
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pressroom migrate'"
    async with asyncio.timeout(10):
        while not await connection.fetchval(asked):
            pass
    await connection.close()


async def gave_way(url: str) -> None:
    """Wait until the migration has been blocked, and has let go again."""
    connection = await connect(url, name="onlooker")
    blocked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = 'pressroom migrate' AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        for wanted in (1, 0):
            while await connection.fetchval(blocked) != wanted:
                pass
    await connection.close()
