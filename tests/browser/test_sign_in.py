"""A server that wants tokens, and a browser that has none yet."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from pressroom.up import System
from tests.server.conftest import SECRET, SERVICE_KEY, bearer, program

SENTENCE = "Sign in through your application, then reload this page."
TOKEN = bearer("ada")["Authorization"].removeprefix("Bearer ")


@pytest.fixture
async def guarded(blank: Page, system: System) -> AsyncIterator[Page]:
    """The page of a server with access control."""
    access = {"PRESSROOM_JWT_SECRET": SECRET, "PRESSROOM_SERVICE_KEYS": SERVICE_KEY}
    async with program(system.database_url, PRESSROOM_AUTH="token", **access) as server:
        await blank.goto(server.url)
        await blank.get_by_label("user token").wait_for()
        yield blank


async def test_page_without_a_session_asks_for_one_and_shows_nothing_else(guarded: Page) -> None:
    await expect(guarded.get_by_role("heading", name=SENTENCE)).to_be_visible()

    await expect(guarded.get_by_text("Authorization")).to_have_count(0)
    await expect(guarded.get_by_label("Python code")).to_be_hidden()
    await expect(guarded.locator(".sign-in")).to_have_count(1)


async def test_token_opens_the_page_and_is_kept_nowhere_that_a_script_can_read(
    guarded: Page,
) -> None:
    await guarded.get_by_label("user token").fill(f"Bearer {TOKEN}\n")
    await guarded.get_by_role("button", name="Sign in").click()

    await expect(guarded.get_by_role("button", name="Examples")).to_be_visible()
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert TOKEN not in await guarded.evaluate(stored)
    await guarded.reload()
    await expect(guarded.get_by_role("button", name="Examples")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "one word"),
        ("two words", "one word"),
        ("not.a.token", "not valid here"),
        (SERVICE_KEY, "service key is no user"),
    ],
)
async def test_token_that_will_not_do_is_refused_with_the_reason(
    guarded: Page, typed: str, why: str
) -> None:
    await guarded.get_by_label("user token").fill(typed)

    await guarded.get_by_label("user token").press("Enter")

    await expect(guarded.get_by_role("alert")).to_contain_text(why)


async def test_card_without_a_session_says_what_to_do(guarded: Page) -> None:
    await guarded.evaluate(
        """() => {
            const card = document.createElement("document-job");
            card.setAttribute("job-id", "00000000-0000-4000-8000-000000000000");
            document.querySelector("main").append(card);
        }"""
    )

    await expect(guarded.get_by_role("article")).to_contain_text("Sign in to see this document.")


async def test_session_that_ends_while_one_writes_loses_nothing(guarded: Page) -> None:
    await guarded.get_by_label("user token").fill(TOKEN)
    await guarded.get_by_role("button", name="Sign in").click()
    await guarded.get_by_label("Python code").fill("import this")
    await guarded.context.clear_cookies()

    await guarded.get_by_role("button", name="Send").click()

    await expect(guarded.get_by_role("alert")).to_contain_text("The session has ended.")
    await guarded.reload()
    await expect(guarded.get_by_label("user token")).to_be_visible()
    await guarded.get_by_label("user token").fill(TOKEN)
    await guarded.get_by_label("user token").press("Enter")
    await expect(guarded.get_by_label("Python code")).to_have_value("import this")
