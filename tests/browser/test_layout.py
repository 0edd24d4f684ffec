"""Everything that can be pressed lies in sight and on top of nothing, at every width."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.canned import give, ready, show, state
from tests.browser.chat import FAILING, bottom, card, send, top

CONTROLS = """
    const roots = [document, ...[...document.querySelectorAll("*")].map(n => n.shadowRoot)];
    const all = selector => roots.filter(Boolean).flatMap(root =>
      [...root.querySelectorAll(selector)]).filter(node => node.checkVisibility());
    const box = node => node.getBoundingClientRect();
    const name = node => node.getAttribute("aria-label") || node.textContent || node.id;
"""
OUTSIDE = f"""() => {{
    {CONTROLS}
    const {{ clientWidth }} = document.documentElement;
    const isOutside = ({{ left, right }}) => left < 0 || right > clientWidth;
    return all("button, a, input, textarea").filter(node => isOutside(box(node))).map(name);
}}"""
OVER_A_BAR = f"""() => {{
    {CONTROLS}
    const bars = all("[data-bar] .bar").map(box);
    const meets = (a, b) =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const isOver = node => bars.some(bar => meets(box(node), bar));
    return {{ bars: bars.length, over: all(".actions > *").filter(isOver).map(name) }};
}}"""

LONG = "A title that is longer than any phone is wide, by far"


@pytest.fixture(params=[320, 360, 440, 640, 1280])
async def page_of_a_width(request: pytest.FixtureRequest, page: Page) -> AsyncIterator[Page]:
    await page.set_viewport_size({"width": request.param, "height": 740})
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth") == request.param


async def test_no_button_is_cut_off_or_lies_over_the_bar(page_of_a_width: Page) -> None:
    page = page_of_a_width
    await (await send(page, FAILING, LONG)).get_by_text("Details", exact=True).wait_for()
    await give(page, state(2, progress=45, age_seconds=12))
    await show(page)
    await expect(card(page, "Canned").locator(".percent")).to_have_text("45%")

    assert await page.evaluate(OUTSIDE) == []
    assert await page.evaluate(OVER_A_BAR) == {"bars": 1, "over": []}


async def test_no_open_menu_is_cut_off(page_of_a_width: Page) -> None:
    page = page_of_a_width
    await (await send(page, FAILING, LONG)).get_by_text("Details", exact=True).wait_for()
    await give(page, ready(3))
    await show(page)
    await card(page, "Canned.xlsx").wait_for()

    for opener in (
        page.get_by_role("button", name="Language"),
        page.get_by_role("button", name="Examples"),
        page.get_by_role("button", name=re.compile("More")),
    ):
        await opener.click()
        await expect(page.get_by_role("menuitem").first).to_be_visible()
        assert await page.evaluate(OUTSIDE) == []
        await page.keyboard.press("Escape")


async def test_sessions_lie_over_a_narrow_page_only_while_one_chooses(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.reload()
    rail = page.get_by_role("navigation", name="Sessions")
    await expect(rail).to_be_hidden()

    await page.get_by_role("button", name="Sessions", exact=True).click()
    await expect(rail).to_be_visible()
    assert await page.evaluate(OUTSIDE) == []
    await page.keyboard.press("Escape")

    await expect(rail).to_be_hidden()


async def test_title_has_room_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})

    title = await page.get_by_label("Title").bounding_box()

    assert title
    assert title["width"] > 250


async def test_buttons_of_a_failed_card_keep_their_distance_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    failed = await send(page, FAILING, "Sales with a mistake")
    line, edit = failed.locator(".line"), failed.get_by_role("button", name="Edit")
    await edit.wait_for()

    assert await top(edit) - await bottom(line) >= 8
