"""A request becomes a job, or is refused by the name of its field, and then nothing is stored."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.queue import Page, Queue
from tests.server.conftest import Served

JSON = {"Content-Type": "application/json"}
GOOD = {"code": "save(OUTPUT_PATH)", "documentType": "pdf"}


async def test_an_accepted_job_is_stored_as_it_was_sent(client: httpx2.AsyncClient, queue: Queue):
    asked = {
        "documentType": "spreadsheet",
        "code": "print('שלום')\n",
        "data": {"rows": [1, 2.5, None, "x"]},
        "title": "Q3",
        "sessionId": "s1",
        "messageId": "m1",
        "batchId": "b1",
        "priority": 7,
        "maxRetries": 0,
        "timeoutSeconds": 12.5,
        "expiresInSeconds": 60,
    }

    answer = await client.post("/api/jobs", json=asked)

    job = await queue.get(answer.json()["jobId"])
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/api/jobs/{job.id}"
    assert answer.json() == {
        "jobId": str(job.id),
        "status": "pending",
        "statusUrl": f"/api/jobs/{job.id}",
        "eventsUrl": f"/api/jobs/{job.id}/events",
    }
    assert job.payload == {"code": asked["code"], "data": asked["data"]}
    assert (job.job_type, job.title, job.user_id) == ("spreadsheet", "Q3", "local")
    assert (job.session_id, job.message_id, job.batch_id) == ("s1", "m1", "b1")
    assert (job.priority, job.max_retries) == (7, 0)
    assert (job.timeout, job.retention) == (timedelta(seconds=12.5), timedelta(seconds=60))


async def test_snake_case_and_numbers_as_ids_are_understood(
    client: httpx2.AsyncClient, queue: Queue
):
    asked = {"code": "x", "document_type": "pdf", "session_id": 42, "message_id": "m"}

    answer = await client.post("/api/jobs", json=asked)

    job = await queue.get(answer.json()["jobId"])
    assert (job.session_id, job.message_id) == ("42", "m")


async def test_a_job_can_be_scheduled(client: httpx2.AsyncClient, queue: Queue):
    later = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    at = {"scheduledAt": later.isoformat(), "startBefore": (later + timedelta(1)).isoformat()}

    scheduled = await client.post("/api/jobs", json=GOOD | at)
    delayed = await client.post("/api/jobs", json=GOOD | {"delaySeconds": 3600})

    job = await queue.get(scheduled.json()["jobId"])
    assert (job.scheduled_at, job.start_before) == (later, later + timedelta(1))
    job = await queue.get(delayed.json()["jobId"])
    assert job.scheduled_at == job.created_at + timedelta(hours=1)


NESTED = "[" * 150 + "]" * 150
REFUSED = [
    # body, status, field
    (b"", 400, None),
    (b"{", 400, None),
    (b'{"code": "\xff"}', 400, None),
    (b'{"code": "x", "documentType": "pdf", "data": NaN}', 400, None),
    (b'{"code": "x", "documentType": "pdf", "data": 1e999}', 400, None),
    (b'{"code": "x", "documentType": "pdf", "data": ' + b"9" * 5000 + b"}", 400, None),
    (b'{"code": "x", "documentType": "pdf", "data": ' + NESTED.encode() + b"}", 400, None),
    (b"[" * 100_000, 400, None),
    ([], 422, "body"),
    ([GOOD], 422, "body"),
    ("text", 422, "body"),
    (7, 422, "body"),
    (None, 422, "body"),
    ({}, 422, "documentType"),
    ({"documentType": "pdf"}, 422, "code"),
    ({"code": "x"}, 422, "documentType"),
    (GOOD | {"documentType": "poem"}, 422, "documentType"),
    (GOOD | {"documentType": 3}, 422, "documentType"),
    (GOOD | {"code": 3}, 422, "code"),
    (GOOD | {"code": None}, 422, "code"),
    (GOOD | {"code": " \n"}, 422, "code"),
    (GOOD | {"code": "a\x00b"}, 422, "code"),
    (GOOD | {"code": "\ud800"}, 422, "code"),
    (GOOD | {"code": "x" * (1024 * 1024 + 1)}, 422, "code"),
    (GOOD | {"data": {"a": [{"b": "\x00"}]}}, 422, "data.a.0.b"),
    (GOOD | {"data": {"k\x00": 1}}, 422, "data.k\x00"),
    (GOOD | {"title": "x" * 301}, 422, "title"),
    (GOOD | {"title": ["x"]}, 422, "title"),
    (GOOD | {"title": "\x00"}, 422, "title"),
    (GOOD | {"sessionId": "x" * 201}, 422, "sessionId"),
    (GOOD | {"sessionId": ""}, 422, "sessionId"),
    (GOOD | {"sessionId": True}, 422, "sessionId"),
    (GOOD | {"sessionId": {"id": 1}}, 422, "sessionId"),
    (GOOD | {"priority": 101}, 422, "priority"),
    (GOOD | {"priority": "1"}, 422, "priority"),
    (GOOD | {"priority": True}, 422, "priority"),
    (GOOD | {"maxRetries": -1}, 422, "maxRetries"),
    (GOOD | {"maxRetries": 21}, 422, "maxRetries"),
    (GOOD | {"timeoutSeconds": 301}, 422, "timeoutSeconds"),
    (GOOD | {"timeoutSeconds": 0}, 422, "timeoutSeconds"),
    (GOOD | {"timeoutSeconds": 1e-9}, 422, "timeoutSeconds"),
    (GOOD | {"scheduledAt": "1893456000"}, 422, "scheduledAt"),
    (GOOD | {"expiresInSeconds": 0}, 422, "expiresInSeconds"),
    (GOOD | {"expiresInSeconds": 1e300}, 422, "expiresInSeconds"),
    (GOOD | {"delaySeconds": -1}, 422, "delaySeconds"),
    (GOOD | {"delaySeconds": 5, "scheduledAt": "2030-01-01T00:00:00Z"}, 422, "delaySeconds"),
    (GOOD | {"scheduledAt": "2030-01-01T00:00:00"}, 422, "scheduledAt"),
    (GOOD | {"scheduledAt": "tomorrow"}, 422, "scheduledAt"),
    (GOOD | {"scheduledAt": 1893456000}, 422, "scheduledAt"),
    (GOOD | {"scheduledAt": "0001-01-01T00:00:00+14:00"}, 422, "scheduledAt"),
    (GOOD | {"scheduledAt": "9999-12-31T23:59:59-14:00"}, 422, "scheduledAt"),
    (GOOD | {"startBefore": "2090-01-01T00:00:00Z"}, 422, "startBefore"),
    (GOOD | {"colour": "red"}, 422, "colour"),
    (GOOD | {"data": {"\ud800": 1}}, 422, "data.?"),
    (GOOD | {"\udc00": 1}, 422, "?"),
    (GOOD | {"jobs": []}, 422, "jobs"),
]


@pytest.mark.parametrize(("body", "status", "field"), REFUSED)
async def test_a_bad_request_names_its_field(
    reader: httpx2.AsyncClient, body: Any, status: int, field: str | None
):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    answer = await reader.post("/api/jobs", content=content, headers=JSON)

    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem.get("field")) == (status, status, field)
    assert problem["code"]
    assert problem["detail"]


async def test_nothing_of_a_refused_request_is_stored(client: httpx2.AsyncClient, queue: Queue):
    for body, _, _ in REFUSED:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        await client.post("/api/jobs", content=content, headers=JSON)

    assert await queue.list(Page()) == []


async def test_an_unknown_field_is_answered_with_the_known_ones(reader: httpx2.AsyncClient):
    answer = await reader.post("/api/jobs", json=GOOD | {"documenttype": "pdf"})

    assert "documentType" in answer.json()["detail"]


async def test_a_body_over_the_limit_is_refused_while_it_arrives(reader: httpx2.AsyncClient):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1024 * 1024

    answer = await reader.post("/api/jobs", content=endless(), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent <= 6, "it was read on after the limit"


async def test_a_body_that_is_no_json_by_its_type_is_refused(reader: httpx2.AsyncClient):
    form = await reader.post("/api/jobs", data=GOOD)
    plain = await reader.post("/api/jobs", content=json.dumps(GOOD))

    assert (form.status_code, plain.status_code) == (415, 415)


class TestIdempotencyKey:
    async def test_the_same_request_is_the_same_job(self, client: httpx2.AsyncClient, queue: Queue):
        key = {"Idempotency-Key": "k1"}

        first = await client.post("/api/jobs", json=GOOD, headers=key)
        again = await client.post("/api/jobs", json=dict(reversed(GOOD.items())), headers=key)

        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json()["jobId"] == again.json()["jobId"]
        assert len(await queue.list(Page())) == 1

    async def test_another_request_is_a_conflict(self, client: httpx2.AsyncClient):
        key = {"Idempotency-Key": "k1"}
        await client.post("/api/jobs", json=GOOD, headers=key)

        other = await client.post("/api/jobs", json=GOOD | {"code": "other"}, headers=key)

        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    @pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9"])
    async def test_a_key_that_is_no_key_is_refused(self, client: httpx2.AsyncClient, key: str):
        headers = {"Idempotency-Key": key.encode("latin-1")}

        answer = await client.post("/api/jobs", json=GOOD, headers=headers)

        assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


class TestPreferWait:
    async def test_a_job_that_ends_in_time_is_the_answer(
        self, client: httpx2.AsyncClient, queue: Queue
    ):
        async def cancel_it():
            while not (jobs := await queue.list(Page())):
                continue
            await queue.cancel(jobs[0].id)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(cancel_it())
            answer = await client.post("/api/jobs", json=GOOD, headers={"Prefer": "wait=20"})

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert answer.headers["preference-applied"] == "wait=20"

    async def test_a_job_that_does_not_is_accepted(
        self, client: httpx2.AsyncClient, local_app: Served
    ):
        prefer = {"Prefer": "respond-async, wait=1"}

        answer = await client.post("/api/jobs", json=GOOD, headers=prefer)

        assert (answer.status_code, answer.json()["status"]) == (202, "pending")
        assert local_app.app.state.parts.hub.streams == 0

    async def test_a_committed_job_is_accepted_by_a_server_that_leaves(self, served: Served):
        served.app.state.parts.hub.close()

        answer = await served.client.post("/api/jobs", json=GOOD, headers={"Prefer": "wait=20"})

        assert answer.status_code == 202
