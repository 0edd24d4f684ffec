"""The column that carries a trace from the request to the attempt, and its arrival."""

from db import migrate
from db.jobs import NewJob
from db.pool import connect_pool

CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_job_carries_its_trace_to_the_claim(queue, worker, claim):
    job = await claim(trace_context=CONTEXT)

    assert job.trace_context == CONTEXT
    assert (await queue.get_newer({job.id: 0}))[0].trace_context == CONTEXT


async def test_a_job_needs_no_trace(pool, queue):
    job_id = await pool.fetchval(
        "INSERT INTO document_jobs (user_id, job_type) VALUES ('ada', 'pdf') RETURNING id"
    )

    assert (await queue.get(job_id)).trace_context is None
    assert (await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))).trace_context is None


async def test_a_program_at_work_lives_through_the_migration(empty_url):
    """The programs of the release before hold prepared statements on the table that changes."""
    read = "SELECT * FROM document_jobs WHERE user_id = $1"
    await migrate.upgrade(empty_url, "0001")

    async with await connect_pool(empty_url, name="release before", size=1) as pool:
        await pool.execute("INSERT INTO document_jobs (user_id, job_type) VALUES ('ada', 'pdf')")
        before = await pool.fetchrow(read, "ada")
        await migrate.upgrade(empty_url)
        after = await pool.fetchrow(read, "ada")

    assert dict(before).items() <= dict(after).items()
    assert after["trace_context"] is None
