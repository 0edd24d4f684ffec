"""From code to document, as a person sees it."""

from itertools import pairwise
from pathlib import Path

import openpyxl
from playwright.async_api import Page, expect

from tests.browser.chat import FAILING, SHORT, card, send, steps


async def test_an_example_becomes_a_download_in_one_click(page: Page, tmp_path: Path) -> None:
    examples = page.get_by_role("list").get_by_role("button")
    title = await examples.first.locator("strong").inner_text()

    await examples.first.click()
    job = card(page, title)
    await expect(job).to_contain_text("Ready")
    async with page.expect_download() as download:
        await job.get_by_role("link", name="Download").click()
    file = await download.value
    await file.save_as(tmp_path / "download.xlsx")

    assert file.suggested_filename == f"{title}.xlsx"
    assert openpyxl.load_workbook(tmp_path / "download.xlsx").sheetnames


async def test_page_is_never_empty_between_the_examples_and_the_first_card(page: Page) -> None:
    await page.evaluate(
        """() => {
            const welcome = document.querySelector(".welcome");
            const isSeen = card => !card.hasAttribute("data-quiet") && welcome.hidden;
            window.seen = [];
            const look = () => {
              const cards = [...document.querySelectorAll("document-job")].filter(isSeen).length;
              window.seen.push(welcome.checkVisibility() ? "examples" : cards ? "card" : "nothing");
              requestAnimationFrame(look);
            };
            look();
        }"""
    )

    await page.locator(".example").first.click()
    await expect(page.get_by_role("article")).to_contain_text("Ready")

    seen = await page.evaluate("window.seen")
    assert [now for before, now in pairwise(["", *seen]) if now != before] == ["examples", "card"]


async def test_all_four_examples_become_ready(page: Page) -> None:
    examples = page.locator(".example")
    assert await examples.count() == 4

    for index in range(4):
        # The greeting goes with the first job, so each later one begins in a new session.
        await examples.nth(index).click()
        await expect(page.get_by_role("article")).to_contain_text("Ready")
        await page.get_by_role("button", name="New session").click()

    sessions = page.get_by_role("navigation", name="Sessions")
    await expect(sessions.get_by_role("button")).to_have_count(4)


async def test_progress_is_live_and_never_runs_backwards(page: Page) -> None:
    job = await send(page, steps(seconds=4), "Live report")
    await expect(job).to_contain_text("Writing row")

    seen = await job.evaluate(
        """article => new Promise(resolve => {
            const bar = article.querySelector("[role=progressbar]");
            const seen = [];
            new MutationObserver(() => {
              const value = bar.getAttribute("aria-valuenow");
              if (value !== null) seen.push(Number(value));
              if (article.dataset.status === "completed") resolve(seen);
            }).observe(article, { attributes: true, subtree: true });
        })"""
    )

    assert len(set(seen)) > 3
    assert seen == sorted(seen)
    await expect(job).to_contain_text("Live report.xlsx")


async def test_elapsed_time_is_shown_from_three_seconds_on(page: Page) -> None:
    job = await send(page, steps(seconds=20), "Slow report")
    await expect(job).to_contain_text("Writing row")
    assert " s" not in await job.locator(".aside").inner_text()

    await expect(job.locator(".aside")).to_have_text("3 s")

    await job.get_by_role("button", name="Cancel").click()
    await expect(job).to_contain_text("Cancelled")


async def test_failing_script_shows_its_line_between_its_neighbours(page: Page) -> None:
    job = await send(page, FAILING, "Sales with a mistake")

    await expect(job).to_contain_text("Failed · the code stopped at line 12")
    await expect(job.get_by_role("alert")).to_have_text("NameError: name 'totl' is not defined")
    await expect(job.locator("mark")).to_contain_text('sheet.append(["Total", totl])')
    await expect(job.locator(".excerpt")).to_contain_text("workbook.save(OUTPUT_PATH)")
    await job.get_by_text("Details", exact=True).click()
    await expect(job).to_contain_text("Traceback (most recent call last)")


