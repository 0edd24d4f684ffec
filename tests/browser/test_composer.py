"""The form: nothing typed is lost, errors stand beside their field."""

import json
import re

from playwright.async_api import Page, Route, expect

from tests.browser.chat import FAILING, SHORT, card, send


async def test_empty_code_is_refused_beside_the_editor(page: Page) -> None:
    await page.get_by_label("Title").fill("Half a thought")

    await page.get_by_role("button", name="Send").click()

    await expect(page.locator("#problem-code")).to_contain_text("There is no code yet")
    await expect(page.get_by_label("Python code")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Title")).to_have_value("Half a thought")


async def test_refusal_of_the_server_stands_beside_the_field_it_names(page: Page) -> None:
    problem = {"status": 422, "code": "payload_invalid", "detail": "Too long.", "field": "title"}

    async def refuse(route: Route) -> None:
        body = json.dumps(problem)
        await route.fulfill(status=422, content_type="application/problem+json", body=body)

    await page.route("**/api/jobs", refuse)
    await page.get_by_label("Title").fill("Endless")
    await page.get_by_label("Python code").fill(SHORT)

    await page.get_by_role("button", name="Send").click()

    await expect(page.locator("#problem-title")).to_have_text("Too long.")
    await expect(page.get_by_label("Title")).to_have_value("Endless")
    await expect(page.get_by_label("Python code")).to_have_value(SHORT)


async def test_second_click_after_a_lost_answer_makes_no_second_job(page: Page) -> None:
    keys: list[str | None] = []

    async def lose_the_first_answer(route: Route) -> None:
        keys.append(await route.request.header_value("Idempotency-Key"))
        if len(keys) > 1:
            await route.continue_()
            return
        await route.fetch()
        await route.abort()

    await page.route("**/api/jobs", lose_the_first_answer)
    await page.get_by_label("Title").fill("Sent twice")
    await page.get_by_label("Python code").fill(SHORT)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()

    await page.get_by_role("button", name="Send").click()
    await expect(card(page, "Sent twice.xlsx")).to_contain_text("Ready")
    await page.unroute("**/api/jobs")
    await page.reload()

    await expect(card(page, "Sent twice.xlsx")).to_have_count(1)
    assert keys[0] == keys[1]


async def test_draft_survives_a_reload(page: Page) -> None:
    await page.get_by_role("radio", name="PDF").check()
    await page.get_by_label("Title").fill("Half a thought")
    await page.get_by_label("Python code").fill("from reportlab")

    await page.reload()

    await expect(page.get_by_role("radio", name="PDF")).to_be_checked()
    await expect(page.get_by_label("Title")).to_have_value("Half a thought")
    await expect(page.get_by_label("Python code")).to_have_value("from reportlab")


async def test_example_can_be_taken_into_the_editor(page: Page) -> None:
    await page.get_by_role("button", name="Examples").click()
    await page.get_by_role("menuitem").nth(2).click()

    await expect(page.get_by_role("radio", name="PDF")).to_be_checked()
    await expect(page.get_by_label("Python code")).to_have_value(re.compile("reportlab"))
    await expect(page.get_by_role("article")).to_have_count(0)


async def test_example_says_that_it_runs_and_the_form_follows_its_type(page: Page) -> None:
    example = page.get_by_role("button", name=re.compile("PDF Run"))

    await example.click()

    await expect(page.get_by_role("radio", name="PDF")).to_be_checked()
    await expect(page.get_by_role("article")).to_contain_text("Ready")


async def test_example_leaves_what_is_written_alone(page: Page) -> None:
    await page.get_by_label("Python code").fill(SHORT)

    await page.get_by_role("button", name=re.compile("PDF Run")).click()
    await expect(page.get_by_role("article")).to_contain_text("Ready")

    await expect(page.get_by_role("radio", name="Spreadsheet")).to_be_checked()
    await expect(page.get_by_label("Python code")).to_have_value(SHORT)


async def test_name_of_an_untitled_job_does_not_come_back_as_a_title(page: Page) -> None:
    untitled = await send(page, FAILING, "")
    await expect(untitled).to_have_accessible_name("Untitled spreadsheet")

    await untitled.get_by_role("button", name="Edit").click()

    await expect(page.get_by_label("Python code")).to_have_value(FAILING)
    await expect(page.get_by_label("Title", exact=True)).to_have_value("")


async def test_new_session_is_empty_and_the_earlier_one_comes_back(page: Page) -> None:
    first = await send(page, SHORT, "First session")
    await expect(first).to_contain_text("Ready")

    await page.get_by_role("button", name="New session").click()
    await expect(page.get_by_role("article")).to_have_count(0)
    await expect(page.get_by_role("heading", level=2)).to_be_visible()

    sessions = page.get_by_role("navigation", name="Sessions")
    await sessions.get_by_role("button", name="First session").click()
    await expect(card(page, "First session.xlsx")).to_contain_text("Ready")
