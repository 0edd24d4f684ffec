"""What a machine can say of accessibility: axe-core finds nothing, in any state and any light."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.chat import FAILING, SHORT, send
from tests.browser.gallery import show_all
from tests.browser.test_preview import pages, picture, preview

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
LIGHTS: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "forced_colors": "active"},
]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async standards => {
    const options = { runOnly: standards, resultTypes: ["violations"] };
    const { violations } = await axe.run(document, options);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
      `${id}: ${JSON.stringify(target)} ${failureSummary}`));
}"""


@pytest.fixture(params=["en", "he"])
async def spoken(request: pytest.FixtureRequest, blank: Page) -> Page:
    """The chat page in one direction or the other; nothing moves, so that colours stand still."""
    await blank.emulate_media(reduced_motion="reduce")
    await blank.goto(f"/?lang={request.param}")
    await blank.locator(".example").first.wait_for()

    return blank


async def found(page: Page) -> list[str]:
    """What axe finds in every light."""
    await page.evaluate(AXE)
    violations: list[str] = []
    for light in LIGHTS:
        await page.emulate_media(reduced_motion="reduce", **{"forced_colors": "none", **light})
        violations += [f"{light}: {v}" for v in await page.evaluate(RUN, STANDARDS)]

    return violations


async def test_axe_would_find_something(page: Page) -> None:
    await page.evaluate("document.querySelector('main').append(document.createElement('button'))")

    assert any("button-name" in violation for violation in await found(page))


async def test_every_state_of_the_card(spoken: Page) -> None:
    await show_all(spoken)

    assert await found(spoken) == []


async def test_empty_chat_and_an_open_menu(spoken: Page) -> None:
    await spoken.locator(".composer-foot .menu-holder button").first.click()
    await spoken.get_by_role("menuitem").first.wait_for()

    assert await found(spoken) == []


async def test_document_over_the_window(spoken: Page) -> None:
    await preview(spoken, pages(3), picture(60, 80))
    await spoken.locator(".expand").click()
    await spoken.get_by_role("dialog").get_by_role("img").wait_for()

    assert await found(spoken) == []


@pytest.mark.parametrize("language", ["en", "he"])
async def test_jobs_page_with_a_job_in_full(page: Page, language: str) -> None:
    await expect(await send(page, SHORT, "Seen in full")).to_contain_text("Ready")
    await expect(await send(page, FAILING, "Failed in full")).to_contain_text("Failed")
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(f"/jobs?lang={language}")
    await page.get_by_role("button", name="Failed in full").first.click()
    await page.locator(".timeline li").nth(1).wait_for()
    await page.locator(".drawer mark").wait_for()

    assert await found(page) == []
