"""How many jobs there are, as a scrape asks for it."""

import json

from db.readings import _SQL

ENDED = """
INSERT INTO document_jobs (user_id, job_type, status, completed_at, expires_at)
SELECT 'ada', 'pdf', 'cancelled', now(), now() + interval '7 days'
FROM generate_series(1, 5000)
"""


async def test_the_census_counts_what_waits_and_what_is_due(pool, queue, enqueue):
    await enqueue()
    await pool.execute("UPDATE document_jobs SET scheduled_at = now() - interval '90 seconds'")
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type, scheduled_at)"
        " VALUES ('ada', 'pdf', now() + interval '1 hour')"
    )

    (row,) = await queue.census()

    assert (row["job_type"], row["status"], row["jobs"], row["due"]) == ("pdf", "pending", 2, 1)
    assert 90 <= row["oldest_wait_seconds"] < 120


async def test_the_census_does_not_read_what_has_ended(pool, queue, worker, enqueue):
    await pool.execute(ENDED)
    await enqueue()
    await queue.claim(worker, ["pdf"], 1)
    await enqueue(user_id="bob")
    await pool.execute("VACUUM ANALYZE document_jobs")

    plan = await pool.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_SQL['census']}")

    assert {row["status"]: row["jobs"] for row in await queue.census()} == {
        "pending": 1,
        "processing": 1,
    }
    assert json.loads(plan)[0]["Plan"]["Shared Hit Blocks"] < 20
