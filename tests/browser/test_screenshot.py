"""The pictures for the README: pytest -m screenshot."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.chat import FAILING, SHORT, send, steps
from tests.browser.test_jobs_page import enqueue, row

DOCS = Path(__file__).parents[2] / "docs"
COLOURS = 128  # flat surfaces need no more, and weigh a third

pytestmark = [pytest.mark.screenshot, pytest.mark.timeout(180)]


@pytest.fixture
async def framed(
    browser: Browser, pressroom_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    if "screenshot" not in str(request.config.getoption("markexpr")):
        pytest.skip("writes into docs/; ask for it with -m screenshot")

    context = await browser.new_context(
        base_url=pressroom_url,
        viewport={"width": 1120, "height": 760},
        device_scale_factor=1.5,
        locale="en-GB",
        reduced_motion="reduce",
    )
    yield await context.new_page()
    await context.close()


async def test_picture_of_the_chat(framed: Page) -> None:
    await framed.goto("/")
    running = await send(framed, steps(seconds=60), "Annual report", "Document")
    await expect(running).to_contain_text("Writing row 4")
    await framed.get_by_role("button", name="Examples").click()
    await framed.get_by_role("menuitem").first.click()
    await framed.get_by_role("button", name="Send").click()
    await framed.locator(".preview").wait_for()

    await keep(framed, "chat.png")
    await running.get_by_role("button", name="Cancel").click()


async def test_picture_of_the_jobs(framed: Page) -> None:
    for document_type, title in (
        ("pdf", "Invoice 2026-0117"),
        ("spreadsheet", "Waste by month"),
        ("presentation", "Board meeting, January"),
        ("document", "Minutes of the kick-off"),
    ):
        await enqueue(
            framed, SHORT if document_type == "spreadsheet" else "1 / 0", title, document_type
        )
    for example in await (await framed.request.get("/api/examples")).json():
        await enqueue(framed, example["code"], example["title"], example["documentType"])
    await enqueue(framed, FAILING, "Sales with a mistake")
    running = [
        await enqueue(framed, steps(seconds=120), "Annual report", "document"),
        await enqueue(framed, steps(seconds=160), "Plan for the roastery", "presentation"),
        await enqueue(framed, SHORT, "Stock at closing"),
    ]
    await framed.set_viewport_size({"width": 1320, "height": 800})
    await framed.goto("/jobs")
    await expect(row(framed, "Plan for the roastery")).to_contain_text("%")
    # A chart of two points says nothing.
    line = framed.locator(".strip polyline").first
    await expect(line).to_have_attribute("points", re.compile(r"(\S+ ){12}"), timeout=90_000)
    await framed.get_by_role("button", name="Sales with a mistake", exact=True).click()
    await framed.locator(".drawer mark").wait_for()

    await keep(framed, "jobs.png")
    for job_id in running:
        await framed.request.post(f"/api/jobs/{job_id}/cancel", data={})


async def keep(page: Page, name: str) -> None:
    await page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(await page.screenshot()))
    DOCS.mkdir(exist_ok=True)
    picture.convert("RGB").quantize(COLOURS).save(DOCS / name, optimize=True)
