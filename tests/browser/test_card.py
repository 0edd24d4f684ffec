"""What the card shows in states that a healthy server seldom reaches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.canned import JOB_ID, give, ready, show, state
from tests.browser.chat import bar, bottom, card, send, steps, top


async def test_ready_card_tells_its_facts(page: Page) -> None:
    began = datetime.now(UTC) - timedelta(seconds=14)
    await give(page, ready(9, startedAt=began.isoformat()))

    await show(page)

    await expect(card(page, "Canned.xlsx").locator(".line")).to_have_text(
        "Ready4 sheets · 38 KB · 14 s"
    )


async def test_job_without_a_title_is_called_by_its_type(page: Page) -> None:
    await give(page, state(2, title=None, jobType="pdf"))

    await show(page)

    await expect(card(page, "Untitled PDF")).to_be_visible()


async def test_job_that_ends_within_a_second_shows_no_bar(page: Page) -> None:
    await page.evaluate(
        """() => {
            window.bars = 0;
            const count = () => {
              for (const card of document.querySelectorAll("document-job"))
                window.bars += card.shadowRoot.querySelectorAll("[data-bar]").length;
              requestAnimationFrame(count);
            };
            count();
        }"""
    )
    await give(page, state(1, "pending"), state(2), ready(3))

    await show(page)

    await expect(card(page, "Canned.xlsx")).to_be_visible()
    assert await page.evaluate("window.bars") == 0


async def test_nothing_is_shown_before_the_first_state_unless_it_takes_long(page: Page) -> None:
    await page.route(f"**/api/jobs/{JOB_ID}/events", lambda route: None)  # never answered

    opacities = await page.evaluate(
        """async id => {
            const card = document.createElement("document-job");
            card.setAttribute("job-id", id);
            document.querySelector(".cards").append(card);
            const article = card.shadowRoot.querySelector("article");
            const height = article.getBoundingClientRect().height;
            const before = getComputedStyle(article).opacity;
            await new Promise(seen => {
              const look = () => {
                if (card.hasAttribute("data-quiet")) requestAnimationFrame(look);
                else seen();
              };
              look();
            });
            return [before, height === article.getBoundingClientRect().height];
        }""",
        JOB_ID,
    )

    assert opacities == ["0", True]
    await page.unroute_all(behavior="ignoreErrors")


async def test_bar_stands_still_when_a_script_counts_backwards(page: Page) -> None:
    await give(page, state(2, progress=60, age_seconds=5), state(3, progress=40, age_seconds=5))

    await show(page)

    await expect(bar(card(page, "Canned"))).to_have_attribute("aria-valuenow", "60")


async def test_another_attempt_starts_the_bar_again_and_says_so(page: Page) -> None:
    again = state(4, progress=10, attempt=2, retryCount=1, age_seconds=5)
    await give(page, state(2, progress=60, age_seconds=5), again)

    await show(page)

    await expect(bar(card(page, "Canned"))).to_have_attribute("aria-valuenow", "10")
    await expect(card(page, "Canned")).to_contain_text("attempt 2 of 4")


async def test_waiting_for_another_attempt_says_when(page: Page) -> None:
    due = datetime.now(UTC) + timedelta(seconds=90)
    await give(page, state(4, "pending", attempt=1, retryCount=1, retryAt=due.isoformat()))

    await show(page)

    await expect(card(page, "Canned")).to_contain_text("queued")
    await expect(card(page, "Canned")).to_contain_text("tries again in 1 min")


async def test_title_is_text_whatever_it_contains(page: Page) -> None:
    title = '<img src=x onerror="window.broken = true">'
    await give(page, ready(3, title=title, result={"file_name": title, "file_size": 1}))

    await show(page)

    await expect(card(page, title)).to_be_visible()
    assert await page.evaluate("window.broken") is None


async def test_more_files_than_one_are_in_the_menu(page: Page) -> None:
    files = [
        {"file_name": f"{name}.xlsx", "download_url": f"/{name}", "file_size": 1}
        for name in ("Canned", "North", "South")
    ]
    await give(page, ready(3, result={**files[0], "artifacts": files}))
    await show(page)

    await card(page, "Canned.xlsx").get_by_role("button", name="More").click()

    await expect(page.get_by_role("menuitem", name="Download North.xlsx")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Download South.xlsx")).to_be_visible()


@pytest.mark.parametrize("code", ["policy_violation", "job_timeout"])
async def test_our_own_sentence_stands_without_an_exception_class(page: Page, code: str) -> None:
    message = "The code may not use the network. Put what it needs into DATA."
    error = {"code": code, "type": "PermissionError", "message": message, "line": None}
    await give(page, state(3, "failed", error=error))

    await show(page)

    await expect(card(page, "Canned").locator(".reason")).to_have_text(message)


async def test_refused_cancel_says_why_until_it_has_been_read(page: Page) -> None:
    why = "Pages of other origins may not do that; name our own in PRESSROOM_ALLOWED_HOSTS."
    problem = {"status": 403, "code": "origin_not_allowed", "detail": why}
    await page.route("**/cancel", lambda route: route.fulfill(status=403, json=problem))
    await page.set_viewport_size({"width": 360, "height": 740})
    job = await send(page, steps(seconds=60, count=600), "Unstoppable report")
    await expect(job).to_contain_text("Writing row")

    await job.get_by_role("button", name="Cancel").click()
    notice = job.get_by_role("alert")
    await expect(notice).to_have_text(why)
    written = await job.locator(".what").inner_text()
    await expect(job.locator(".what")).not_to_have_text(written)

    await expect(job.locator(".what")).to_contain_text("Writing row")
    await expect(notice).to_have_text(why)
    assert await notice.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert await bottom(notice) <= await top(page.get_by_role("form"))
    await expect(notice).to_have_count(0)
    await page.unroute("**/cancel")
    await job.get_by_role("button", name="Cancel").click()
    await expect(job).to_contain_text("Cancelled")


@pytest.mark.parametrize(
    "answer", [{"status": 404, "content_type": "text/css"}, {"content_type": "text/html"}]
)
async def test_style_that_does_not_come_is_said_and_not_worn(
    blank: Page, answer: dict[str, Any]
) -> None:
    """As under a bundler that left the file behind, or a server that has a page for every path."""
    said: list[str] = []
    blank.on("console", lambda message: said.append(message.text))
    lost = "* { display: none }"
    await blank.route("**/client/controls.css", lambda r: r.fulfill(body=lost, **answer))
    await blank.goto("/")
    await blank.get_by_role("button", name="Examples").wait_for()
    await give(blank, ready(9))

    await show(blank)

    await expect(card(blank, "Canned.xlsx")).to_be_visible()
    assert [text for text in said if "no style sheet" in text and "controls.css" in text]
