"""What is shown of documents, and how much of those that are too large."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from PIL import Image
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from tests.workers.opening.files import packed, parts, saved, with_part
from workers.opening import previews
from workers.opening.parts import MOST_PARTS
from workers.opening.prose import harmless
from workers.opening.sheets import MOST_COLUMNS, MOST_ROWS

Make = Callable[[str, bytes], tuple[dict[str, Any], list[bytes]]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make the preview of some bytes; return its manifest and its parts."""

    def make(kind: str, file: bytes) -> tuple[dict[str, Any], list[bytes]]:
        source = tmp_path / "document"
        source.write_bytes(file)
        previews.make(kind, str(source), str(tmp_path))
        manifest = json.loads((tmp_path / "manifest.json").read_text())
        numbers = range(1, len(manifest["parts"]) + 1)
        return manifest, [next(tmp_path.glob(f"{n}.*")).read_bytes() for n in numbers]

    return make


class TestSheets:
    def sheet(self, make: Make, book: Workbook) -> dict[str, Any]:
        _, (first, *_) = make("sheets", saved(book))
        return json.loads(first)  # type: ignore[no-any-return]

    def test_cells_are_texts_with_their_place(self, make: Make):
        book = Workbook()
        book.active.append(["Name", 1.5, None, True])
        book.active["A1"].font = Font(bold=True)
        book.active["A1"].alignment = Alignment(horizontal="center")

        assert self.sheet(make, book)["rows"] == [
            [
                {"text": "Name", "align": "center", "bold": True},
                {"text": "1.5", "align": "end"},
                None,
                {"text": "TRUE", "align": "center"},
            ]
        ]

    def test_a_sheet_from_right_to_left_says_so(self, make: Make):
        book = Workbook()
        book.active.sheet_view.rightToLeft = True
        book.active["A1"] = "שלום"
        book.active["A1"].alignment = Alignment(horizontal="right")

        sheet = self.sheet(make, book)

        assert sheet["rtl"]
        assert sheet["rows"] == [[{"text": "שלום", "align": "start"}]]

    def test_hidden_sheets_stay_hidden(self, make: Make):
        book = Workbook()
        book.create_sheet("Secret").sheet_state = "hidden"

        manifest, _ = make("sheets", saved(book))

        assert (manifest["total"], [part["title"] for part in manifest["parts"]]) == (1, ["Sheet"])

    @pytest.mark.parametrize("write_only", [False, True])
    def test_a_large_sheet_is_cut_and_says_how_large_it_is(self, make: Make, write_only: bool):
        book = Workbook(write_only=write_only)
        sheet = book.create_sheet("Large", 0)
        for _ in range(MOST_ROWS + 7):
            sheet.append(list(range(MOST_COLUMNS + 3)))

        shown = self.sheet(make, book)

        assert (len(shown["rows"]), shown["columns"]) == (MOST_ROWS, MOST_COLUMNS)
        assert shown["totalRows"] == MOST_ROWS + 7

    def test_a_cell_far_away_costs_nothing(self, make: Make):
        book = Workbook()
        book.active["A1"] = 1
        book.active["XFD1048576"] = 2

        assert len(self.sheet(make, book)["rows"]) == 1

    def test_an_empty_book_has_a_sheet(self, make: Make):
        assert self.sheet(make, Workbook())["rows"] == []


class TestPages:
    def test_a_long_pdf_is_cut(self, make: Make):
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=(10, 10))
        for _ in range(MOST_PARTS + 2):
            canvas.showPage()
        canvas.save()

        manifest, pages = make("pages", file.getvalue())

        assert (manifest["total"], len(pages)) == (MOST_PARTS + 2, MOST_PARTS)

    @pytest.mark.parametrize("size", [(14400, 10), (1, 14400), (1, 1)])
    def test_a_page_of_any_size_is_a_picture_of_bounded_size(
        self, make: Make, size: tuple[int, int]
    ):
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=size)
        canvas.showPage()
        canvas.save()

        _, (page,) = make("pages", file.getvalue())

        assert min(Image.open(io.BytesIO(page)).size) >= 1
        assert max(Image.open(io.BytesIO(page)).size) <= 1600


