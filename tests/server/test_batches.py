"""Many jobs in one request: all are stored, or none; and a batch says how far it is."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from db.jobs import Status
from db.queue import Page, Queue
from tests.server.conftest import SERVICE, Served, bearer, serving

GOOD = {"code": "save(OUTPUT_PATH)", "documentType": "pdf", "userId": "ada"}


@pytest.fixture
def post(guarded: httpx2.AsyncClient):
    async def post(*jobs: Any, **more: Any) -> httpx2.Response:
        return await guarded.post(
            "/api/jobs/enqueue", json={"jobs": list(jobs), **more}, headers=SERVICE
        )

    return post


async def test_all_are_stored_in_their_order_for_their_users(post, queue: Queue):
    answer = await post(*(GOOD | {"title": f"{n}", "userId": f"u{n % 3}"} for n in range(500)))

    told = answer.json()
    stored = {str(job.id): job for job in await queue.list(Page(limit=1000))}
    assert answer.status_code == 202
    assert [stored[job["jobId"]].title for job in told["jobs"]] == [str(n) for n in range(500)]
    assert {job.user_id for job in stored.values()} == {"u0", "u1", "u2"}
    assert {job.batch_id for job in stored.values()} == {told["batchId"]}


REFUSED = [
    ([GOOD, GOOD | {"code": 3}], 422, "jobs.1.code"),
    ([GOOD, {"code": "x", "documentType": "pdf"}], 422, "jobs.1.userId"),
    ([GOOD | {"documentType": "poem"}], 422, "jobs.0.documentType"),
    ([GOOD, 7], 422, "jobs.1.body"),
    ([GOOD | {"idempotencyKey": ""}], 422, "jobs.0.idempotencyKey"),
    ([GOOD | {"idempotencyKey": 3}], 422, "jobs.0.idempotencyKey"),
    ([], 422, "jobs"),
]


@pytest.mark.parametrize(("jobs", "status", "field"), REFUSED)
async def test_one_bad_job_is_named_and_none_is_stored(
    post, queue: Queue, jobs: list[Any], status: int, field: str
):
    answer = await post(*jobs)

    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert await queue.list(Page()) == []


async def test_one_job_is_understood_as_before(guarded: httpx2.AsyncClient):
    answer = await guarded.post("/api/jobs/enqueue", json=GOOD, headers=SERVICE)

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


async def test_a_person_is_sent_to_the_other_door(guarded: httpx2.AsyncClient):
    answer = await guarded.post("/api/jobs/enqueue", json={"jobs": [GOOD]}, headers=bearer("ada"))

    assert answer.status_code == 403


class TestKeys:
    async def test_a_request_that_is_sent_twice_is_stored_once(self, post, queue: Queue):
        jobs = [GOOD | {"idempotencyKey": f"k{n}"} for n in range(3)]

        first, again = await post(*jobs), await post(*jobs, GOOD | {"idempotencyKey": "k3"})

        assert again.json()["jobs"][:3] == first.json()["jobs"]
        assert again.json()["batchId"] == first.json()["batchId"]
        assert len(await queue.list(Page())) == 4

    async def test_a_clash_stores_nothing(self, post, queue: Queue):
        await post(GOOD | {"idempotencyKey": "k"})

        clash = await post(GOOD, GOOD | {"idempotencyKey": "k", "code": "other"})

        assert (clash.status_code, clash.json()["code"]) == (409, "idempotency_conflict")
        assert len(await queue.list(Page())) == 1

    async def test_the_header_is_for_one_job(self, guarded: httpx2.AsyncClient):
        headers = SERVICE | {"Idempotency-Key": "k"}

        answer = await guarded.post("/api/jobs/enqueue", json={"jobs": [GOOD]}, headers=headers)

        assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


class TestProgress:
    async def test_it_is_that_of_the_whole(self, guarded, post, queue: Queue, worker):
        await post(*[GOOD] * 4, batchId="b")
        (done, half, failed), _ = await queue.claim(worker, ["pdf"], 3)
        await queue.complete(done.claim, {})
        await queue.report_progress(half.claim, percent=50)
        await queue.fail(failed.claim, {"code": "x"})

        answer = await guarded.get("/api/batches/b", headers=bearer("ada"))

        assert answer.json() == {
            "batchId": "b",
            "jobs": 4,
            "final": False,
            "progress": 62,
            "statuses": {
                "pending": 1,
                "processing": 1,
                "completed": 1,
                "failed": 1,
                "cancelled": 0,
            },
        }

    async def test_it_is_final_when_all_are(self, guarded, post, queue: Queue):
        told = (await post(GOOD)).json()
        await queue.cancel(told["jobs"][0]["jobId"])

        batch = (await guarded.get(told["batchUrl"], headers=SERVICE)).json()

        assert (batch["final"], batch["progress"]) == (True, 100)

    async def test_another_users_batch_does_not_exist(self, guarded, post):
        await post(GOOD, batchId="b")

        assert (await guarded.get("/api/batches/b", headers=bearer("eve"))).status_code == 404
        none = await guarded.get("/api/batches/none", headers=SERVICE)
        assert (none.status_code, none.json()["code"]) == (404, "batch_not_found")

    @pytest.mark.parametrize("batch_id", ["invoices 2026/11", "a?b=c", "a#b", "100 %2F", "קבוצה"])
    async def test_its_address_leads_to_it_whatever_its_name(self, guarded, post, batch_id: str):
        told = (await post(GOOD, batchId=batch_id)).json()

        batch = await guarded.get(told["batchUrl"], headers=SERVICE)

        assert (batch.status_code, batch.json().get("batchId")) == (200, batch_id)

    async def test_the_list_filters_by_it(self, guarded, post):
        await post(GOOD, GOOD, batchId="b")
        await post(GOOD)

        listed = await guarded.get("/api/jobs?batchId=b", headers=bearer("ada"))

        assert len(listed.json()["jobs"]) == 2


class TestQuota:
    @pytest.fixture
    async def small(self, token_settings, database_url):
        async with serving(replace(token_settings, pending_per_user=3), database_url) as served:
            yield served

    async def test_who_has_enough_waiting_is_told_to_come_back(self, small: Served, queue: Queue):
        answers = [
            await small.client.post("/api/jobs", json=GOOD, headers=bearer("ada")) for _ in range(4)
        ]
        other = await small.client.post(
            "/api/jobs", json=GOOD | {"userId": "bob"}, headers=bearer("bob")
        )

        refused = answers[-1]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("quota_exceeded", "5")
        assert other.status_code == 202
        assert len(await queue.list(Page())) == 4

    async def test_what_was_accepted_before_is_answered_again(self, small: Served, enqueue):
        headers = bearer("ada") | {"Idempotency-Key": "k"}
        first = await small.client.post("/api/jobs", json=GOOD, headers=headers)
        for _ in range(5):
            await enqueue()

        again = await small.client.post("/api/jobs", json=GOOD, headers=headers)

        assert (again.status_code, again.json()) == (202, first.json())

    async def test_many_are_refused_together(self, small: Served, queue: Queue):
        body = {"jobs": [GOOD | {"userId": "bob"}, *[GOOD] * 4]}

        answer = await small.client.post("/api/jobs/enqueue", json=body, headers=SERVICE)

        assert answer.status_code == 429
        assert await queue.list(Page()) == []

    async def test_what_ends_makes_room(self, small: Served, enqueue, queue: Queue):
        jobs = [await enqueue() for _ in range(3)]
        await queue.cancel(jobs[0].id)

        answer = await small.client.post("/api/jobs", json=GOOD, headers=bearer("ada"))

        assert answer.status_code == 202

    async def test_scheduled_jobs_wait_too(self, small: Served):
        later = GOOD | {"delaySeconds": 3600}
        for _ in range(3):
            await small.client.post("/api/jobs", json=later, headers=bearer("ada"))

        answer = await small.client.post("/api/jobs", json=GOOD, headers=bearer("ada"))

        assert answer.status_code == 429


async def test_thousands_are_one_insert(queue: Queue, guarded: httpx2.AsyncClient):
    body = json.dumps({"jobs": [GOOD] * 3000})

    answer = await guarded.post(
        "/api/jobs/enqueue",
        content=body,
        headers=SERVICE | {"Content-Type": "application/json"},
    )

    assert len(answer.json()["jobs"]) == 3000
    assert {row["status"] for row in await queue.stats()} == {Status.PENDING}
