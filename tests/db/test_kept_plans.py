"""What a claim reads depends neither on what waited when it was planned, nor on what has gone."""

import asyncio
import json

import pytest

from db import queue
from db.pool import connect
from db.queue import Queue
from tests.db.test_turns import MANY, TYPES

LIMITS = {"presentation": 1}
KEPT = """
SELECT name FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE $1
"""


@pytest.fixture
async def kept(pool, worker, enqueue):
    """A connection whose plans were made in a quiet hour of a queue that has done a lot."""
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(
                "INSERT INTO document_jobs (user_id, job_type, status, completed_at, expires_at)"
                " SELECT 'u', 'pdf', 'cancelled', now(), now() + interval '7 days'"
                " FROM generate_series(1, 20000)"
            )
        await connection.execute("ANALYZE document_jobs")
        claiming = Queue(connection)
        for _ in range(8):
            for limits in ({}, LIMITS):
                await enqueue()
                (job,), _ = await claiming.claim(worker, TYPES, 10, type_limits=limits)
                await claiming.complete(job.claim, {})
        yield connection


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        ("-- One commit%", "'{}', '{}', '{}', $id, '{pdf,presentation}'"),
        ("-- The whole claim%", "$id, '{pdf,presentation}', '{presentation}', '{1}'"),
    ],
)
async def test_a_plan_from_a_quiet_hour_serves_a_rush(kept, worker, statement, arguments):
    await kept.execute(MANY, "ada", 20_000)
    name = await kept.fetchval(KEPT, statement)
    transaction = kept.transaction()
    await transaction.start()

    words = f'EXECUTE "{name}" ({arguments.replace("$id", repr(str(worker.id)))})'
    plan = json.loads(await kept.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {words}"))
    await transaction.rollback()

    assert plan[0]["Plan"]["Actual Rows"] > 0
    assert plan[0]["Plan"]["Shared Hit Blocks"] < 500


@pytest.fixture
async def hold_snapshot(database_url):
    """Begin a transaction that vacuum has to mind."""
    connection = await connect(database_url, name="old")

    async def hold() -> None:
        await connection.transaction(isolation="repeatable_read").start()
        await connection.execute("SELECT count(*) FROM document_jobs")

    yield hold
    await connection.close()


async def test_neither_claims_nor_inserts_read_what_an_old_snapshot_keeps(
    pool, hold_snapshot, worker, enqueue
):
    """Behind a line that is late, too: it holds the begin of all, but not that of the others."""
    claiming = Queue(pool)
    await enqueue(job_type="presentation")
    await claiming.claim(worker, TYPES, 1, type_limits=LIMITS)
    await enqueue(job_type="presentation")
    await hold_snapshot()

    for _ in range(4):
        await pool.execute(MANY, "ada", 1000)
        jobs, _ = await claiming.claim(worker, TYPES, 1000, type_limits=LIMITS)
        await asyncio.gather(*(claiming.complete(job.claim, {}) for job in jobs))
    await pool.execute("UPDATE document_job_lines SET found_at = '-infinity'")
    await claiming.find_lines(TYPES, LIMITS)
    await enqueue()
    async with pool.acquire() as connection:
        claim = (worker.id, TYPES, list(LIMITS), list(LIMITS.values()), 1, None)
        pages = await pages_of(connection, queue._SQL["claim"], *claim)
        pages_of_an_insert = await pages_of(connection, MANY, "bob", 1)

    assert pages < 300
    assert pages_of_an_insert < 300


async def pages_of(connection, statement: str, *arguments: object) -> int:
    """What it touches, once it has read the catalogues."""
    for _ in range(2):
        transaction = connection.transaction()
        await transaction.start()
        words = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
        plan = json.loads(await connection.fetchval(words, *arguments))
        await transaction.rollback()

    return int(plan[0]["Plan"]["Shared Hit Blocks"])


async def test_what_turns_plans_off_turns_off_their_compilation(pool):
    """Before Postgres 18 such a plan costs so much that a claim was compiled, for a second."""
    compiled = await pool.fetch(
        "SELECT proname FROM pg_proc WHERE NOT 'jit=off' = ANY (proconfig)"
        " AND array_to_string(proconfig, ' ') LIKE '%enable_%'"
    )

    assert not compiled
    assert await pool.fetchval("SHOW enable_seqscan") == "off"
    assert await pool.fetchval("SHOW jit") == "off"
