"""Every state of the card at once, on a page whose streams never answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser.canned import ready, state
from tests.browser.chat import FAILING
from tests.browser.test_preview import PREVIEW, pages, picture

SHOW = """cards => {
    document.querySelector(".welcome").hidden = true;
    for (const [name, { job, code, attributes, act }] of Object.entries(cards)) {
      const card = document.createElement("document-job");
      for (const [key, value] of Object.entries(attributes)) card.setAttribute(key, value);
      card.setAttribute("job-id", job?.jobId ?? name);
      card.setAttribute("editable", "");
      card.dataset.state = name;
      if (code !== null) card.code = code;
      if (job) card.job = job;
      // The card makes it again by itself, as on any page but ours.
      card.addEventListener("document-job-regenerate", event => event.stopPropagation());
      const entry = document.createElement("li");
      entry.append(card);
      document.querySelector(".cards").append(entry);
      if (act) card[act]();
    }
}"""


def cards() -> dict[str, dict[str, Any]]:
    """The states by name: the job, the code that the page knows, what is done to the card."""
    soon = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    script = {
        "code": "script_error", "type": "NameError", "message": "name 'totl' is not defined",
        "line": 12, "traceback": 'File "script.py", line 12', "stdout": "2 rows\n", "stderr": "",
    }  # fmt: skip
    policy = {
        "code": "policy_violation", "type": "PermissionError", "line": None,
        "message": "The code may not use the network. Put what it needs into DATA.",
    }  # fmt: skip
    result = {**ready(1)["result"], "preview_url": PREVIEW}
    running = {"age_seconds": 12, "message": "Writing sheet 2 of 4"}
    return {
        "queued": _card(state(1, "pending", age_seconds=2)),
        "scheduled": _card(state(1, "pending", scheduledAt=soon, age_seconds=2)),
        "starting": _card(state(2, stage="starting", age_seconds=2)),
        "running": _card(state(2, progress=45, **running)),
        "estimated": _card(state(2, progress=45, jobType="pdf", **running)),
        "again": _card(state(2, progress=10, attempt=2, retryCount=1, **running)),
        "finishing": _card(state(2, progress=98, stage="storing", age_seconds=8)),
        "cancelling": _card(state(2, progress=45, **running), act="cancel"),
        "ready": _card(ready(3, jobType="document")),
        "seen": _card(ready(3, result=result)),
        "sending": _card(ready(3, jobType="presentation"), code="x", act="regenerate"),
        "failed": _card(state(3, "failed", error=script), code=FAILING),
        "refused": _card(state(3, "failed", error=policy, jobType="pdf")),
        "cancelled": _card(state(3, "cancelled", error={"code": "cancelled", "message": ""})),
        "expired": _card(None, code="x", **{"document-type": "pdf", "document-title": "Budget"}),
        "gone": _card(None),
        "signed-out": _card(None),
    }


async def hang(page: Page) -> None:
    """Let nothing that a card asks be answered, but what the gallery needs."""

    async def answer(route: Route) -> None:
        path = route.request.url.partition("/api/")[2]
        if path in ("jobs/expired", "jobs/gone"):
            await route.fulfill(status=404, json={"status": 404, "code": "job_not_found"})
        elif path == "jobs/signed-out":
            await route.fulfill(status=401, json={"status": 401, "code": "unauthenticated"})
        elif path == "job-types":
            ran = {"p50": 20, "p90": 40, "samples": 50}
            await route.fulfill(json={"jobTypes": [{"jobType": "pdf", "ran": ran}]})
        elif f"/api/{path}" == PREVIEW:
            await route.fulfill(json=pages(3))
        elif f"/api/{path}".startswith(PREVIEW):
            await route.fulfill(content_type="image/png", body=picture(60, 80))

    await page.route("**/api/events*", answer)
    await page.route("**/api/jobs/**", answer)
    await page.route("**/api/job-types", answer)
    await page.route("**/api/artifacts/**", answer)
    await page.route("**/api/jobs", lambda route: None)


async def show_all(page: Page) -> None:
    """Put every state on the page, and wait until each has become what it is."""
    await hang(page)
    shown = cards()
    await page.evaluate(SHOW, shown)
    for name in ("expired", "gone", "signed-out", "sending"):
        status = "gone" if name == "signed-out" else name
        article = page.locator(f"[data-state={name}] article")
        await expect(article).to_have_attribute("data-status", status)
    await page.locator("[data-state=seen]").scroll_into_view_if_needed()
    await page.locator("[data-state=seen] .preview img").wait_for()
    await page.locator("[data-state=failed] mark").wait_for()
    await expect(page.locator("[data-quiet]")).to_have_count(0)


def _card(job: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    known = {"code": more.pop("code", None), "act": more.pop("act", None)}
    own = {**job, "jobId": f"canned-{id(job)}"} if job else None

    return {"job": own, "attributes": more, **known}
