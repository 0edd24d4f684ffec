"""A look into the document: what unfolds in the card, and what fills the window."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.canned import give, ready, show
from tests.browser.chat import card

PREVIEW = "/api/artifacts/a/preview"


def picture(width: int, height: int) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(drawn, "PNG")

    return drawn.getvalue()


def pages(count: int, total: int | None = None) -> dict[str, Any]:
    size = {"title": None, "width": 60, "height": 80}
    parts = [{"url": f"{PREVIEW}/{n + 1}", "mimeType": "image/png", **size} for n in range(count)]

    return {"kind": "pages", "total": total or count, "parts": parts}


def sheet(name: str, rows: int, **fields: Any) -> dict[str, Any]:
    cells = [[{"text": f"{name} {row}", "align": None}, None] for row in range(rows)]
    size = {"columns": 2, "totalRows": rows, "totalColumns": 2, "rtl": False}

    return {"name": name, "rows": cells, **size, **fields}


async def preview(page: Page, manifest: dict[str, Any], *parts: bytes | dict[str, Any]) -> Locator:
    """Give the canned document a preview; return what unfolds in its card."""
    result = {"artifact_id": "a", "file_name": "Canned.pdf", "file_size": 1, "preview_url": PREVIEW}
    await give(page, ready(3, result=result))
    await page.route(f"**{PREVIEW}", lambda route: route.fulfill(json=manifest))

    async def part(route: Route) -> None:
        body = parts[(int(route.request.url.rpartition("/")[2]) - 1) % len(parts)]
        if isinstance(body, bytes):
            await route.fulfill(content_type="image/png", body=body)
        else:
            await route.fulfill(json=body)

    await page.route(f"**{PREVIEW}/*", part)
    await show(page)
    unfolded = card(page, "Canned.pdf").locator(".preview")
    await unfolded.wait_for()

    return unfolded


async def opened(page: Page) -> Locator:
    await page.get_by_role("button", name="Preview of Canned.pdf").click()
    dialog = page.get_by_role("dialog", name="Preview of Canned.pdf")
    await expect(dialog).to_be_visible()

    return dialog


async def test_pages_are_turned_and_enlarged_by_keys(page: Page) -> None:
    await preview(page, pages(3), picture(60, 80))
    dialog = await opened(page)
    count, image = dialog.get_by_role("status"), dialog.get_by_role("img")

    await expect(count).to_have_text("1 of 3")
    await page.keyboard.press("ArrowRight")
    await expect(count).to_have_text("2 of 3")
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowRight")
    await expect(count).to_have_text("3 of 3")
    await expect(image).to_have_accessible_name("Preview of Canned.pdf, 3 of 3")

    before = await image.bounding_box()
    await page.keyboard.press("+")
    after = await image.bounding_box()
    assert before
    assert after
    assert after["width"] == pytest.approx(before["width"] * 1.25, rel=0.02)

    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Preview of Canned.pdf")).to_be_focused()


async def test_what_was_left_out_is_said(page: Page) -> None:
    await preview(page, pages(2, total=120), picture(60, 80))

    dialog = await opened(page)

    await expect(dialog).to_contain_text("The first 2 of 120 are shown; the file has all.")


async def test_sheets_are_tabs_and_long_ones_grow_as_they_are_scrolled(page: Page) -> None:
    manifest = {
        "kind": "sheets",
        "total": 2,
        "parts": [
            {"url": f"{PREVIEW}/{n}", "mimeType": "application/json", "title": title}
            for n, title in ((1, "North"), (2, "South"))
        ],
    }
    unfolded = await preview(page, manifest, sheet("North", 3), sheet("South", 450))
    await expect(unfolded.get_by_role("row", name="North 2")).to_be_visible()
    cells = await unfolded.locator(".sheet").bounding_box()
    expand = await unfolded.locator(".expand").bounding_box()
    assert cells is not None
    assert expand is not None
    assert cells["x"] + cells["width"] <= expand["x"], "no cell is covered"

    await unfolded.get_by_role("tab", name="North").press("ArrowRight")
    await expect(unfolded.get_by_role("row", name="South 2")).to_be_visible()

    dialog = await opened(page)
    await dialog.get_by_role("tab", name="South").click()
    last = dialog.get_by_role("row", name="South 449")
    await expect(dialog.get_by_role("row", name="South 99")).to_be_visible()
    assert await last.count() == 0
    for _ in range(4):
        await dialog.locator(".sheet").evaluate("node => node.scrollTo(0, node.scrollHeight)")
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    await expect(last).to_have_count(1)


async def test_sheet_that_reads_from_the_right_is_shown_so(page: Page) -> None:
    part = {"url": f"{PREVIEW}/1", "mimeType": "application/json", "title": "צפון"}
    manifest = {"kind": "sheets", "total": 1, "parts": [part]}

    unfolded = await preview(page, manifest, sheet("צפון", 3, rtl=True))

    await expect(unfolded.get_by_role("table")).to_have_css("direction", "rtl")


async def test_text_is_shown_in_a_frame_that_can_do_nothing(page: Page) -> None:
    part = {"url": f"{PREVIEW}/1", "mimeType": "text/html", "title": None}

    unfolded = await preview(page, {"kind": "html", "total": 1, "parts": [part]}, {})

    assert await unfolded.locator("iframe").get_attribute("sandbox") == ""


async def test_document_without_a_preview_is_complete_without_it(page: Page) -> None:
    result = {"artifact_id": "a", "file_name": "Canned.pdf", "file_size": 1, "preview_url": PREVIEW}
    await give(page, ready(3, result=result))
    problem = {"status": 404, "code": "preview_failed", "detail": "It is too large to draw."}
    await page.route(f"**{PREVIEW}", lambda route: route.fulfill(status=404, json=problem))
    await show(page)

    async with page.expect_response(f"**{PREVIEW}"):
        await card(page, "Canned.pdf").wait_for()

    await expect(card(page, "Canned.pdf").get_by_role("link", name="Download")).to_be_visible()
    await expect(page.locator(".preview")).to_have_count(0)


async def test_each_example_is_shown_as_what_it_is(page: Page) -> None:
    """The real server draws them, in its sandbox."""
    looks = {"sheets": "table", "html": "iframe", "pages": "img", "slides": ".slide"}
    for index, (kind, look) in enumerate(looks.items()):
        await page.locator(".example").nth(index).click()
        unfolded = page.locator(f".preview[data-kind={kind}]")
        await expect(unfolded.locator(look).first).to_be_visible()
        await page.get_by_role("button", name="New session").click()
