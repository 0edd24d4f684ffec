"""Streams that the browser is given instead of the server's, for states that are hard to meet."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, Route

JOB_ID = "11111111-2222-4333-8444-555555555555"
NAMES = {"completed": "job-complete", "failed": "job-failed", "cancelled": "job-failed"}
FINAL = tuple(NAMES)


def state(seq: int, status: str = "processing", **fields: Any) -> dict[str, Any]:
    """The job of all these streams, as the contract shows it; begun `age_seconds` ago."""
    begun = datetime.now(UTC) - timedelta(seconds=fields.pop("age_seconds", 0))
    job = {
        "jobId": JOB_ID, "jobType": "spreadsheet", "title": "Canned", "status": status,
        "final": status in FINAL, "progress": 0, "message": None, "stage": None, "attempt": 1,
        "retryCount": 0, "maxRetries": 3, "retryAt": None, "seq": seq, "result": None,
        "error": None, "createdAt": begun.isoformat(), "scheduledAt": begun.isoformat(),
        "startedAt": begun.isoformat(), "completedAt": None,
    }  # fmt: skip
    return {**job, **fields}


def ready(seq: int, **fields: Any) -> dict[str, Any]:
    result: dict[str, Any] = {
        "artifact_id": "a", "download_url": "/api/artifacts/a/download", "preview_url": None,
        "file_name": "Canned.xlsx", "mime_type": "application/x", "file_size": 38_912,
        "artifacts": [], "sheets": 4,
    }  # fmt: skip
    ended = datetime.now(UTC).isoformat()
    return state(seq, "completed", **{"result": result, "completedAt": ended, **fields})


def frames(*states: dict[str, Any]) -> str:
    return "".join(map(_frame, states))


async def give(page: Page, *states: dict[str, Any]) -> None:
    """Answer the canned job's stream with these states, and its status with the last."""

    async def stream(route: Route) -> None:
        await route.fulfill(content_type="text/event-stream", body=frames(*states))

    async def status(route: Route) -> None:
        await route.fulfill(json={**states[-1], "payload": {"code": "import this\n" * 20}})

    await page.route(f"**/api/jobs/{JOB_ID}*", status)
    await page.route(f"**/api/jobs/{JOB_ID}/events", stream)


async def show(page: Page) -> None:
    """Put the canned job's card on the page."""
    await page.evaluate(
        """id => {
            const card = document.createElement("document-job");
            card.setAttribute("job-id", id);
            const entry = document.createElement("li");
            entry.append(card);
            document.querySelector(".cards").append(entry);
        }""",
        JOB_ID,
    )


def _frame(job: dict[str, Any]) -> str:
    name = NAMES.get(job["status"], "status")
    return f"id: {job['seq']}\nevent: {name}\ndata: {json.dumps({'type': name, **job})}\n\n"
