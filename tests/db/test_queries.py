"""Every named statement prepares, is used, and reads by its index where rows are many."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from db import artifacts, history, migrate, previews, queue, readings, sql, states, turnover
from tests.factories import a_worker

ROOT = Path(__file__).parents[2]
STATEMENTS = [
    pytest.param(text, id=f"{path.stem}.{name}")
    for path in sorted((ROOT / "db" / "queries").glob("*.sql"))
    for name, text in sql.statements(path.name).items()
]


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_it_prepares_on_the_migrated_schema(pool, statement):
    async with pool.acquire() as connection:
        prepared = await connection.prepare(statement)

        numbers = {int(number) for number in re.findall(r"\$(\d+)", statement)}
        assert len(prepared.get_parameters()) == max(numbers, default=0)


@pytest.mark.parametrize(
    "module", [queue, artifacts, history, migrate, previews, readings, states, turnover]
)
def test_every_statement_has_a_caller(module):
    source = Path(module.__file__).read_text()

    for name in module._SQL:
        assert re.search(rf'"{name}"', source), f"nobody runs {name}"


@pytest.fixture
async def many(pool):
    """20,000 final jobs, 2,000 pending ones, 50 workers with a job each."""
    async with pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "INSERT INTO document_jobs (user_id, job_type, status, completed_at, expires_at)"
            " SELECT 'u' || n % 500, 'pdf', 'cancelled', now(), now() + interval '7 days'"
            " FROM generate_series(1, 20000) AS n"
        )
        await connection.execute(
            "INSERT INTO document_jobs (user_id, job_type, turn, ranked_at)"
            " SELECT 'u' || n % 500, 'pdf', 1 + n / 500, now() FROM generate_series(1, 2000) AS n"
        )
        await connection.execute("ANALYZE document_jobs, document_workers")
        await connection.execute("RESET session_replication_role")
    return pool


async def plan_of(pool, statement: str, *arguments: object) -> str:
    return json.dumps(json.loads(await explain(pool, "VERBOSE off", statement, *arguments)))


async def explain(pool, option: str, statement: str, *arguments: object) -> str:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        words = f"EXPLAIN (ANALYZE, {option}, FORMAT JSON) {statement}"
        plan = await connection.fetchval(words, *arguments)
        await transaction.rollback()

    return str(plan)


async def test_the_claim_reads_only_what_it_takes(many):
    plan = await plan_of(many, queue._SQL["claim"], uuid4(), ["pdf"], [], [], 4, None)

    assert "document_jobs_front_of" in plan
    assert '"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Parallel' not in plan
    assert not re.search(r'"Node Type": "Seq Scan"[^}]*"document_jobs"', plan)


async def test_a_turnover_finds_its_rows_by_their_keys_and_the_next_by_the_line(many):
    ids = [uuid4() for _ in range(50)]
    arguments = (ids, [1] * 50, [{}] * 50, uuid4(), ["pdf"], 4)

    plan = await plan_of(many, turnover._SQL["turn_over"], *arguments)

    assert "document_jobs_pkey" in plan
    assert "document_jobs_tickets" in plan
    assert "document_jobs_held" not in plan, "it would read all that run for each"


async def buffers_of_a_claim(pool, types=("pdf",), *limits: object) -> int:
    arguments = (uuid4(), list(types), *(limits or (["pdf"], [4], 4, 4)))
    plan = json.loads(await explain(pool, "BUFFERS", queue._SQL["claim"], *arguments))
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])


async def test_a_claim_touches_as_many_pages_behind_many_as_behind_few(pool, many):
    behind_many = await buffers_of_a_claim(many)
    await pool.execute("DELETE FROM document_jobs WHERE status <> 'pending' OR turn > 1")
    await pool.execute("VACUUM ANALYZE document_jobs")
    behind_few = await buffers_of_a_claim(pool)

    assert behind_many <= behind_few + 200
    assert behind_many < 400


@pytest.fixture
async def crowd(pool, worker):
    """50,000 jobs of one user and one type at the head of the line, two of them running."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "INSERT INTO document_jobs (user_id, job_type, turn, ranked_at)"
            " SELECT 'ada', 'presentation', last_value + n, now()"
            " FROM document_jobs_clock, generate_series(1, 50000) AS n"
        )
    claiming = queue.Queue(pool)
    jobs, _ = await claiming.claim(
        worker, ["presentation"], 2, user_limit=2, type_limits={"presentation": 2}
    )
    await pool.execute("INSERT INTO document_jobs (user_id, job_type) VALUES ('bob', 'pdf')")
    await pool.execute("UPDATE document_jobs SET turn = turn + 60000 WHERE user_id = 'bob'")
    await pool.execute("VACUUM ANALYZE document_jobs")
    assert len(jobs) == 2
    return pool


async def test_a_claim_does_not_read_through_a_type_at_its_limit(crowd):
    limits = (["presentation"], [2], 4, None)

    assert await buffers_of_a_claim(crowd, ["pdf", "presentation"], *limits) < 200


async def test_a_claim_does_not_read_through_a_paused_type(crowd):
    await crowd.execute("INSERT INTO document_paused_job_types VALUES ('presentation')")

    assert await buffers_of_a_claim(crowd, ["pdf", "presentation"], [], [], 4, None) < 200
    begin = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + queue._SQL["find_lines"]
    plan = json.loads(await crowd.fetchval(begin, ["pdf"], [], []))[0]["Plan"]
    assert plan["Shared Hit Blocks"] < 100


