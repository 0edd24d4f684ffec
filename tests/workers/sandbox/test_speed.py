"""What the warm parent makes faster is the same to whoever uses it."""

import asyncio
import json
import subprocess
import sys
import zlib

import pytest

from tests.workers.sandbox.conftest import Runs

ANY_WAY = """
import gzip, io, json, zipfile, zlib
text = b"the same " * 10_000
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a", text)
assert zipfile.ZipFile(packed).read("a") == text
assert gzip.decompress(gzip.compress(text)) == text
try:
    zlib.decompress(b"no such thing")
except zlib.error:
    print(json.dumps([zlib.__name__, zlib.crc32(text), zlib.compress(text).hex()]))
"""
NAMES = """
import docx.oxml.ns, docx.oxml.xmlchemy, pptx.oxml.xmlchemy
assert docx.oxml.xmlchemy.qn("w:p") is docx.oxml.ns.qn("w:p") is docx.oxml.ns.qn("w:p")
assert pptx.oxml.xmlchemy.qn("a:t") == "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
try:
    docx.oxml.ns.qn("nosuch:p")
except KeyError:
    print("as ever")
"""
TEMPLATES = """
import docx, io, pptx, zipfile
from pathlib import Path
from docx.api import Document

for library, make in ((docx, Document), (pptx, pptx.Presentation)):
    template = next(Path(library.__file__).with_name("templates").glob("default.*x"))
    try:
        make(None, None)
    except TypeError as error:
        print(error)
    made = [make(), make(None), make(str(template)), make(io.BytesIO(template.read_bytes()))]
    print(len({id(one.part) for one in made}), made[0].core_properties.created)
    for one in made:
        one.save(file := io.BytesIO())
        archive = zipfile.ZipFile(file)
        print([(entry.filename, entry.CRC) for entry in archive.infolist()])
"""
STYLES = """
import io, math
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

print(Font(bold=True) == Font(bold=True), hash(Font(bold=True)) == hash(Font(bold=True)))
print(Font(bold=True) == Font(), Font(size=11) == Font(size=11.0), Font() == Border())
workbook = Workbook()
for n in range(200):
    cell = workbook.active.cell(n + 1, 1)
    cell.font = Font(bold=n % 2, size=9 + n % 3, color="FF0000" if n % 5 else None)
    cell.fill = PatternFill("solid", start_color=f"00000{n % 7}")
    cell.border = Border(left=Side(style="thin" if n % 2 else "thick"))
    cell.alignment = Alignment(horizontal="center", wrap_text=n % 2)
print(workbook._fonts, workbook._fills, workbook._borders, workbook._alignments)
print(Font(size=math.nan) == Font(size=math.nan), Font(sz=math.nan) != Font())
for n in range(4):
    workbook.active.cell(n + 1, 2).font = Font(size=math.nan)
print(len(workbook._fonts))
try:
    Font().__eq__()
except TypeError as error:
    print(error)

for row in (["a", "b", "c"], [1, 2, 3], [4, 5, 6]):
    workbook.active.append(row)
chart = BarChart()
chart.add_data(Reference(workbook.active, min_col=1, max_col=3, min_row=201, max_row=203))
workbook.active.add_chart(chart, "E2")
workbook.save(io.BytesIO())
last = chart.series[2]
print(last == chart.series[0], last == last, chart.series.index(last), hash(last) == hash(last))
chart.series.remove(last)
print([series.val.numRef.f for series in chart.series])
"""
DEFAULTS = """
import docx
from docx.enum.style import WD_STYLE_TYPE

styles = docx.Document().styles
for value in ("0", "1", "off", None):
    print([getattr(styles.default(kind), "name", None) for kind in WD_STYLE_TYPE])
    for name in ("Title", "Normal Table"):
        styles[name].element.set(docx.oxml.ns.qn("w:default"), value or "true")
del styles.element[:]
print(styles.default(WD_STYLE_TYPE.PARAGRAPH))
"""
ELEMENTS = """
import docx.oxml, pptx.oxml
from docx.oxml.ns import nsmap
from pptx.oxml.ns import _nsmap

def tried(find, *given):
    try:
        return find(*given)
    except Exception as error:
        return type(error).__name__, str(error)

for library, prefix, names in ((docx, "w", nsmap), (pptx, "a", _nsmap)):
    inner = "".join(f'<{prefix}:{tag} n="{n}"/>' for n, tag in enumerate("bacabd"))
    spaces = f'xmlns:{prefix}="{names[prefix]}" xmlns:new="urn:new"'
    inner = f"<!-- a -->{inner}<new:a n='9'/>"
    found = library.oxml.parse_xml(f"<{prefix}:p {spaces}>{inner}</{prefix}:p>")
    for words in ((), "a", "ab", "ba", "dcb", "xyz", "xd", "aa"):
        child = found.first_child_found_in(*(f"{prefix}:{word}" for word in words))
        print(words, None if child is None else child.get("n"))
    print(tried(found.first_child_found_in, "nosuch:p"), found.first_child_found_in() is None)
    made = library.oxml.OxmlElement(f"{prefix}:a") if library is docx else found[1].__copy__()
    found.insert_element_before(made, f"{prefix}:d", f"{prefix}:c")
    print([child.tag for child in found.iterchildren("*")])
    for names_asked in ((f"{prefix}:c", "no:p"), (f"{prefix}:*",), (f"{prefix}:a[2]",), ("..",)):
        child = tried(found.first_child_found_in, *names_asked)
        print(names_asked, getattr(child, "tag", child), getattr(child, "attrib", None))
    print(found.xpath(xpath_str=f"{prefix}:a/@n"), tried(found.xpath, []), tried(found.xpath))
    print(tried(lambda: found.xpath("a", namespaces={})), tried(found.first_child_found_in, 1))
    print(type(found).xpath.__doc__, type(found).xpath.__qualname__)
    try:
        found.xpath("*[")
    except Exception as error:
        print(error.__context__)
    for path in (f"{prefix}:a/@n", "count(*)", f"{prefix}:a[@n='3']/@*", "*[", "nosuch:a"):
        print(path, *(tried(found.xpath, path) for _ in range(2)))
    print(tried(found.xpath, "new:a/@n"))
    names["new"] = "urn:other"
    print(tried(found.xpath, "new:a/@n"))
    names["new"] = "urn:new"
    print(tried(found.xpath, "new:a/@n"), found.xpath(f"{prefix}:b")[0].getparent() is found)
"""
CELLS = """
import docx

def tried(find, *given):
    try:
        return find(*given).text
    except Exception as error:
        return type(error).__name__, str(error)

def show(table):
    print([cell.text for cell in table._cells], len({id(cell) for cell in table._cells}))
    print([tried(table.cell, *at) for at in ((0, 0), (1, 2), (-1, 0), (2, 9), (9, 9))])
    print([cell.text for cell in (*table.row_cells(1), *table.column_cells(1))])

def spanning(*corners):
    table = docx.Document().add_table(3, 3)
    for n, cell in enumerate(table._cells):
        cell.text = str(n)
    show(table)
    for first, last in corners:
        table.cell(*first).merge(table.cell(*last))
        show(table)
    return table

spanning(((0, 0), (0, 1)), ((1, 1), (2, 1)))
spanning(((1, 0), (2, 2)))
spanning(((0, 2), (2, 2)))
nested = spanning().cell(1, 1)
inner = nested.add_table(2, 2)
inner.cell(0, 0).merge(inner.cell(0, 1))
show(inner)
table = spanning()
table._tbl.tr_lst[0].remove(table._tbl.tr_lst[0].tc_lst[2])
show(table)
del table._tbl[2:]
print(table._cells, tried(table.cell, 0, 0), type(table)._cells.__doc__)
table._tbl.remove(table._tbl.tblGrid)
try:
    table._cells
except Exception as error:
    print(type(error), error)
"""
FUNCTIONS = """
import docx
from lxml import etree

paragraph = docx.Document().add_paragraph("x")._p
functions = etree.FunctionNamespace("urn:f")
functions.prefix = "f"
functions["up"] = lambda context, text: text.upper()
plain = etree.FunctionNamespace(None)
plain["runs"] = lambda context: len(paragraph.xpath("w:r"))
for n in range(20):
    print(paragraph.xpath("f:up('abc')"), paragraph.xpath("runs() + 1"))
del functions["up"]
try:
    paragraph.xpath("f:up('abc')")
except etree.XPathError as error:
    print(type(error), error)
"""
LISTS = """
from openpyxl.styles import Font
from openpyxl.utils.indexed_list import IndexedList

def tried(add, value):
    try:
        return add(value)
    except Exception as error:
        return type(error).__name__, str(error)

for fill in ([], [3, 3, 4]):
    found = IndexedList(fill)
    print([tried(found.add, value) for value in (1, 2, 1, 1.0, True, None, None, "a", [], Font())])
    print(found, found.clean, found.index(2), 3 in found, tried(found.index, "b"))
    print(found.add(Font()), found.add(Font(bold=True)), found.add(Font(bold=True)), len(found))
"""


async def test_what_is_deflated_here_is_inflated_anywhere(run: Runs) -> None:
    ended = await run(ANY_WAY)

    assert ended.failure is None
    name, check_sum, packed = json.loads(ended.stdout)
    assert name == "zlib_ng.zlib_ng"
    assert zlib.decompress(bytes.fromhex(packed)) == b"the same " * 10_000
    assert zlib.crc32(b"the same " * 10_000) == check_sum


async def test_names_of_elements_are_remembered(run: Runs) -> None:
    ended = await run(NAMES)

    assert (ended.failure, ended.stdout) == (None, "as ever\n")


@pytest.mark.parametrize("code", [TEMPLATES, STYLES, DEFAULTS, ELEMENTS, FUNCTIONS, CELLS, LISTS])
async def test_nobody_can_tell_what_was_made_faster(run: Runs, code: str) -> None:
    cold = [sys.executable, "-I", "-c", code]

    ended = await run(code)

    assert ended.failure is None
    assert ended.stdout == await asyncio.to_thread(subprocess.check_output, cold, text=True) != ""
