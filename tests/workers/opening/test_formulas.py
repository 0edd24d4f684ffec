"""What a formula may say: each that reaches out is refused, and its harmless likeness passes."""

from typing import Any

import pytest

from tests.workers.opening.files import with_formula
from workers.opening import workbooks

REACHING = (
    '_xlfn.LET(_xlpm.f,_xleta.WEBSERVICE,_xlpm.f("http://x"))',
    'LET(f,WEBSERVICE,f("http://x"))',
    'LET( f , WEBSERVICE , f("http://x"))',
    "_xlfn.MAP(A1:A3,_xleta.IMAGE)",
    "MAP(A1:A3,IMAGE)",
    "BYROW(A1:A3, CALL )",
    '(IMAGE)("http://x")',
    'IF(TRUE,RTD)("a",,"b")',
    "REDUCE(0,A1:A3,_xlfn.IMAGE)",
    "_xlfn._xlws.PY(0,1)",
    "_xlfn.WEBSERVICE (A1)",
    "COM.MICROSOFT.WEBSERVICE(A1)",
    '__xludf.DUMMYFUNCTION("IMPORTDATA(""http://x"")")',
    '\'a"\'!A1+WEBSERVICE("http://x")',
    'T["]+WEBSERVICE(1)+T["]',
    '\'a\'!A1+\'b"\'!A1+IMAGE("http://x")&"t"',
    'WEB_x0053_ERVICE("http://x")',
    'LET(h,HYPERLINK,h("file:///a"))',
    "MAP(A1:A2,_xleta.HYPERLINK)",
    "'\\\\host\\share\\b.xlsx'!Name",
    "'C:/a/[b.xlsx]S'!A1",
    "[1]!Name",
    "'[1]My S'!A1",
    "INDIRECT(\"'\\\\host\\[b.xlsx]S'!A1\")",
    "INDIRECT(\"'file:///x'#S.A1\")",
    "cmd|'/C calc'!A0",
    "'cmd'|'/C calc'!A0",
    "cmd|' /C calc'!'A0'",
    "\"a\"&cmd|'x'!A0",
    "@WEBSERVICE(A1)",
    "Book.xlsm!Evil",
    "EVALUATE(A1)",
)
CALCULATING = (
    '"=WEBSERVICE("&A1&")"',
    '"LET(f,WEBSERVICE,f(1))"',
    "Call*2+Run",
    "_xlfn.LET(_xlpm.image,A1,_xlpm.image*2)",
    "_xlfn.LET(_xlpm.run,_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.run(2))",
    "_xlfn.MAP(A1:A3,_xleta.LEN)",
    "_xlfn.BYROW(A1:C3,_xlfn.LAMBDA(_xlpm.r,SUM(_xlpm.r)))",
    "Table1[Image]",
    "Table1[[#This Row],[Web Service]]*2",
    "'Webservice'!A1",
    "WEBSERVICE!A1",
    'WEBSERVICE_URL&"x"',
    "Image!A1",
    "'Jan 1:Dec 1'!A1",
    "'Bob''s \"Q1\"'!A1&\"x\"",
    'INDIRECT("Table1["&A1&"]")',
    'INDIRECT("\'"&A1&"\'!B2")',
    'INDIRECT("Table1[Col]")',
    "[0]!Name",
    "IFERROR(VLOOKUP(A1,'Data (2024)'!A:B,2,FALSE),\"n/a: x|y!z\")",
    "REQUESTS+EXECUTED",
    "SUMIFS(T[Amount],T[Category],[@Category])",
    '_xlfn._xlws.FILTER(A1:A3,B1:B3="RUN")',
    "[@Qty]*[@Price]",
    'COUNTIF(A:A,"*[x]!*")',
    "XLOOKUP(A1,B:B,C:C)",
    'TEXT(A1,"[$-409]d-mmm!")',
    "{1,2;3,4}",
    "SUM(Call,Put)",
)
LEADING_ANYWHERE = (
    'Table1[a"b]&HYPERLINK(A1)&"x"',
    "HYPERLINK(A1)",
    'HYPERLINK("file"&"://x")',
    'HYPERLINK("fi"&A1,"https://x/")',
    'HYPERLINK(CHAR(102)&"ile://x","x")',
    'HYPERLINK(CONCATENATE("file",":///x"))',
    'HYPERLINK(CONCATENATE("file://x",A1))',
    'HYPERLINK(CONCAT(A1,"https://x"))',
    'HYPERLINK(IF(A1,"https://x","file://x"))',
    'HYPERLINK("file%3A///x")',
    'HYPERLINK("[\\\\host\\a.xlsx]S!A1")',
    'HYPERLINK({"file:///a"},"b")',
    'HYPERLINK(+"file:///a")',
    "_xlfn.HYPERLINK(A1)",
)
LEADING_TO_A_PAGE = (
    'HYPERLINK("https://x.test/"&A1,"t")',
    'HYPERLINK("https://"&A1)',
    'HYPERLINK("#Sheet2!A1","x")',
    'HYPERLINK("#\'"&A1&"\'!A1",A1)',
    'HYPERLINK(CONCATENATE("https://x.test/?q=",A1),"t")',
    'HYPERLINK("mailto:"&A1&"?subject=Hi","t")',
    'HYPERLINK("https:"&"//x.test/"&A1)',
    'IF(A1="","",HYPERLINK("https://x/"&ENCODEURL(A1),A1))',
    'hyperlink ( "https://x" , "file://" )',
    'HYPERLINK("report.pdf")',
    'HYPERLINK("docs/"&A1)',
    '"https://x/"&A1',
    '"HYPERLINK("&A1',
)


@pytest.mark.parametrize("formula", REACHING)
def test_a_formula_that_reaches_out_is_refused(check: Any, formula: str):
    assert check(with_formula(f"={formula}"), ".xlsx")["refused"] == "reaching_formula"


@pytest.mark.parametrize("formula", CALCULATING)
def test_a_formula_that_calculates_passes(check: Any, formula: str):
    assert "facts" in check(with_formula(f"={formula}"), ".xlsx")


@pytest.mark.parametrize("formula", LEADING_ANYWHERE)
def test_a_link_whose_beginning_is_not_known_is_refused(check: Any, formula: str):
    assert check(with_formula(f"={formula}"), ".xlsx")["refused"] == "odd_link"


@pytest.mark.parametrize("formula", LEADING_TO_A_PAGE)
def test_a_link_whose_beginning_settles_where_it_leads_passes(check: Any, formula: str):
    assert "facts" in check(with_formula(f"={formula}"), ".xlsx")


def test_without_the_rule_a_book_with_them_opens(check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks.formulas, "check", lambda formula: None)

    assert all("facts" in check(with_formula(f"={one}"), ".xlsx") for one in REACHING)


def test_what_is_said_of_a_link_that_is_put_together(check: Any):
    message = check(with_formula('=HYPERLINK(A1,"Open")'), ".xlsx")["message"]

    assert 'HYPERLINK("https://' in message
