"""Pictures of every state, to be looked at: ./dev test tests/browser/test_screens.py -m soak"""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chat import FAILING, steps
from tests.browser.gallery import show_all
from tests.browser.test_jobs_page import enqueue, row

SCREENS = Path(__file__).parents[2] / "out" / "screens"

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


class Look(NamedTuple):
    """How a person looks at it."""

    language: str
    light: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.light}-{self.width}"


LOOKS = [Look(*each) for each in product(("en", "he"), ("light", "dark"), (360, 1280))]


@pytest.fixture(params=LOOKS, ids=str)
async def seen(
    request: pytest.FixtureRequest, browser: Browser, pressroom_url: str
) -> AsyncIterator[tuple[Page, Look]]:
    look: Look = request.param
    context = await browser.new_context(
        base_url=pressroom_url,
        color_scheme=look.light,  # type: ignore[arg-type]
        locale={"en": "en-GB", "he": "he-IL"}[look.language],
        reduced_motion="reduce",
        viewport={"width": look.width, "height": 800},
    )
    yield await context.new_page(), look
    await context.close()


async def test_picture_of_every_state(seen: tuple[Page, Look]) -> None:
    page, look = seen
    await page.goto("/")
    await page.locator(".example").first.wait_for()
    await keep(page, look, "welcome")

    await show_all(page)
    await page.evaluate("document.querySelector('footer').hidden = true; scrollTo(0, 0)")
    await keep(page, look, "card", full_page=True)


async def test_picture_of_each_document(seen: tuple[Page, Look]) -> None:
    page, look = seen
    await page.goto("/")
    for index, kind in enumerate(("sheets", "html", "pages", "slides")):
        await page.locator(".example").nth(index).click()
        preview = page.locator(f".preview[data-kind={kind}]")
        await preview.wait_for()
        await keep(page, look, f"chat-{kind}")
        await preview.locator(".expand").click()
        await page.get_by_role("dialog").locator("img, table, iframe").first.wait_for()
        await keep(page, look, f"window-{kind}")
        await page.keyboard.press("Escape")
        await page.locator(".own .button").last.click()


async def test_picture_of_the_jobs_page(seen: tuple[Page, Look]) -> None:
    page, look = seen
    running = await enqueue(page, steps(seconds=60, count=600), "Annual report", "document")
    await enqueue(page, FAILING, "Sales with a mistake")
    await page.goto("/jobs")
    await page.locator("[data-status=failed]").first.wait_for()
    await expect(row(page, "Annual report").first).to_contain_text("%")
    await keep(page, look, "jobs")

    await page.get_by_role("button", name="Sales with a mistake", exact=True).first.click()
    await page.locator(".drawer mark").wait_for()
    await keep(page, look, "job")
    await page.request.post(f"/api/jobs/{running}/cancel", data={})


async def keep(page: Page, look: Look, name: str, *, full_page: bool = False) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"{name}-{look}.png", full_page=full_page)
