"""Each example runs by the code's contract alone and makes a document worth opening."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pypdfium2
import pytest

import examples

SUFFIXES = {"spreadsheet": "xlsx", "document": "docx", "pdf": "pdf", "presentation": "pptx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    path: Path
    reports: list[tuple[float, str]]


def run(document_type: str, directory: Path, data: Any = None) -> Run:
    """Run one example as the sandbox does, with its globals and nothing else."""
    example = examples.read(document_type)
    path = directory / f"output.{SUFFIXES[document_type]}"
    reports: list[tuple[float, str]] = []
    namespace = {
        "__name__": "__main__",
        "OUTPUT_PATH": str(path),
        "OUTPUT_DIR": str(directory),
        "INPUT_DIR": str(directory),
        "TITLE": "A title of our own",
        "DATA": data,
        "progress": lambda percent, message: reports.append((percent, message)),
    }
    exec(compile(example.code, example.file_name, "exec"), namespace)

    return Run(path=path, reports=reports)


def page_texts(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def test_there_is_one_example_for_each_document_type_in_the_order_of_the_page() -> None:
    loaded = examples.load()

    assert [example.document_type for example in loaded] == list(SUFFIXES)
    assert [example.file_name for example in loaded] == [f"{name}.py" for name in SUFFIXES]


def test_an_example_takes_its_title_from_the_first_line_of_its_docstring() -> None:
    assert examples.read("spreadsheet").title == "Quarterly sales by region"
    assert examples.title_of('"""One line.\n\nAnd more."""\n') == "One line"
    assert examples.title_of("x = 1\n") == ""


@pytest.mark.parametrize("document_type", SUFFIXES)
def test_progress_only_rises_and_every_report_says_something(
    document_type: str, tmp_path: Path
) -> None:
    reports = run(document_type, tmp_path).reports

    percents = [percent for percent, _ in reports]
    assert len(reports) >= 4
    assert percents == sorted(percents)
    assert 0 < percents[0] <= percents[-1] <= 100
    assert all(message for _, message in reports)


@pytest.mark.parametrize("document_type", SUFFIXES)
def test_an_example_says_the_same_each_time_it_runs(document_type: str, tmp_path: Path) -> None:
    first = contents(run(document_type, tmp_path).path)

    second = contents(run(document_type, tmp_path).path)

    assert first == second


def contents(path: Path) -> list[Any]:
    match path.suffix:
        case ".xlsx":
            sheets = openpyxl.load_workbook(path).worksheets
            return [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
        case ".docx":
            document = docx.Document(str(path))
            cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
            return [*(paragraph.text for paragraph in document.paragraphs), *cells]
        case ".pptx":
            slides = pptx.Presentation(str(path)).slides
            return [
                shape.text_frame.text for s in slides for shape in s.shapes if shape.has_text_frame
            ]
        case _:
            return list(page_texts(path))


def test_an_example_writes_only_its_document(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)

    paths = {run(document_type, tmp_path).path for document_type in SUFFIXES}

    assert set(tmp_path.iterdir()) == paths


class TestSpreadsheet:
    @pytest.fixture
    def workbook(self, tmp_path: Path) -> Any:
        return openpyxl.load_workbook(run("spreadsheet", tmp_path).path)

    def test_it_has_a_titled_summary_and_a_sheet_for_each_year(self, workbook: Any) -> None:
        assert workbook["Summary"]["A1"].value == "A title of our own"
        assert workbook.sheetnames == ["Summary", "2025", "2024"]

    def test_every_row_of_the_summary_computes_from_the_same_region_of_the_years(
        self, workbook: Any
    ) -> None:
        summary = workbook["Summary"]

        for row in range(5, 11):
            region = summary.cell(row, 1).value
            assert workbook["2025"].cell(row, 1).value == region
            assert workbook["2024"].cell(row, 1).value == region
            assert summary.cell(row, 2).value == f"=SUM('2025'!B{row}:D{row})"
            assert summary.cell(row, 5).value == f"=SUM('2025'!K{row}:M{row})"
            assert summary.cell(row, 8).value == f"=F{row}/G{row}-1"
        assert summary["A10"].value == "Total"

    def test_every_formula_refers_to_cells_that_hold_a_value(self, workbook: Any) -> None:
        formulas = [
            (sheet, cell.value)
            for sheet in workbook
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

        assert len(formulas) > 60
        for sheet, formula in formulas:
            for name, reference in references(formula):
                cells = workbook[name or sheet.title][reference]
                flat = [cell for row in cells for cell in row] if ":" in reference else [cells]
                assert all(cell.data_type in "nf" and cell.value is not None for cell in flat)

    def test_growth_and_share_are_percentages(self, workbook: Any) -> None:
        summary = workbook["Summary"]

        assert "%" in summary["H5"].number_format
        assert "%" in summary["I5"].number_format
        assert summary["B5"].number_format == "#,##0"

    def test_headers_stay_in_sight_and_columns_are_wide_enough(self, workbook: Any) -> None:
        for sheet in workbook:
            assert sheet.freeze_panes == "B5"
            assert sheet.column_dimensions["A"].width >= 16

    def test_it_colours_growth_and_draws_bars(self, workbook: Any) -> None:
        formatting = workbook["Summary"].conditional_formatting

        assert {rule.type for ranges in formatting for rule in ranges.rules} == {
            "cellIs",
            "dataBar",
        }

    def test_it_has_a_native_chart_of_four_quarters(self, workbook: Any) -> None:
        [chart] = workbook["Summary"]._charts

        assert len(chart.series) == 4
        assert chart.series[0].val.numRef.f == "'Summary'!$B$5:$B$9"


def references(formula: str) -> list[tuple[str, str]]:
    """Sheet name (empty for the own sheet) and range of each reference in a formula."""
    return re.findall(r"(?:'([^']+)'!)?([A-Z]+\d+(?::[A-Z]+\d+)?)", formula.replace("$", ""))


class TestDocument:
    @pytest.fixture
    def document(self, tmp_path: Path) -> Any:
        return docx.Document(str(run("document", tmp_path).path))

    def test_it_opens_with_the_title_and_has_headings(self, document: Any) -> None:
        styles = [paragraph.style.name for paragraph in document.paragraphs]

        assert document.paragraphs[0].text == "A title of our own"
        assert styles[0] == "Title"
        assert styles.count("Heading 1") == 4

    def test_its_picture_is_a_drawing_with_a_text_for_those_who_cannot_see_it(
        self, document: Any
    ) -> None:
        [shape] = document.inline_shapes
        [picture] = [
            part for part in document.part.package.iter_parts() if "png" in part.content_type
        ]

        assert shape._inline.docPr.get("descr").startswith("Figure 1.")
        assert picture.image.px_width == 1800

    def test_its_table_repeats_the_header_and_adds_up(self, document: Any) -> None:
        [table] = document.tables
        rows = [[cell.text for cell in row.cells] for row in table.rows]

        january = [int(row[1]) for row in rows[1:]]
        december = [int(row[2]) for row in rows[1:]]

        assert table.rows[0]._tr.trPr.xpath("w:tblHeader")
        assert sum(january[:-1]) == january[-1]
        assert sum(december[:-1]) == december[-1]

    def test_its_footer_counts_the_pages(self, document: Any) -> None:
        fields = document.sections[0].footer._element.xpath(".//w:fldSimple/@w:instr")

        assert fields == ["PAGE", "NUMPAGES"]

    def test_its_properties_name_title_and_author(self, document: Any) -> None:
        properties = document.core_properties

        assert properties.title == "A title of our own"
        assert properties.author == "Harbour Coffee Roasters"
        assert properties.created.year == 2026


class TestPdf:
    @pytest.fixture
    def texts(self, tmp_path: Path) -> list[str]:
        return page_texts(run("pdf", tmp_path).path)

    def test_every_page_repeats_the_header_of_the_table(self, texts: list[str]) -> None:
        assert len(texts) == 3
        assert all("Quantity" in text and "Amount €" in text for text in texts)

    def test_every_page_says_which_of_how_many_it_is(self, texts: list[str]) -> None:
        for number, text in enumerate(texts, start=1):
            assert f"Page {number} of {len(texts)}" in text

    def test_the_net_is_the_sum_of_the_lines_and_vat_is_added(self, texts: list[str]) -> None:
        text = "\n".join(texts)
        amounts = [as_cents(found) for found in re.findall(r"\d\.\d\d ([\d,]+\.\d\d)", text)]
        net, vat, total = (
            as_cents(re.search(rf"{label}\s+([\d,]+\.\d\d)", text)[1])  # type: ignore[index]
            for label in ("Net", "VAT 25%", "Total €")
        )

        assert len(amounts) == 104
        assert sum(amounts) == net
        assert net + vat == total

    def test_the_customer_comes_from_the_request_s_data(self, tmp_path: Path) -> None:
        given = run("pdf", tmp_path, data={"customer": "Café Ångström"})

        assert "Café Ångström" in page_texts(given.path)[0]


def as_cents(amount: str) -> int:
    return int(amount.replace(",", "").replace(".", ""))


class TestPresentation:
    @pytest.fixture
    def deck(self, tmp_path: Path) -> Any:
        return pptx.Presentation(str(run("presentation", tmp_path).path))

    def test_it_is_wide_and_every_slide_has_its_title(self, deck: Any) -> None:
        titles = [slide.shapes.title.text_frame.text for slide in deck.slides]

        assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=1e-3)
        assert len(titles) == 4
        assert titles[0] == "A title of our own"
        assert all(titles)

    def test_it_has_bullets_a_chart_and_a_table(self, deck: Any) -> None:
        _, bullets, chart, table = deck.slides

        assert len(bullets.placeholders[1].text_frame.paragraphs) == 4
        assert [len(s.chart.plots[0].series) for s in chart.shapes if s.has_chart] == [2]
        assert [len(s.table.rows) for s in table.shapes if s.has_table] == [6]

    def test_no_placeholder_is_left_empty(self, deck: Any) -> None:
        for slide in deck.slides:
            assert all(placeholder.has_text_frame for placeholder in slide.placeholders)
            assert all(placeholder.text_frame.text for placeholder in slide.placeholders)

    def test_nothing_reaches_beyond_the_slide(self, deck: Any) -> None:
        for slide in deck.slides:
            for shape in slide.shapes:
                assert shape.left + shape.width <= deck.slide_width
                assert shape.top + shape.height <= deck.slide_height


def test_the_benchmark_s_workbook_has_twenty_rows_under_a_bold_header(tmp_path: Path) -> None:
    path = tmp_path / "small.xlsx"
    code = Path(__file__).parents[1].joinpath("bench", "small_workbook.py").read_text()

    exec(compile(code, "small_workbook.py", "exec"), {"OUTPUT_PATH": str(path)})

    sheet = openpyxl.load_workbook(path).active
    assert sheet.max_row == 21
    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
