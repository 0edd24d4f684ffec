"""What formulas come to in a preview, or that they are shown themselves."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.workers.opening.files import saved
from workers.opening import previews

TABLE = [
    ("=1+2*3", "7"),
    ("=(1+2)*3^2", "27"),
    ("=-2^2", "4"),
    ("=50%", "0.5"),
    ('="a"&"b ""c"""', 'ab "c"'),
    ("=SUM(B1:B4)", "60"),
    ("=SUM(B1:B4,5,$B$1)", "75"),
    ("=AVERAGE(B1:B3)", "20"),
    ("=AVERAGE(F1:F9)", "#DIV/0!"),
    ("=MIN(B1:B3)+MAX(B1:B3)", "40"),
    ("=COUNT(A1:B4)", "3"),
    ("=COUNTA(A1:A4)", "3"),
    ("=B1/B4", "#DIV/0!"),
    ('=IFERROR(B1/B4,"none")', "none"),
    ("=IF(B1>5,B2,B1/0)", "20"),
    ("=IF(B1>50,1)", "FALSE"),
    ('=IF(B4="","empty","full")', "empty"),
    ("=AND(B1=10,B2<>10)", "TRUE"),
    ("=ROUND(2.345,2)", "2.35"),
    ("=ROUND(-1.5,0)", "-2"),
    ("=ROUNDUP(2.1,0)+ROUNDDOWN(2.9,0)", "5"),
    ('=SUMIF(A1:A3,"ab",B1:B3)', "40"),
    ('=SUMIF(B1:B3,">15")', "50"),
    ('=COUNTIF(A1:A3,"<>ab")', "1"),
    ('=SUMIFS(B1:B3,A1:A3,"ab",B1:B3,">10")', "30"),
    ("=SUMPRODUCT(B1:B3,B1:B3)", "1400"),
    ('=VLOOKUP("cd",A1:B3,2,FALSE)', "20"),
    ('=VLOOKUP("xy",A1:B3,2,FALSE)', "#N/A"),
    ("=INDEX(B1:B3,MATCH(20,B1:B3,0))", "20"),
    ("='Other sheet'!A1*2", "84"),
    ("=C1+1", "3"),
    ('=TEXT(B1/3,"0.00")', "3.33"),
    ("=A1+1", "#VALUE!"),
    ("=SUM(ROUND(1.4,0),ROUND(1.6,0))", "3"),
    ('=IF(SUM(B1:B3)>50,IF(B1=10,"yes","no"),"never")', "yes"),
    ("=IFERROR(SUM(B1/B4,MAX(1,2)),MIN(3,4))", "3"),
]
SHOWN_THEMSELVES = (
    "=E1+1",  # a circle
    "=UNHEARD.OF(1)",
    "=B1:B3*2",
    "=SUM(B:B)",
    "=Missing!A1",
    "=SUM(",
    "=" + "(" * 400 + "1" + ")" * 400,
    "=SUM(A1:XFD1048576)",
    "=Name*2",
)


@pytest.fixture
def calculated(tmp_path: Path) -> Any:
    """Make a workbook with formulas in column E, and return what is shown of each."""

    def calculated(*formulas: str, number_format: str = "General") -> list[str]:
        book = Workbook()
        sheet = book.active
        for n, name in enumerate(("ab", "cd", "AB"), 1):
            sheet.append([name, 10 * n])
        sheet["C1"] = "=1+1"
        sheet["D1"] = date(2026, 1, 31)
        for n, formula in enumerate(formulas, 1):
            sheet[f"E{n}"] = formula
            sheet[f"E{n}"].number_format = number_format
        book.create_sheet("Other sheet")["A1"] = 42
        (tmp_path / "document").write_bytes(saved(book))
        previews.make("sheets", str(tmp_path / "document"), str(tmp_path))
        rows = json.loads((tmp_path / "1.json").read_text())["rows"]
        return [rows[n][4]["text"] for n in range(len(formulas))]

    return calculated


def test_a_formula_comes_to_what_a_spreadsheet_would_say(calculated: Any):
    formulas, values = zip(*TABLE, strict=True)

    found = calculated(*formulas)

    assert dict(zip(formulas, found, strict=True)) == dict(zip(formulas, values, strict=True))


def test_what_is_not_known_is_not_guessed(calculated: Any):
    assert calculated(*SHOWN_THEMSELVES) == list(SHOWN_THEMSELVES)


def test_days_are_counted_and_shown_as_days(calculated: Any):
    assert calculated("=D1+1", number_format="yyyy-mm-dd") == ["2026-02-01"]


def test_nought_that_nobody_calculated_is_calculated(tmp_path: Path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "document.xlsx")
    sheet = book.add_worksheet()
    sheet.write(0, 0, 4)
    sheet.write_formula(0, 1, "=A1*2")
    sheet.write_formula(0, 2, "=A1*2", None, 99)
    book.close()

    previews.make("sheets", str(tmp_path / "document.xlsx"), str(tmp_path))

    row = json.loads((tmp_path / "1.json").read_text())["rows"][0]
    assert [cell["text"] for cell in row] == ["4", "8", "99"], "what was saved counts more"


def test_many_formulas_are_calculated_up_to_a_bound(tmp_path: Path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(400):
        sheet.append(["=SUM(A1:J2000)+SUM(A1:J2000)+SUM(A1:J2000)"])
    (tmp_path / "document").write_bytes(saved(book))

    previews.make("sheets", str(tmp_path / "document"), str(tmp_path))

    rows = json.loads((tmp_path / "1.json").read_text())["rows"]
    assert rows[-1][0]["text"].startswith("=SUM"), "shown itself"
