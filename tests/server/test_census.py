"""The queue is counted seldom, and no figure is better than an old one."""

from db.pool import Pool
from db.queue import Queue
from server import census
from server.census import Census, of_pauses, of_queue


def gauges(rows: census.Rows | None) -> dict[str, dict[tuple[str, ...], float]]:
    return {
        family.name: {tuple(s.labels.values()): s.value for s in family.samples}
        for family in of_queue(rows)
    }


async def test_ten_scrapes_cost_one_query(queue: Queue, enqueue):
    taking = Census(queue)
    await enqueue()

    first = await taking.take()
    await enqueue()

    assert [await taking.take() for _ in range(10)] == [first] * 10


async def test_after_five_seconds_it_is_counted_anew(queue: Queue, enqueue, monkeypatch):
    monkeypatch.setattr(census, "FRESH", census.FRESH * 0)
    monkeypatch.setattr(census, "SHARE", 0)
    taking = Census(queue)
    await taking.take()
    await enqueue()

    rows = await taking.take()

    assert gauges(rows)["pressroom_queue_due_jobs"]["pdf",] == 1


async def test_what_takes_long_is_kept_long(queue: Queue, monkeypatch):
    monkeypatch.setattr(census, "FRESH", census.FRESH * 0)

    _, keep_seconds = await Census(queue)._count()

    assert keep_seconds > 0


async def test_in_an_outage_there_are_no_figures(queue: Queue, pool: Pool):
    await pool.close()

    assert await Census(queue).take() is None
    assert gauges(None) == {}


async def test_each_type_and_status_has_a_figure_and_strangers_share_one(
    pool: Pool, queue: Queue, enqueue
):
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type, scheduled_at)"
        " SELECT 'ada', 'type ' || n, now() - interval '1 hour' FROM generate_series(1, 9) AS n"
    )

    shown = gauges(await Census(queue).take())

    assert shown["pressroom_jobs"]["spreadsheet", "processing"] == 0
    assert shown["pressroom_jobs"]["other", "pending"] == 9
    assert shown["pressroom_queue_due_jobs"]["other",] == 9
    assert shown["pressroom_queue_oldest_wait_seconds"]["other",] >= 3600
    assert shown["pressroom_queue_oldest_wait_seconds"]["pdf",] == 0
    assert len(shown["pressroom_jobs"]) == 5 * 2 + 1


async def test_a_paused_type_is_told(queue: Queue):
    await queue.pause("pdf")
    taking = Census(queue)
    await taking.take()

    (family,) = of_pauses(taking.paused)

    told = {sample.labels["job_type"]: sample.value for sample in family.samples}
    assert (told["pdf"], told["document"]) == (1, 0)