async def test_edit_brings_the_code_back_to_the_failing_line(page: Page) -> None:
    job = await send(page, FAILING, "Sales with a mistake")
    await job.get_by_role("button", name="Edit").click()

    code = page.get_by_label("Python code")
    await expect(code).to_have_value(FAILING)
    await expect(code).to_be_focused()
    before_caret = await code.evaluate("area => area.value.slice(0, area.selectionStart)")
    assert before_caret.count("\n") == 11
    await expect(page.locator(".numbers .marked")).to_have_text("12")

    await code.fill(FAILING.replace("totl", "total"))
    await page.get_by_role("button", name="Send").click()
    await expect(card(page, "Sales with a mistake.xlsx")).to_contain_text("Ready")


async def test_reload_in_the_middle_shows_the_same_job(page: Page) -> None:
    job = await send(page, steps(seconds=6), "Reloaded report")
    await expect(job).to_contain_text("Writing row")

    await page.reload()

    await expect(job).to_contain_text("Writing row")
    await expect(job).to_contain_text("Ready")
    await page.reload()
    await expect(job).to_contain_text("Reloaded report.xlsx")


async def test_reload_shows_a_failure_with_its_code(page: Page) -> None:
    job = await send(page, FAILING, "Sales with a mistake")
    await expect(job).to_contain_text("Failed")

    await page.reload()

    await expect(job.locator("mark")).to_contain_text('sheet.append(["Total", totl])')
    await expect(job.get_by_role("alert")).to_have_count(0)


async def test_card_needs_nothing_but_the_id(page: Page) -> None:
    job = await send(page, SHORT, "Known by its id")
    await expect(job).to_contain_text("Ready")
    job_id = await page.locator("document-job").get_attribute("job-id")

    await page.evaluate(
        """id => {
            const card = document.createElement("document-job");
            card.setAttribute("job-id", id);
            document.querySelector("main").replaceChildren(card);
        }""",
        job_id,
    )

    await expect(job).to_contain_text("Known by its id.xlsx")
    await expect(job.get_by_role("link", name="Download")).to_be_visible()


async def test_unknown_job_is_said_to_be_gone(page: Page) -> None:
    await page.evaluate(
        """() => {
            const card = document.createElement("document-job");
            card.setAttribute("job-id", "00000000-0000-4000-8000-000000000000");
            document.querySelector("main").append(card);
        }"""
    )

    await expect(page.get_by_role("article")).to_contain_text("This job is no longer here.")


async def test_cancelled_job_can_be_tried_again(page: Page) -> None:
    job = await send(page, steps(seconds=3), "Stopped report")
    await expect(job).to_contain_text("Writing row")

    await job.get_by_role("button", name="Cancel").click()
    await expect(job).to_contain_text("Cancelled")
    await job.get_by_role("button", name="Try again").click()

    await expect(job).to_contain_text("Writing row")
    await expect(job).to_contain_text("Ready")


async def test_two_jobs_run_side_by_side(page: Page) -> None:
    first = await send(page, steps(seconds=30), "First report")
    second = await send(page, steps(seconds=30), "Second report", "PDF")

    await expect(first).to_contain_text("Writing row 2")
    await expect(second).to_contain_text("Writing row 2")
    await expect(page).to_have_title("(2) Pressroom")

    for job in (first, second):
        await job.get_by_role("button", name="Cancel").click()
        await expect(job).to_contain_text("Cancelled")
    await expect(page).to_have_title("Pressroom")


async def test_card_keeps_its_height_until_it_is_ready(page: Page) -> None:
    job = await send(page, steps(seconds=2), "Steady report")
    await expect(job).to_contain_text("Writing row")

    heights = await job.evaluate(
        """article => new Promise(resolve => {
            const heights = new Set();
            const measure = () => {
              heights.add(article.getBoundingClientRect().height);
              if (article.dataset.status === "completed") resolve([...heights]);
              else requestAnimationFrame(measure);
            };
            measure();
        })"""
    )

    assert len(heights) == 1
