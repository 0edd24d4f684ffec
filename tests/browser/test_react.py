"""The React bindings in a Vite and TypeScript application, which knows only the packed client."""

import mimetypes
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.chat import FAILING, SHORT, card, steps
from tests.client import application

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

COMPONENTS = 50


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return application.installed(tmp_path_factory.mktemp("react"))


@pytest.fixture(scope="session")
def files(home: Path) -> Path:
    return application.built(home)


@pytest.fixture
async def app(blank: Page, files: Path) -> Page:
    """A page of Pressroom's origin under which the application lies, as behind one proxy."""

    async def answer(route: Route) -> None:
        path = files / route.request.url.split("/app/")[1].split("?")[0]
        media_type = mimetypes.guess_type(path)[0]
        await route.fulfill(body=path.read_bytes(), content_type=media_type)

    await blank.route("**/app/**", answer)
    await blank.goto("/healthz")
    return blank


async def begin(app: Page, code: str) -> None:
    """Send code, and open the application on its job."""
    asked = {"code": code, "documentType": "spreadsheet", "title": "React"}
    accepted = await app.request.post("/api/jobs", data=asked)
    await app.goto(f"/app/index.html?job={(await accepted.json())['jobId']}")


async def told(app: Page) -> Any:
    """What all components have told, once each has; the rest is what came too often."""
    await app.wait_for_function(f"told.length > {COMPONENTS}", polling=50)
    return sorted(await app.evaluate("told"))


def test_components_can_be_drawn_on_a_server(home: Path, files: Path):
    drawn = application.run("node", "ssr.mjs", folder=home / "app").splitlines()

    assert drawn[0] == "connecting"
    assert "<progress" in drawn[1]
    assert "Q3 &amp; Q4" in drawn[2]


async def test_each_component_hears_once_that_a_job_is_complete(app: Page):
    streams: list[str] = []
    app.on("request", lambda r: streams.append(r.url) if r.url.endswith("/events") else None)

    await begin(app, steps(seconds=1))

    await expect(card(app, "React.xlsx")).to_contain_text("Ready")
    await expect(app.locator("#status")).to_contain_text("completed")
    complete = ["complete React.xlsx true"] * COMPONENTS
    assert await told(app) == ["card complete", *complete]
    assert len(streams) <= 2, "one line for all, and one more for what came a moment later"


async def test_each_component_hears_once_that_a_job_failed(app: Page):
    await begin(app, FAILING)

    await expect(card(app, "React")).to_contain_text("Failed")
    assert await told(app) == ["card error", *["error script_error"] * COMPONENTS]


async def test_component_that_is_taken_away_leaves_nothing_open(app: Page):
    await begin(app, steps(seconds=20))
    await expect(app.locator("#status")).to_contain_text("processing live")

    await app.get_by_role("button", name="Turn").click()

    held = "(async () => (await navigator.locks.query()).held.length === 0)()"
    await app.wait_for_function(held, polling=50)
    await app.get_by_role("button", name="Turn").click()
    await expect(app.locator("#status")).to_contain_text("processing live")
    await card(app, "React").get_by_role("button", name="Cancel").click()
    await expect(app.locator("#status")).to_contain_text("cancelled")


async def test_job_that_is_over_already_is_told_to_who_comes_late(app: Page):
    await begin(app, SHORT)
    await expect(app.locator("#status")).to_contain_text("completed")

    await app.reload()

    assert len(await told(app)) == COMPONENTS + 1
