"""One document made again and again: versions in one place, side by side on demand."""

from playwright.async_api import Page, expect

from tests.browser.chat import FAILING, SHORT, card, send


async def test_edited_code_makes_another_version_in_the_same_place(page: Page) -> None:
    await expect(await send(page, SHORT, "Another")).to_contain_text("Ready")
    failed = await send(page, FAILING, "Report")
    await expect(failed).to_contain_text("Failed")
    await failed.get_by_role("button", name="Edit").click()
    await expect(page.get_by_text("A new version of Report")).to_be_visible()

    await page.get_by_label("Python code").fill(FAILING.replace("totl", "total"))
    await page.get_by_role("button", name="Send").click()

    await expect(card(page, "Report.xlsx")).to_contain_text("Ready")
    await expect(page.get_by_text("2 versions")).to_be_visible()
    await expect(failed).to_have_count(1)
    await page.get_by_role("button", name="Side by side").click()
    await expect(page.get_by_role("article").filter(visible=True)).to_have_count(3)
    await page.reload()
    await expect(page.get_by_text("2 versions")).to_be_visible()
    await expect(card(page, "Report.xlsx")).to_be_visible()
    assert await page.locator(".cards > li").count() == 2


async def test_regenerating_keeps_the_version_before(page: Page) -> None:
    job = await send(page, SHORT, "Again")
    await expect(job).to_contain_text("Ready")

    await job.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Regenerate").click()

    await expect(page.get_by_text("2 versions")).to_be_visible()
    await expect(page.locator(".versions > li:last-child article")).to_contain_text("Ready")


async def test_what_is_taken_for_editing_can_become_a_document_of_its_own(page: Page) -> None:
    job = await send(page, FAILING, "Report")
    await job.get_by_role("button", name="Edit").click()

    await page.get_by_role("button", name="Make a new document instead").click()
    await page.get_by_label("Python code").fill(SHORT)
    await page.get_by_role("button", name="Send").click()

    await expect(card(page, "Report.xlsx")).to_contain_text("Ready")
    await expect(page.get_by_text("2 versions")).to_have_count(0)
    assert await page.locator(".cards > li").count() == 2


async def test_card_alone_makes_its_document_again(page: Page) -> None:
    await expect(await send(page, SHORT, "Alone")).to_contain_text("Ready")
    before = await page.locator("document-job").get_attribute("job-id")
    await page.evaluate(
        """() => {
            const card = document.querySelector("document-job").cloneNode();
            document.querySelector("main").replaceChildren(card);
            card.addEventListener("document-job-regenerate", event => event.stopPropagation());
        }"""
    )
    job = page.get_by_role("article")
    await expect(job).to_contain_text("Ready")

    await job.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Regenerate").click()

    await expect(page.locator("document-job")).not_to_have_attribute("job-id", str(before))
    await expect(job).to_contain_text("Ready")
