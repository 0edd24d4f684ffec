"""The page in the words of a person who uses it."""

from playwright.async_api import Locator, Page, expect

SHORT = """
import openpyxl
openpyxl.Workbook().save(OUTPUT_PATH)
"""

FAILING = """from openpyxl import Workbook

workbook = Workbook()
sheet = workbook.active
rows = [("North", 120), ("South", 80)]
total = 0

for region, amount in rows:
    total += amount
    sheet.append([region, amount])

sheet.append(["Total", totl])
workbook.save(OUTPUT_PATH)
"""


def steps(seconds: float, count: int = 20) -> str:
    """A script that reports its progress at even steps, and makes a workbook."""
    return f"""
import time
import openpyxl

for step in range({count}):
    progress(step * 100 // {count}, f"Writing row {{step + 1}} of {count}")
    time.sleep({seconds / count})

openpyxl.Workbook().save(OUTPUT_PATH)
"""


async def send(page: Page, code: str, title: str, document_type: str = "Spreadsheet") -> Locator:
    """Fill the form, send it, return the card."""
    await page.get_by_role("radio", name=document_type).check()
    await page.get_by_label("Title").fill(title)
    await page.get_by_label("Python code").fill(code)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_label("Python code")).to_have_value("")

    return card(page, title)


def card(page: Page, title: str) -> Locator:
    """The card of a job, by its title or file name."""
    return page.get_by_role("article").filter(has_text=title)


def bar(card: Locator) -> Locator:
    return card.get_by_role("progressbar")


async def top(locator: Locator) -> float:
    """Where it begins, in pixels below the window's edge."""
    box = await locator.bounding_box()
    assert box
    return box["y"]


async def bottom(locator: Locator) -> float:
    """Where it ends, in pixels below the window's edge."""
    box = await locator.bounding_box()
    assert box
    return box["y"] + box["height"]
