"""How many jobs there are, as a scrape asks for it."""


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