async def test_a_turnover_does_not_read_through_what_its_worker_does_not_serve(crowd):
    arguments = ([], [], [], uuid4(), ["pdf"], 4)
    plan = json.loads(await explain(crowd, "BUFFERS", turnover._SQL["turn_over"], *arguments))

    assert plan[0]["Plan"]["Shared Hit Blocks"] < 50
    assert await buffers_of_a_claim(crowd, ["pdf"], [], [], 4, None) < 200


async def test_a_turn_in_a_line_that_is_late_is_found_by_a_few_pages(crowd):
    """Its line is fifty thousand long, and so is what one user has in it."""
    clock = "SELECT setval('document_jobs_clock', last_value + $1) FROM document_jobs_clock"
    pages = {}
    for is_late in (False, True):
        if is_late:
            await crowd.execute(clock, 40_000)
            await queue.Queue(crowd).find_lines(["presentation"], {"presentation": 2})
            held_up = "SELECT max(clock) FROM document_job_lines WHERE job_type = 'presentation'"
            assert await crowd.fetchval(held_up), "its limit holds it up"
        for user in ("ada", "bob"):
            insert = (
                f"INSERT INTO document_jobs (user_id, job_type) VALUES ('{user}', 'presentation')"
            )
            await explain(crowd, "BUFFERS", insert)  # reads catalogues too
            plan = json.loads(await explain(crowd, "BUFFERS", insert))
            pages[user, is_late] = plan[0]["Plan"]["Shared Hit Blocks"]

    # To read the line, or all that ada has in it, would be 1,700 pages.
    assert pages["bob", True] < pages["bob", False] + 150
    assert pages["ada", True] < pages["ada", False] + 150


async def test_a_claim_puts_aside_what_a_user_at_their_limit_has_some_at_a_time(crowd, worker):
    limits = ([], [], 4, 2)
    types = ["pdf", "presentation"]
    while_it_puts_aside = await buffers_of_a_claim(crowd, types, *limits)

    claiming = queue.Queue(crowd)
    (job,), _ = await claiming.claim(worker, types, 4, user_limit=2)
    assert (await claiming.claim(worker, types, 4, user_limit=2))[0] == []
    await crowd.execute("VACUUM ANALYZE document_jobs")
    afterwards = await buffers_of_a_claim(crowd, types, *limits)

    assert job.user_id == "bob"
    assert while_it_puts_aside < 1000
    assert afterwards < 200


async def test_a_claim_is_planned_a_few_times_and_then_never_again(pool, many):
    """A limit that the planner does not know is planned each time; that was half of the claim."""
    async with pool.acquire() as connection:
        claiming, worker = queue.Queue(connection), a_worker()
        for _ in range(12):
            await claiming.claim(worker, ["pdf"], 3)
        kept, anew = await connection.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '-- One commit%'"
        )

    assert (kept, anew) == (7, 5)


async def test_a_turn_is_found_by_an_index_that_was_no_use_when_its_plan_was_made(pool):
    """Thousands of rows in one insert read the table anew for each: half a minute for 20,000."""
    insert = (
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'u' || n % 100, 'pdf' FROM generate_series(1, $1) AS n"
    )
    async with pool.acquire() as connection:
        await connection.execute("VACUUM ANALYZE document_jobs")
        for _ in range(7):  # until the plan is kept
            await connection.execute(insert, 1)
        before = await scanned(connection)
        await connection.execute(insert, 500)

        assert await scanned(connection) == before


async def scanned(connection) -> int:
    """How often this transaction's session has read all of the table."""
    return int(
        await connection.fetchval(
            "SELECT seq_scan + coalesce(pg_stat_get_xact_numscans('document_jobs'::regclass), 0)"
            " FROM pg_stat_user_tables WHERE relname = 'document_jobs'"
        )
    )


@pytest.mark.parametrize("name", ["rescue", "expire"])
async def test_maintenance_does_not_read_the_whole_table(many, name):
    arguments = {"rescue": (3, {}), "expire": ({},)}[name]

    plan = await plan_of(many, queue._SQL[name], *arguments)

    assert not re.search(r'"Node Type": "Seq Scan"[^}]*"document_jobs"', plan)


async def test_a_users_list_reads_by_the_user(many):
    plan = await plan_of(many, readings._SQL["list"], "u1", *[None] * 6, 20, None)

    assert "document_jobs_user" in plan


async def test_the_latest_attempts_are_read_from_the_end_of_their_index(many):
    await many.execute(
        "INSERT INTO document_job_history"
        " (job_id, attempt, worker_id, started_at, ended_at, outcome)"
        " SELECT id, 1, id, now() - random() * interval '30 days', now(), 'completed'"
        " FROM document_jobs WHERE status = 'cancelled'"
    )
    await many.execute("ANALYZE document_job_history")

    for name in ("ran", "lately"):
        plan = await plan_of(many, history._SQL[name])

        assert "document_job_attempts_latest" in plan, name

    await many.execute("TRUNCATE document_job_history")


async def test_feeds_find_their_jobs_without_reading_the_table(many):
    await many.execute("UPDATE document_jobs SET completed_at = completed_at - interval '1 day'")
    await many.execute("VACUUM ANALYZE document_jobs")
    users, session = ["u1", "u2"], ["s"]
    minute = timedelta(minutes=1)

    plan = await plan_of(many, states._SQL["find"], users, users[:1], session, False, minute, 500)

    assert "document_jobs_ended" in plan
    assert not re.search(r'"Node Type": "Seq Scan"[^}]*"document_jobs"', plan)
