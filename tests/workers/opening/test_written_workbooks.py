"""What openpyxl, xlsxwriter and pandas write, with all that they can, is harmless and passes."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pandas
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule, FormulaRule, IconSetRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from PIL import Image as Picture


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Picture.new("RGB", (8, 8), "red").save(file, "PNG")
    file.seek(0)
    return file


def written(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook by xlsxwriter."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        fill(book, book.add_worksheet("Data"))
    return file.getvalue()


def openpyxls(fill: Callable[[Any, Any], None]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.active.append(["Item", "Amount"])
    book.active.append(["a", 1])
    fill(book, book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def remarks(book: Any, sheet: Any) -> None:
    sheet.write_comment("A1", "A remark, with <b> & 'marks'", {"author": "Ada", "color": "red"})
    sheet.show_comments()


def page_pictures(book: Any, sheet: Any) -> None:
    sheet.set_header("&L&G&RPage &P", {"image_left": "logo.png", "image_data_left": picture()})
    sheet.set_footer("&C&G", {"image_center": "logo.png", "image_data_center": picture()})


def remarks_and_page_pictures(book: Any, sheet: Any) -> None:
    remarks(book, sheet)
    page_pictures(book, sheet)
    sheet.set_background(picture())


def buttons(book: Any, sheet: Any) -> None:
    sheet.insert_button("B2", {"caption": "Press", "macro": "say_hello"})
    sheet.insert_button("B5")
    sheet.insert_checkbox("B8", True)


def shapes(book: Any, sheet: Any) -> None:
    sheet.insert_textbox("B2", "Notes", {"url": "https://x.test/a", "tip": "there"})
    sheet.insert_textbox("B9", "", {"textlink": "=Data!$A$1"})
    sheet.insert_image("D2", "a.png", {"image_data": picture(), "url": "https://x.test"})
    sheet.insert_image("D9", "a.png", {"image_data": picture(), "url": "internal:Data!A1"})
    sheet.embed_image("F2", "a.png", {"image_data": picture(), "url": "https://x.test/b"})


def tables(book: Any, sheet: Any) -> None:
    columns = [
        {"header": "Item", "total_string": "Total"},
        {"header": "Amount", "total_function": "sum"},
        {"header": "Twice", "formula": "=[@Amount]*2", "total_function": "average"},
        {"header": "Image", "formula": '=Table1[[#This Row],[Amount]]&"!"'},
    ]
    sheet.add_table("A1:D6", {"data": [["a", 1]], "columns": columns, "total_row": True})


def sparklines(book: Any, sheet: Any) -> None:
    sheet.write_row("A1", [3, 1, 2])
    sheet.add_sparkline("D1", {"range": "Data!A1:C1", "markers": True})
    sheet.add_sparkline("D2", {"range": ["A1:C1", "A2:C2"], "location": ["D2", "D3"]})


def rules(book: Any, sheet: Any) -> None:
    bold, icons = book.add_format({"bold": True}), [{"type": "formula", "value": "=$B$1"}]
    for rule in (
        {"type": "cell", "criteria": ">", "value": "$B$1", "format": bold},
        {"type": "formula", "criteria": '=AND($A1>0,$B1<>"a|b!c")', "format": bold},
        {"type": "data_bar", "min_type": "formula", "min_value": "=$B$1", "data_bar_2010": True},
        {"type": "icon_set", "icon_style": "3_arrows", "icons": icons * 2},
        {"type": "3_color_scale", "mid_type": "formula", "mid_value": "=AVERAGE(A1:A9)"},
        {"type": "text", "criteria": "containing", "value": "WEBSERVICE(", "format": bold},
    ):  # fmt: skip
        assert sheet.conditional_format("A1:A9", rule) == 0
    sheet.data_validation("C1", {"validate": "list", "source": ["Call", "Put", "Run"]})
    sheet.data_validation("C2", {"validate": "list", "source": "=$A$1:$A$9"})
    sheet.data_validation("C3", {"validate": "custom", "value": "=LEN(C3)<9", "input_title": "x"})


def new_formulas(book: Any, sheet: Any) -> None:
    sheet.write_dynamic_array_formula("A1", "=_xlfn._xlws.SORT(_xlfn.UNIQUE(B1:B9))")
    sheet.write_formula("C1", "=_xlfn.LAMBDA(_xlpm.run,_xlpm.run+1)(2)")
    sheet.write_formula("C2", "=_xlfn.LET(_xlpm.image,B1,_xlpm.image*2)")
    sheet.write_array_formula("D1:D3", "{=TREND(A1:A3,B1:B3)}")
    book.define_name("Twice", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)")
    book.define_name("Data!Call", "=Data!$A$1")
    sheet.write_url("E1", "https://x.test/?a=1#b", string="there")
    sheet.write_url("E2", "internal:Data!A1:B2")
    sheet.write_url("E3", "mailto:ada@x.test")
    sheet.write_formula("E4", '=HYPERLINK("https://x.test/"&A1,"there")')


def charts(book: Any, sheet: Any) -> None:
    sheet.write_column("A1", [1, 2, 3])
    for kind in ("line", "pie", "bar", "scatter", "stock", "radar", "doughnut", "area"):
        chart = book.add_chart({"type": kind})
        series = {
            "values": "=Data!$A$1:$A$3",
            "categories": "=Data!$A$1:$A$3",
            "name": "=Data!$A$1",
        }
        series |= {"data_labels": {"custom": [{"value": "=Data!$A$1"}]}, "fill": {"color": "red"}}
        chart.add_series(series)
        chart.set_title({"name": "=Data!$A$1"})
        sheet.insert_chart("D2", chart)
    alone = book.add_chart({"type": "line"})
    alone.add_series({"values": "=Data!$A$1:$A$3"})
    book.add_chartsheet().set_chart(alone)


def guarded(book: Any, sheet: Any) -> None:
    sheet.protect("secret", {"sort": True})
    sheet.autofilter("A1:B9")
    sheet.filter_column("A", "x == *[a]!*")
    sheet.write_rich_string("A3", book.add_format({"bold": True}), "bold", " and not")
    book.set_properties({"title": "T", "comments": "=cmd|x!y", "hyperlink_base": "https://x.test/"})
    book.set_custom_property("Checked", datetime(2026, 1, 2))
    sheet.ignore_errors({"formula_differs": "A1:A9"})
    sheet.repeat_rows(0)
    sheet.print_area("A1:B9")


def openpyxl_remarks(book: Any, sheet: Any) -> None:
    sheet["A1"].comment = Comment("A remark", "Ada", height=90)
    sheet["A2"].comment = Comment("https://x.test", "Ada")
    book.create_sheet("More")["B2"].comment = Comment("Another", "Ada")


def openpyxl_shapes(book: Any, sheet: Any) -> None:
    sheet.add_image(Image(picture()), "D2")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "D9")


def openpyxl_rules(book: Any, sheet: Any) -> None:
    table = Table(displayName="Sales", ref="A1:B2")
    table._initialise_columns()
    table.tableColumns[1].calculatedColumnFormula = None
    sheet.add_table(table)
    sheet.conditional_formatting.add("B2", DataBarRule("formula", "$B$1", "max", color="FF638EC6"))
    sheet.conditional_formatting.add("B2", FormulaRule(formula=["$B2>AVERAGE($B:$B)"]))
    sheet.conditional_formatting.add(
        "B2", ColorScaleRule("min", None, "FF0000", "max", None, "00FF00")
    )
    sheet.conditional_formatting.add("B2", IconSetRule("3Arrows", "percent", [0, 33, 67]))
    choice = DataValidation(type="list", formula1='"Call,Put,Run"')
    sheet.add_data_validation(choice)
    choice.add("B2")
    book.defined_names["Rate"] = DefinedName("Rate", attr_text="Data!$B$2")
    sheet["D1"] = ArrayFormula("D1:D2", "=SUM(A1:A2*B1:B2)")
    sheet["D3"].hyperlink = "https://x.test/?q=%20a"
    sheet.protection.set_password("secret")
    book.security.lockStructure = True
    sheet.oddHeader.center.text = "&[Page]"


XLSXWRITERS = (
    *(remarks, page_pictures, remarks_and_page_pictures, buttons, shapes, tables),
    *(sparklines, rules, new_formulas, charts, guarded),
)
OPENPYXLS = (openpyxl_remarks, openpyxl_shapes, openpyxl_rules)


@pytest.fixture(params=[*XLSXWRITERS, *OPENPYXLS])
def book(request: pytest.FixtureRequest) -> bytes:
    fill = request.param
    return written(fill) if fill in XLSXWRITERS else openpyxls(fill)


def test_a_workbook_passes(check: Any, book: bytes):
    assert "facts" in check(book, ".xlsx")


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl says what it drops
def test_a_workbook_passes_that_openpyxl_has_changed(check: Any, book: bytes):
    again = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(book)).save(again)

    assert "facts" in check(again.getvalue(), ".xlsx")


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_a_frame_of_pandas_passes(check: Any, engine: str):
    file = io.BytesIO()
    frame = pandas.DataFrame(
        {"Link": ["https://x.test", "=1+1"], "When": [datetime(2026, 1, 2)] * 2}
    )
    with pandas.ExcelWriter(file, engine=engine) as writer:
        frame.to_excel(writer, sheet_name="Data")

    assert "facts" in check(file.getvalue(), ".xlsx")
