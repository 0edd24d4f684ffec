"""Everything without a mouse."""

from playwright.async_api import Page, expect

from tests.browser.chat import SHORT, card, send, steps


async def test_job_is_made_and_its_menu_used_by_keys_alone(page: Page) -> None:
    await tab_to(page, "radio", "Spreadsheet")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="Document")).to_be_checked()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Tab")
    await page.keyboard.type("By keys")
    await page.keyboard.press("Tab")
    await page.keyboard.insert_text(SHORT)
    await page.keyboard.press("Control+Enter")

    job = card(page, "By keys.xlsx")
    await expect(job).to_contain_text("Ready")
    await expect(page.get_by_label("Python code")).to_be_focused()

    await job.get_by_role("button", name="More").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="Copy job id")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem", name="Copy link")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(job.get_by_role("button", name="More")).to_be_focused()


async def test_tab_indents_in_the_editor_and_escape_lets_it_leave(page: Page) -> None:
    code = page.get_by_label("Python code")
    await code.focus()

    await page.keyboard.type("if True:\npass")
    await expect(code).to_have_value("if True:\n    pass")
    await page.keyboard.press("Shift+Tab")
    await expect(code).to_have_value("if True:\npass")
    await page.keyboard.press("End")
    await page.keyboard.press("Tab")
    await expect(code).to_have_value("if True:\npass    ")
    await page.keyboard.press("Control+z")
    await expect(code).to_have_value("if True:\npass")

    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    await expect(code).not_to_be_focused()


async def test_running_job_does_not_steal_the_focus(page: Page) -> None:
    job = await send(page, steps(seconds=2), "Polite report")
    title = page.get_by_label("Title")
    await title.focus()

    await expect(job).to_contain_text("Ready")

    await expect(title).to_be_focused()


async def test_focus_on_cancel_moves_to_what_takes_its_place(page: Page) -> None:
    job = await send(page, steps(seconds=20), "Stopped report")
    await expect(job).to_contain_text("Writing row")
    await job.get_by_role("button", name="Cancel").focus()

    await page.keyboard.press("Enter")
    await expect(job).to_contain_text("Cancelled")

    await expect(job.get_by_role("button", name="Edit")).to_be_focused()


async def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until an element has the focus; thirty steps are enough for the page."""
    target = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await target.evaluate("node => node === document.activeElement"):
            return

    raise AssertionError(f"Tab never reaches the {role} {name!r}")
