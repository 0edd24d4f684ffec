"""The jobs page: live, by keys, filtered in the address; and what only who operates sees."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from pressroom.up import System
from tests.browser.chat import FAILING, SHORT, steps
from tests.server.conftest import SECRET, bearer, program


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


async def enqueue(page: Page, code: str, title: str, document_type: str = "spreadsheet") -> str:
    body = {"documentType": document_type, "title": title, "code": code}
    answer = await page.request.post("/api/jobs", data=body)

    return str((await answer.json())["jobId"])


@pytest.fixture
async def board(blank: Page) -> Page:
    await blank.goto("/jobs")
    await expect(blank.locator(".live")).to_have_text("Live")

    return blank


async def test_job_comes_runs_and_ends_before_ones_eyes(board: Page) -> None:
    await enqueue(board, steps(seconds=3), "Born on the page")

    job = row(board, "Born on the page")
    await expect(job).to_contain_text(re.compile(r"Running \d+%"))
    await expect(job).to_contain_text("Ready")
    await expect(job.get_by_role("cell").nth(5)).to_have_text("1")


async def test_job_without_a_title_is_called_by_its_type(board: Page) -> None:
    asked = {"code": "1 / 0", "documentType": "pdf"}
    await board.request.post("/api/jobs", data=asked)

    await expect(row(board, "Untitled PDF").first).to_contain_text("Failed")


async def test_filters_stand_in_the_address_and_come_back(board: Page) -> None:
    await enqueue(board, FAILING, "Filtered failure", "pdf")
    await enqueue(board, SHORT, "Filtered success")
    await expect(row(board, "Filtered failure")).to_contain_text("Failed")

    await board.get_by_label("Status", exact=True).select_option(label="Failed")
    await board.get_by_label("Search titles").fill("filtered")

    await expect(row(board, "Filtered success")).to_have_count(0)
    await expect(row(board, "Filtered failure")).to_have_count(1)
    await expect(board).to_have_url(re.compile(r"status=failed&search=filtered"))
    await board.reload()
    await expect(row(board, "Filtered failure")).to_have_count(1)
    await board.go_back()
    await board.go_back()
    await expect(row(board, "Filtered success")).to_have_count(1)


async def test_filters_can_be_read_on_a_phone(board: Page) -> None:
    await board.set_viewport_size({"width": 375, "height": 740})
    await expect(board.get_by_label("User", exact=True)).to_be_visible()

    cut = await board.locator(".filters select").evaluate_all(
        """selects => selects.filter(select => {
            const shown = select.offsetWidth;
            Object.assign(select.style, { flex: "none", width: "max-content" });
            return shown < select.offsetWidth;
        }).length"""
    )

    assert cut == 0


async def test_drawer_tells_the_attempts_the_error_and_the_code(board: Page) -> None:
    await enqueue(board, FAILING, "Told in full")
    await expect(row(board, "Told in full")).to_contain_text("Failed")

    await board.get_by_role("button", name="Told in full", exact=True).click()
    drawer = board.get_by_role("complementary", name="Details")

    await expect(drawer.locator(".timeline")).to_contain_text("Attempt 1")
    await expect(drawer.locator(".timeline")).to_contain_text("name 'totl' is not defined")
    await expect(drawer.locator("mark")).to_contain_text("totl")
    await drawer.get_by_text("Code", exact=True).click()
    await expect(drawer.locator("pre.code")).to_contain_text('12  sheet.append(["Total", totl])')
    await board.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()


async def test_all_of_it_by_keys(board: Page) -> None:
    for number in (1, 2):
        await enqueue(board, steps(seconds=60, count=600), f"By keys {number}")
    upper, lower = row(board, "By keys 2"), row(board, "By keys 1")
    await expect(upper).to_have_count(1)

    await board.locator("body").press("j")
    await board.keyboard.press("k")
    await board.keyboard.press("c")
    await expect(upper).to_contain_text("Cancelled")
    await board.keyboard.press("j")
    await expect(lower.get_by_role("button")).to_be_focused()
    await board.keyboard.press("Enter")
    drawer = board.get_by_role("complementary", name="Details")
    await expect(drawer).to_contain_text("By keys 1")
    await board.keyboard.press("k")
    await expect(drawer).to_contain_text("By keys 2")
    await board.keyboard.press("Escape")

    await board.keyboard.press("r")
    await expect(upper).to_contain_text(re.compile("Queued|Running"))
    await board.keyboard.press("/")
    await expect(board.get_by_label("Search titles")).to_be_focused()
    await board.keyboard.press("Escape")
    await board.keyboard.press("x")
    await board.keyboard.press("j")
    await board.keyboard.press("x")
    await expect(board.locator(".selection")).to_contain_text("2 jobs selected")
    await board.locator(".selection").get_by_role("button", name="Cancel").click()
    for job in (upper, lower):
        await expect(job).to_contain_text("Cancelled")


async def test_job_type_that_is_paused_waits_until_it_is_resumed(board: Page) -> None:
    try:
        await board.get_by_role("button", name="Pause Presentation").click()
        await expect(board.get_by_role("button", name="Resume Presentation")).to_be_visible()
        await enqueue(board, "1 / 0", "Held back", "presentation")
        await expect(row(board, "Held back")).to_contain_text("Queued")
    finally:
        await board.get_by_role("button", name="Resume Presentation").click()

    await expect(row(board, "Held back")).to_contain_text("Failed")


async def test_who_operates_sees_figures_and_the_workers(board: Page) -> None:
    strip = board.get_by_role("region", name="Figures")

    await expect(strip).to_contain_text("Wait, p95")
    await expect(board.get_by_role("list", name="Workers")).to_contain_text("of 2 slots busy")
    await board.get_by_text("Sandbox").first.click()
    await expect(board.get_by_text("landlock_abi")).to_be_visible()


async def test_page_reads_from_the_right_in_hebrew(blank: Page) -> None:
    await blank.goto("/jobs?lang=he")

    await expect(blank.get_by_role("heading", level=1)).to_be_visible()
    await expect(blank.locator("html")).to_have_attribute("dir", "rtl")
    await expect(blank.locator(".live")).to_have_text("חי")


@pytest.fixture
async def persons(blank: Page, system: System) -> AsyncIterator[Page]:
    """The page of a server with access control, seen by somebody who does not operate it."""
    async with program(
        system.database_url, PRESSROOM_AUTH="token", PRESSROOM_JWT_SECRET=SECRET
    ) as server:
        token = bearer("who operates nothing")["Authorization"]
        await blank.request.post(f"{server.url}/api/session", headers={"Authorization": token})
        await blank.goto(f"{server.url}/jobs")
        yield blank


async def test_who_does_not_operate_sees_ones_own_and_nothing_else(
    persons: Page, system: System
) -> None:
    body = {"documentType": "pdf", "title": "Ada's own", "code": "1 / 0"}
    origin = persons.url.removesuffix("/jobs")
    await persons.request.post(f"{origin}/api/jobs", data=body)

    await expect(row(persons, "Ada's own")).to_contain_text("Failed")
    await expect(persons.locator(".operator")).to_be_hidden()
    await expect(persons.get_by_label("User", exact=True)).to_be_hidden()
    everybody = await persons.request.get(f"{system.url}/api/jobs?limit=200")
    assert len((await everybody.json())["jobs"]) >= 1
    assert await persons.locator("tbody tr").count() == 1


async def test_without_a_session_it_asks_for_one(blank: Page, system: System) -> None:
    async with program(
        system.database_url, PRESSROOM_AUTH="token", PRESSROOM_JWT_SECRET=SECRET
    ) as server:
        await blank.goto(f"{server.url}/jobs")

        await expect(blank.get_by_label("user token")).to_be_visible()
        await expect(blank.locator("table")).to_be_hidden()
        theme = await blank.locator("body > header > button").last.bounding_box()
        assert theme is not None
        assert theme["x"] > 1200, "at the end of the header, as for who is signed in"
