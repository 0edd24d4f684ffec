"""The picture for the README: pytest -m screenshot."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chat import FAILING, send, steps

PICTURE = Path(__file__).parents[2] / "docs" / "screenshot.png"


@pytest.mark.screenshot
async def test_picture_of_three_jobs(
    browser: Browser, pressroom_url: str, request: pytest.FixtureRequest
) -> None:
    if "screenshot" not in str(request.config.getoption("markexpr")):
        pytest.skip("writes docs/screenshot.png; ask for it with -m screenshot")

    context = await browser.new_context(
        base_url=pressroom_url, viewport={"width": 960, "height": 740}, device_scale_factor=2
    )
    page = await context.new_page()
    await page.goto("/")
    await page.locator(".example").first.click()
    await expect(page.get_by_role("article")).to_contain_text("Ready")
    failed = await send(page, FAILING, "Sales with a mistake")
    await expect(failed).to_contain_text("line 12")
    running = await send(page, steps(seconds=20), "Annual report", "Document")
    await expect(running).to_contain_text("Writing row 9")

    await page.mouse.move(0, 0)
    PICTURE.parent.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURE)

    assert PICTURE.stat().st_size > 0
    await running.get_by_role("button", name="Cancel").click()
    await context.close()
