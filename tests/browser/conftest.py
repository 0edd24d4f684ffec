"""A real browser on a running Pressroom; what it complains about fails the test."""

import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from db import settings

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000  # two cores may be busy with other tests
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that CHROMIUM names, or the one on PATH."""
    expect.set_options(timeout=PATIENCE_MS)
    named = settings.child_environment().get("CHROMIUM")
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not (named or found):
        pytest.skip("no Chromium: apt-get install chromium, or name one in CHROMIUM")

    return str(named or found)


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser, pressroom_url: str) -> AsyncIterator[BrowserContext]:
    """A person with an empty browser; every test has a session of its own."""
    context = await browser.new_context(
        base_url=pressroom_url, locale="en-GB", viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    await context.close()


@pytest.fixture
async def blank(context: BrowserContext, complaints: list[str]) -> Page:
    """A page that has gone nowhere yet."""
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend(_complaint(message)))

    return page


@pytest.fixture
async def page(blank: Page) -> Page:
    """The page at `/`, examples loaded."""
    await blank.goto("/")
    await blank.get_by_role("button", name="Examples").wait_for()

    return blank


@pytest.fixture
def complaints() -> list[str]:
    """What the browser wrote in red: exceptions, refused styles and scripts."""
    return []


@pytest.fixture(autouse=True)
def _browser_is_content(complaints: list[str]) -> Iterator[None]:
    yield
    assert not complaints, "the browser complains: " + "; ".join(complaints)


def _complaint(message: ConsoleMessage) -> list[str]:
    # Failed requests are written by the network, not by the page, and some tests cause them.
    is_red = message.type == "error" and not message.text.startswith("Failed to load resource")
    return [message.text] if is_red else []
