"""Hostile documents in a real browser: their previews show, and do nothing."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from playwright.async_api import Browser, Page, Route
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from server.previews import HARMLESS
from workers.opening import previews

ADDRESS = "http://pressroom.test/api/artifacts/1/preview/1"
OWNED = "document.title = 'owned'"
ATTACKS = (
    f"<script>{OWNED}</script>",
    f'<img src=x onerror="{OWNED}">',
    f'</style></title><svg onload="{OWNED}">',
    f'<iframe srcdoc="<script>parent.{OWNED}</script>"></iframe>',
    "<meta http-equiv=refresh content='0;url=http://evil.test/'>",
    "<link rel=stylesheet href=http://evil.test/a.css>",
    "<img src=http://evil.test/a.png>",
)
Show = Callable[[bytes, dict[str, str]], Awaitable[tuple[str, list[str]]]]


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A browser without a server behind it: what is asked for is what a document asks for."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


@pytest.fixture
def show(page: Page) -> Show:
    """Open a part with headers; return the title that it then has, and what it asked for."""

    async def show(part: bytes, headers: dict[str, str]) -> tuple[str, list[str]]:
        asked: list[str] = []

        async def answer(route: Route) -> None:
            url = route.request.url
            if url == ADDRESS:
                typed = {**headers, "Content-Type": "text/html; charset=utf-8"}
                await route.fulfill(body=part, headers=typed)
            else:
                asked.append(url)
                await route.abort()

        await page.route("**/*", answer)
        await page.goto(ADDRESS, wait_until="load")
        return await page.title(), asked

    return show


def made(kind: str, document: Any, tmp_path: Path) -> list[bytes]:
    file = io.BytesIO()
    document.save(file)
    (tmp_path / "document").write_bytes(file.getvalue())
    out = tmp_path / "out"
    out.mkdir()
    previews.make(kind, str(tmp_path / "document"), str(out))
    return [path.read_bytes() for path in sorted(out.glob("*.html"))]


def letter() -> Any:
    document = docx.Document()
    for attack in ATTACKS:
        document.add_heading(attack, 1)
        document.add_paragraph(attack)
        document.add_table(1, 1).cell(0, 0).text = attack
    for target in (f"javascript:{OWNED}", "http://evil.test/", "data:text/html,<script>"):
        rel = document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id", rel)
        run = document.add_paragraph().add_run("a link")
        link.append(run._r)
        document.paragraphs[-1]._p.append(link)
    return document


def deck() -> Any:
    document = pptx.Presentation()
    slide = document.slides.add_slide(document.slide_layouts[5])
    slide.shapes.title.text = "".join(ATTACKS)
    for attack in ATTACKS:
        box = slide.shapes.add_textbox(0, 0, Inches(3), Inches(1))
        box.name = attack
        run = box.text_frame.paragraphs[0].add_run()
        run.text = attack
        run.font.name = 'a";background:url(http://evil.test/)'
        run.hyperlink.address = f"javascript:{OWNED}"
        cell = slide.shapes.add_table(1, 1, 0, 0, Inches(3), Inches(1)).table.cell(0, 0)
        cell.text = attack
        figures = CategoryChartData()
        figures.categories = [attack[:14], attack]
        figures.add_series(attack, (1, 2))
        slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(3), Inches(2), figures)
    return document


@pytest.mark.parametrize(("kind", "document"), [("html", letter()), ("slides", deck())])
async def test_a_hostile_documents_preview_does_nothing(
    show: Show, page: Page, tmp_path: Path, kind: str, document: Any
):
    (part,) = made(kind, document, tmp_path)

    for headers in (HARMLESS, {}):  # each layer by itself: this is without the headers
        assert await show(part, headers) == ("Preview", [])

    assert "onerror" in await page.inner_text("body"), "the attack is there, as text"
    acting = "script, iframe, link, meta[http-equiv], [href], [onload], [onerror], object, embed"
    assert await page.locator(acting).count() == 0


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_came_through_all_the_same_is_stopped_by_the_headers(show: Show, attack: str):
    raw = f"<!doctype html><title>Preview</title>{attack}".encode()

    assert await show(raw, HARMLESS) == ("Preview", [])


async def test_without_both_layers_the_attacks_succeed(show: Show):
    raw = b"<!doctype html><title>Preview</title>"

    for attack in ATTACKS[:2]:
        assert (await show(raw + attack.encode(), {}))[0] == "owned"
    for attack in ATTACKS[-2:]:
        assert (await show(raw + attack.encode(), {}))[1] != []
