"""What who operates may see and do, and what everybody may know."""

import httpx2
import pytest

from db.queue import Queue, Worker
from tests.server.conftest import SERVICE, bearer

ADMINS = ["/api/workers", "/api/figures"]
VERBS = ["/api/job-types/pdf/pause", "/api/job-types/pdf/resume"]
ADMIN = bearer("root", role="admin")


@pytest.mark.parametrize("path", ADMINS)
async def test_figures_and_workers_are_for_who_may_operate(guarded: httpx2.AsyncClient, path: str):
    refused = await guarded.get(path, headers=bearer("ada"))
    shown = [(await guarded.get(path, headers=who)).status_code for who in (ADMIN, SERVICE)]

    assert (refused.status_code, refused.json()["code"]) == (403, "access_denied")
    assert shown == [200, 200]


@pytest.mark.parametrize("path", VERBS)
async def test_a_user_pauses_nothing(guarded: httpx2.AsyncClient, queue: Queue, path: str):
    await queue.pause("pdf")

    refused = await guarded.post(path, headers=bearer("ada"))

    assert refused.status_code == 403
    assert set(await queue.paused()) == {"pdf"}


async def test_an_admin_pauses_a_job_type_and_everybody_sees_it(guarded: httpx2.AsyncClient):
    await guarded.post("/api/job-types/pdf/pause", headers=ADMIN)
    seen = (await guarded.get("/api/job-types", headers=bearer("ada"))).json()["jobTypes"]
    resumed = (await guarded.post("/api/job-types/pdf/resume", headers=ADMIN)).json()["jobTypes"]

    assert [t["jobType"] for t in seen if t["pausedAt"]] == ["pdf"]
    assert [t["jobType"] for t in resumed if t["pausedAt"]] == []


async def test_what_is_no_job_type_cannot_be_paused(guarded: httpx2.AsyncClient):
    answers = [
        await guarded.post(f"/api/job-types/{job_type}/pause", headers=ADMIN)
        for job_type in ("poem", "preview", "%00")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_workers_are_listed_with_what_they_run(
    client: httpx2.AsyncClient, claim, worker: Worker
):
    await claim()

    (listed,) = (await client.get("/api/workers")).json()["workers"]

    assert listed["workerId"] == str(worker.id)
    assert (listed["slots"], listed["running"], listed["isAlive"]) == (worker.slots, 1, True)


async def test_figures_count_what_waits_and_runs(served, claim, enqueue):
    await claim()
    await enqueue()

    figures = (await served.client.get("/api/figures")).json()

    assert (figures["waiting"], figures["running"], figures["workers"]) == (1, 1, 1)
    assert figures["waitP95Seconds"] >= 0
    assert figures["runP95Seconds"] is None


async def test_durations_of_a_type_are_told_once_it_has_run(served, complete):
    for _ in range(3):
        await complete()

    types = (await served.client.get("/api/job-types")).json()["jobTypes"]
    ran = {t["jobType"]: t["ran"] for t in types}

    assert ran["pdf"]["samples"] == 3
    assert 0 <= ran["pdf"]["p50"] <= ran["pdf"]["p90"]
    assert ran["spreadsheet"] is None


@pytest.mark.parametrize(
    ("search", "found"),
    [("SALES", ["Sales in March"]), ("100%_", []), ("", ["Budget", "Sales in March"])],
)
async def test_a_list_is_searched_by_title(client: httpx2.AsyncClient, enqueue, search, found):
    await enqueue(title="Sales in March", user_id="local")
    await enqueue(title="Budget", user_id="local")

    listed = (await client.get("/api/jobs", params={"search": search})).json()["jobs"]

    assert [job["title"] for job in listed] == found


async def test_a_job_is_found_by_the_beginning_of_its_id(client: httpx2.AsyncClient, enqueue):
    wanted = await enqueue()
    await enqueue()

    listed = (await client.get("/api/jobs", params={"search": str(wanted.id)[:13]})).json()["jobs"]

    assert [job["jobId"] for job in listed] == [str(wanted.id)]
