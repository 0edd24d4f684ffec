"""Jobs as they are listed, polled, cancelled and retried."""

from typing import Any

import httpx2
import pytest

from db.queue import Queue
from tests.server.conftest import NOBODYS_ID

FIELDS = [
    *("jobId", "jobType", "title", "status", "final", "progress", "message", "stage"),
    *("totalFiles", "processedFiles", "attempt", "retryCount", "maxRetries", "retryAt", "seq"),
    *("result", "error", "userId", "sessionId", "messageId", "batchId", "priority"),
    *("createdAt", "scheduledAt", "startedAt", "completedAt", "expiresAt"),
    *("statusUrl", "eventsUrl"),
]


class TestShow:
    async def test_a_job_is_the_same_object_everywhere(
        self, client: httpx2.AsyncClient, enqueue: Any
    ):
        job = await enqueue(session_id="s1", title="כותרת\u2028")

        shown = await client.get(f"/api/jobs/{job.id}")
        status = await client.get(f"/api/jobs/{job.id}/status")
        listed = await client.get("/api/jobs")

        assert list(shown.json()) == FIELDS
        assert shown.json() == status.json() == listed.json()["jobs"][0]
        assert shown.json()["title"] == "כותרת\u2028"
        assert "\u2028" not in shown.text, "naive readers of lines would break here"
        assert shown.json()["createdAt"].endswith("+00:00")

    async def test_who_knows_the_seq_gets_304(
        self, client: httpx2.AsyncClient, enqueue: Any, queue: Queue
    ):
        job = await enqueue()
        path = f"/api/jobs/{job.id}"

        first = await client.get(path)
        known = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
        await queue.cancel(job.id)
        changed = await client.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert first.headers["etag"] == '"1"'
        assert (known.status_code, known.content) == (304, b"")
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')

    async def test_payload_and_history_come_when_asked_for(
        self, client: httpx2.AsyncClient, claim: Any, queue: Queue
    ):
        job = await claim(payload={"code": "x = 1"})
        await queue.fail(job.claim, {"code": "script_error"})

        plain = await client.get(f"/api/jobs/{job.id}")
        full = await client.get(f"/api/jobs/{job.id}?include=payload,attempts")

        assert not {"payload", "attempts"} & plain.json().keys()
        assert full.json()["payload"] == {"code": "x = 1"}
        (attempt,) = full.json()["attempts"]
        assert (attempt["attempt"], attempt["outcome"]) == (1, "failed")
        assert attempt["error"] == {"code": "script_error"}

    @pytest.mark.parametrize("job_id", [NOBODYS_ID, "42", "x" * 3000, "%00", "..", "%F0%9F"])
    async def test_malformed_ids_are_as_unknown_as_others(
        self, reader: httpx2.AsyncClient, job_id: str
    ):
        answer = await reader.get(f"/api/jobs/{job_id}/status")

        assert (answer.status_code, answer.json()["code"]) in (
            (404, "job_not_found"),
            (404, "not_found"),
        )


class TestList:
    async def test_pages_follow_each_other_without_gap_or_repeat(
        self, client: httpx2.AsyncClient, enqueue: Any
    ):
        ids = [str((await enqueue(title=str(n))).id) for n in range(5)]

        seen, cursor, pages = [], "", 0
        while cursor is not None:
            page = (await client.get("/api/jobs", params={"limit": 2, "cursor": cursor})).json()
            seen += [job["jobId"] for job in page["jobs"]]
            cursor, pages = page["nextCursor"], pages + 1

        assert seen == ids[::-1]
        assert pages == 3

    async def test_a_full_last_page_has_no_next(self, client: httpx2.AsyncClient, enqueue: Any):
        await enqueue()
        await enqueue()

        page = (await client.get("/api/jobs?limit=2")).json()

        assert (len(page["jobs"]), page["nextCursor"]) == (2, None)

    async def test_filters_narrow_the_list(
        self, client: httpx2.AsyncClient, enqueue: Any, queue: Queue
    ):
        await enqueue(title="a", session_id="s1")
        await queue.cancel((await enqueue(title="b", session_id="s1")).id)
        await enqueue(title="c", job_type="spreadsheet", batch_id="b1", user_id="grace")

        async def titles(query: str) -> str:
            answer = await client.get(f"/api/jobs?{query}")
            return "".join(job["title"] for job in answer.json()["jobs"])

        assert await titles("sessionId=s1") == "ba"
        assert await titles("session_id=s1") == "ba"
        assert await titles("sessionId=") == ""
        assert await titles("status=cancelled") == "b"
        assert await titles("sessionId=s1&status=pending") == "a"
        assert await titles("jobType=spreadsheet") == "c"
        assert await titles("batchId=b1") == "c"
        assert await titles("userId=grace") == "c"

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("status=done", "status"),
            ("status=", "status"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=ten", "limit"),
            ("limit=0000000019999", "limit"),
            ("limit=000000001" + "9" * 30, "limit"),
            ("cursor=nonsense", "cursor"),
            ("cursor=%FF", "cursor"),
            # 0001-01-01T00:00:00+14:00, which is before the first day of the calendar in UTC
            ("cursor=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCA=", "cursor"),
            ("sessionId=%00", "sessionId"),
            ("userId=a%00", "userId"),
        ],
    )
    async def test_a_bad_query_names_its_parameter(
        self, reader: httpx2.AsyncClient, query: str, field: str
    ):
        answer = await reader.get(f"/api/jobs?{query}")

        assert (answer.status_code, answer.json()["field"]) == (422, field)


class TestCancelAndRetry:
    async def test_cancel_is_at_once_and_again_changes_nothing(
        self, client: httpx2.AsyncClient, enqueue: Any
    ):
        job = await enqueue()

        first = await client.post(f"/api/jobs/{job.id}/cancel")
        again = await client.post(f"/api/jobs/{job.id}/cancel", json={})

        assert (first.status_code, first.json()["status"]) == (200, "cancelled")
        assert first.json()["error"]["code"] == "cancelled"
        assert again.json() == first.json()

    async def test_a_completed_job_stays_completed_when_cancelled(
        self, client: httpx2.AsyncClient, complete: Any
    ):
        job = await complete()

        answer = await client.post(f"/api/jobs/{job.id}/cancel")

        assert (answer.status_code, answer.json()["status"]) == (200, "completed")

    async def test_a_failed_job_can_be_retried(
        self, client: httpx2.AsyncClient, claim: Any, queue: Queue
    ):
        job = await claim()
        await queue.fail(job.claim, {"code": "script_error"})

        answer = await client.post(f"/api/jobs/{job.id}/retry")

        assert (answer.status_code, answer.json()["status"]) == (200, "pending")
        assert answer.json()["error"] is None

    async def test_a_completed_job_cannot(self, client: httpx2.AsyncClient, complete: Any):
        job = await complete()

        answer = await client.post(f"/api/jobs/{job.id}/retry")

        assert (answer.status_code, answer.json()["code"]) == (409, "job_completed")


async def test_stats_count_by_type_and_status(client: httpx2.AsyncClient, enqueue: Any):
    await enqueue()
    await enqueue()

    answer = await client.get("/api/stats")

    (line,) = answer.json()["stats"]
    assert (line["jobType"], line["status"], line["jobs"]) == ("pdf", "pending", 2)
    assert line["oldestWaitSeconds"] >= 0
