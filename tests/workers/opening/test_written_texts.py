"""What python-docx and python-pptx write, with all that they can, is harmless and passes."""

import io
from collections.abc import Callable
from typing import Any

import docx
import pptx
import pytest
from docx.enum.section import WD_SECTION
from docx.shared import Cm
from PIL import Image as Picture
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.workers.opening.files import plain, with_relationship


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(file, "PNG")
    file.seek(0)
    return file


def test_a_word_document_with_everything_passes(check: Any):
    letter = docx.Document()
    letter.add_heading("Title", 0)
    for style in letter.styles:
        if style.type == docx.enum.style.WD_STYLE_TYPE.PARAGRAPH:
            letter.add_paragraph(style.name, style=style)
    letter.add_table(2, 2, style="Light Grid Accent 1").cell(0, 0).merge(
        letter.tables[0].cell(0, 1)
    )
    letter.add_picture(picture(), width=Cm(2))
    letter.add_section(WD_SECTION.NEW_PAGE).footer.paragraphs[0].add_run().add_picture(picture())
    letter.sections[0].different_first_page_header_footer = True
    letter.sections[0].first_page_header.paragraphs[0].text = "First"
    letter.settings.odd_and_even_pages_header_footer = True
    letter.add_comment(letter.paragraphs[1].runs, "A remark", author="Ada")
    letter.core_properties.comments = "{ DDEAUTO cmd }"
    letter.add_page_break()
    file = io.BytesIO()
    letter.save(file)

    assert "facts" in check(file.getvalue(), ".docx")


def deck(fill: Callable[[Any, Any], Any]) -> bytes:
    decked = pptx.Presentation()
    fill(decked, decked.slides.add_slide(decked.slide_layouts[5]))
    file = io.BytesIO()
    decked.save(file)
    return file.getvalue()


def links(decked: Any, slide: Any) -> None:
    run = slide.shapes.title.text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "there", "https://x.test/?a=b"
    shape = slide.shapes.add_shape(1, 0, 0, 99, 99)
    shape.click_action.target_slide = slide
    slide.shapes.add_picture(picture(), 0, 0).click_action.hyperlink.address = "mailto:ada@x.test"
    slide.notes_slide.notes_text_frame.text = "Say it"


def deck_charts(decked: Any, slide: Any) -> None:
    figures = CategoryChartData()
    figures.categories = ["a", "b"]
    figures.add_series("s", (1, 2))
    for kind in (XL_CHART_TYPE.PIE, XL_CHART_TYPE.LINE_MARKERS, XL_CHART_TYPE.COLUMN_STACKED):
        slide.shapes.add_chart(kind, 0, 0, Inches(2), Inches(2), figures)
    slide.shapes.add_table(2, 2, 0, 0, Inches(2), Inches(2))
    slide.shapes.add_group_shape([slide.shapes.add_textbox(0, 0, 9, 9)])
    slide.shapes.add_connector(1, 0, 0, 9, 9)
    slide.background.fill.solid()


def film(decked: Any, slide: Any) -> None:
    slide.shapes.add_movie(io.BytesIO(b"\0\0\0\x18ftypmp42"), 0, 0, 99, 99, picture())


@pytest.mark.parametrize("fill", [links, deck_charts, film])
def test_a_deck_passes(check: Any, fill: Any):
    assert "facts" in check(deck(fill), ".pptx")


def embedded(content: bytes, program: str) -> bytes:
    return deck(lambda _, slide: slide.shapes.add_ole_object(io.BytesIO(content), program, 0, 0))


def test_an_embedded_object_of_a_deck_is_refused(check: Any):
    assert check(embedded(plain(".xlsx"), "Excel.Sheet.12"), ".pptx")["refused"] == "active_content"
    assert check(embedded(b"hello", "Package"), ".pptx")["refused"] == "active_content"


def test_a_film_from_elsewhere_is_refused(check: Any):
    file = with_relationship(".pptx", "video", "https://x.test/a.mp4")

    assert check(file, ".pptx")["refused"] == "external_part"