class TestProse:
    def test_words_tables_and_pictures_come_through(self, make: Make):
        picture = io.BytesIO()
        Image.new("RGB", (9, 9), "red").save(picture, "PNG")
        document = docx.Document()
        document.add_heading("A title", 0)
        document.add_paragraph("שלום", style="List Bullet")
        document.add_table(1, 1).cell(0, 0).text = "in a cell"
        document.add_picture(io.BytesIO(picture.getvalue()))
        file = io.BytesIO()
        document.save(file)

        _, (page,) = make("html", file.getvalue())

        text = page.decode()
        assert "<h1>A title</h1>" in text
        assert "<li>שלום</li>" in text
        assert "<td><p>in a cell</p></td>" in text
        assert 'src="data:image/png;base64,' in text

    def test_a_document_from_right_to_left_has_its_tables_so(self, make: Make):
        document = docx.Document()
        document.add_paragraph("12. חוזה Lease")
        file = io.BytesIO()
        document.save(file)

        _, (page,) = make("html", file.getvalue())

        assert b'<body dir="rtl">' in page

    def test_an_empty_document_is_an_empty_page(self, make: Make):
        file = io.BytesIO()
        docx.Document().save(file)

        _, (page,) = make("html", file.getvalue())

        assert page.endswith(b'<body dir="ltr"></body></html>')

    @pytest.mark.parametrize(
        "markup",
        [
            "<script>a()</script>",
            "<p onclick=a()>x</p>",
            "<a href=javascript:a()>x</a>",
            "<a href=https://x.test>x</a>",
            "<img src=https://x.test/a.png>",
            "<img src=x onerror=a()>",
            "<iframe src=x></iframe>",
            "<p style='background:url(https://x.test)'>x</p>",
            "<svg><script>a()</script></svg>",
            "<math><mi//xlink:href='data:x,<script>a()</script>'>",
            "<base href=https://x.test><form action=x><input></form>",
        ],
    )
    def test_nothing_acts_loads_or_leads_away(self, markup: str):
        clean = harmless(markup)

        assert not any(word in clean for word in ("a()", "x.test", "href", "src=x", "form", "<svg"))


class TestSlides:
    def deck(self) -> tuple[Any, Any]:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = "A title"
        return deck, slide

    def saved(self, deck: Any) -> bytes:
        file = io.BytesIO()
        deck.save(file)
        return file.getvalue()

    def test_a_slide_has_its_title_texts_and_colours(self, make: Make):
        deck, slide = self.deck()
        slide.placeholders[1].text = "A point"
        shape = slide.shapes.add_shape(MSO_SHAPE.OVAL, 0, 0, Inches(1), Inches(1))
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor(0xAB, 0xCD, 0xEF)

        manifest, (page,) = make("slides", self.saved(deck))

        assert manifest["parts"] == [{"title": "A title", "width": 960, "height": 720}]
        text = page.decode()
        assert "A title" in text
        assert "• " in text
        assert "#abcdef" in text

    def test_groups_and_tables_stand_where_they_are(self, make: Make):
        deck, slide = self.deck()
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(Inches(5), 0, Inches(1), Inches(1)).text_frame.text = "in a group"
        table = slide.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
        table.cell(0, 0).merge(table.cell(0, 1))
        table.cell(0, 0).text = "in a table"

        _, (page,) = make("slides", self.saved(deck))

        assert "left:50.000%" in page.decode()
        assert 'colspan="2"' in page.decode()
        assert "in a table" in page.decode()

    def test_what_cannot_be_drawn_is_left_out_of_its_slide(self, make: Make):
        deck, slide = self.deck()
        picture = io.BytesIO()
        Image.new("RGB", (9, 9)).save(picture, "PNG")
        slide.shapes.add_picture(io.BytesIO(picture.getvalue()), 0, 0)
        contents = parts(self.saved(deck))
        contents["ppt/media/image1.png"] = b"no picture"

        _, (page,) = make("slides", packed(contents))

        assert "A title" in page.decode()
        assert "<img" not in page.decode()

    def test_a_deck_without_slides_has_none(self, make: Make):
        manifest, pages = make("slides", self.saved(pptx.Presentation()))

        assert (manifest, pages) == ({"total": 0, "parts": []}, [])


def test_a_part_beyond_the_room_is_left_out(make: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workers.opening.parts.MOST_BYTES", 150)

    manifest, sheets = make("sheets", with_part(".xlsx", "a.txt", b"x"))

    assert (manifest["total"], sheets) == (1, [])
