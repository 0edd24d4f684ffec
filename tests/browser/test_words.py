"""Hebrew throughout, Hebrew names in downloads, and a card in another language than its page."""

import openpyxl
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.canned import JOB_ID, give, ready, state
from tests.browser.chat import SHORT, card

# What is no word of ours: names, keys, numbers.
FOREIGN = ("Pressroom", "Python", "PDF", "OUTPUT_PATH", "Ctrl", "Control", "Enter", "Escape", "Tab")


@pytest.fixture
async def hebrew(blank: Page) -> Page:
    await blank.goto("/?lang=he")
    await blank.locator(".example").first.wait_for()

    return blank


async def test_everything_is_said_in_hebrew_and_from_the_right(hebrew: Page) -> None:
    await expect(hebrew.locator("html")).to_have_attribute("dir", "rtl")
    said = await hebrew.evaluate(
        """() => [...document.querySelectorAll("button, label, h2, p, a, [placeholder]")]
             .filter(node => !node.closest(".example, .welcome strong, .menu"))
             .map(node => node.getAttribute("placeholder") ?? node.textContent)"""
    )
    english = [text for text in said if any("a" <= c <= "z" for c in without_names(text).lower())]
    assert english == []


async def test_hebrew_document_has_its_name_when_it_is_downloaded(hebrew: Page, tmp_path) -> None:
    await hebrew.locator("#job-title").fill('דו"ח מכירות: רבעון 3')
    await hebrew.locator("#job-code").fill(SHORT)
    await hebrew.locator("#job-code").press("Control+Enter")
    job = hebrew.get_by_role("article")
    await expect(job).to_contain_text("מוכן")
    await expect(job).to_contain_text("גיליון אחד")

    async with hebrew.expect_download() as download:
        await job.get_by_role("link").click()
    file = await download.value
    await file.save_as(tmp_path / "book.xlsx")

    assert "מכירות" in file.suggested_filename
    assert file.suggested_filename.endswith(".xlsx")
    assert openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames


async def test_card_speaks_its_own_language_on_any_page(page: Page) -> None:
    await give(page, state(2, stage="running", age_seconds=5), ready(3))

    await page.evaluate(
        """id => {
            const entry = document.createElement("li");
            const card = document.createElement("document-job");
            card.setAttribute("lang", "he");
            card.setAttribute("job-id", id);
            entry.append(card);
            document.querySelector(".cards").append(entry);
        }""",
        JOB_ID,
    )

    job = card(page, "Canned.xlsx")
    await expect(job).to_contain_text("מוכן")
    await expect(job).to_have_css("direction", "rtl")
    await page.evaluate("document.querySelector('document-job').lang = 'en'")
    await expect(job).to_contain_text("Ready")
    await expect(job).to_have_css("direction", "ltr")


async def test_language_is_chosen_once_and_kept(page: Page) -> None:
    await page.get_by_role("button", name="Language").click()
    await page.get_by_role("menuitem", name="עברית").click()
    await expect(page.locator("html")).to_have_attribute("lang", "he")

    await page.goto("/jobs")

    await expect(page.locator("html")).to_have_attribute("lang", "he")


@pytest.mark.parametrize(("count", "said"), [(1, "עמוד אחד"), (2, "שני עמודים"), (12, "12 עמודים")])
async def test_numbers_follow_the_rules_of_the_language(page: Page, count: int, said: str) -> None:
    spoken = await page.evaluate(
        """async count => {
            const { speak } = await import("/client/words.js");
            return (await speak("he")).count("pages", count);
        }""",
        count,
    )

    assert spoken == said


async def test_reader_of_hebrew_gets_hebrew_unasked(browser: Browser, pressroom_url: str) -> None:
    context = await browser.new_context(locale="he-IL")
    page = await context.new_page()
    await page.goto(pressroom_url)

    await expect(page.locator("html")).to_have_attribute("lang", "he")
    await context.close()


def without_names(text: str) -> str:
    for name in FOREIGN:
        text = text.replace(name, "")

    return text
