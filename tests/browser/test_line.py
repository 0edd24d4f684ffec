"""The line to a job: what is broken on purpose, and that the person hardly notices."""

import asyncio
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser.canned import JOB_ID, frames, give, ready, state
from tests.browser.chat import send, steps

# Milliseconds; the product's own are made for people, not for tests.
TIMING = {
    "firstByte": 20_000,
    "silence": 20_000,
    "doubt": 0,
    "reopen": {"first": 10, "most": 50},
    "poll": {"first": 20, "most": 50},
    "pollBeforeStream": 60_000,
    "question": 20_000,
    "answer": 1_000,
}

WATCH = """([id, timing]) => new Promise(async resolve => {
    const { watch } = await import("/client/events.js");
    const heard = [];
    watch(id, {
      onJob: job => {
        heard.push(job.seq);
        // What would follow the final state had a moment to arrive.
        if (job.final) setTimeout(() => resolve(heard), 300);
      },
      onLine: () => {},
      onRefused: problem => resolve(problem.status),
    }, { timing });
})"""


async def watched(page: Page, **timing: int) -> Any:
    # A script in the page has no deadline of its own.
    async with asyncio.timeout(20):
        return await page.evaluate(WATCH, [JOB_ID, {**TIMING, **timing}])


async def test_older_states_are_dropped_and_the_final_one_comes_once(page: Page) -> None:
    await give(page, state(3), state(2), state(3), state(5), ready(6), ready(6))

    assert await watched(page) == [3, 5, 6]


async def test_stream_that_ends_early_is_opened_again(page: Page) -> None:
    bodies = iter([frames(state(1)), frames(state(1), state(2)), frames(ready(3))])

    async def next_body(route: Route) -> None:
        await route.fulfill(content_type="text/event-stream", body="retry: 10\n\n" + next(bodies))

    await page.route(f"**/api/jobs/{JOB_ID}/events", next_body)

    assert await watched(page) == [1, 2, 3]


async def test_stream_that_a_proxy_refuses_is_made_anew(page: Page) -> None:
    answers = iter([502, 503, 200])

    async def answer(route: Route) -> None:
        status = next(answers)
        body = frames(ready(3)) if status == 200 else ""
        await route.fulfill(status=status, content_type="text/event-stream", body=body)

    await give(page, state(1))
    await page.route(f"**/api/jobs/{JOB_ID}/events", answer)

    assert await watched(page) == [3]


async def test_stream_without_a_first_byte_is_replaced_by_asking(page: Page) -> None:
    held: list[Route] = []
    tags: list[str | None] = []
    states = iter([state(1), state(1), ready(2)])

    async def status(route: Route) -> None:
        tags.append(await route.request.header_value("If-None-Match"))
        job = next(states)
        is_known = tags[-1] == f'"{job["seq"]}"'
        await (route.fulfill(status=304) if is_known else route.fulfill(json=job))

    await page.route(f"**/api/jobs/{JOB_ID}", status)
    await page.route(f"**/api/jobs/{JOB_ID}/events", lambda route: held.append(route))

    assert await watched(page, firstByte=100) == [1, 2]
    assert tags == [None, '"1"', '"1"']


async def test_job_of_nobody_is_not_asked_for_again(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    assert await watched(page) == 404
    assert len([url for url in asked if url.endswith(JOB_ID)]) == 1


async def test_lost_line_is_a_quiet_word_and_the_job_ends_well(page: Page) -> None:
    job = await send(page, steps(seconds=8), "Unharmed report")
    await expect(job).to_contain_text("Writing row")

    await page.route("**/api/jobs/**", lambda route: route.abort())
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.context.set_offline(True)
    await expect(job).to_contain_text("offline; the work goes on")
    await expect(job).not_to_contain_text("Failed")

    await page.unroute("**/api/jobs/**")
    await page.context.set_offline(False)
    await expect(job).to_contain_text("Unharmed report.xlsx")


async def test_more_jobs_than_a_browser_has_connections_still_end(page: Page) -> None:
    jobs = [await send(page, steps(seconds=1), f"Report {number}") for number in range(8)]

    for job in jobs:
        await expect(job).to_contain_text("Ready", timeout=40_000)
