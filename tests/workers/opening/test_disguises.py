"""What one reader sees and another passes over is looked at both ways, or refused."""

from typing import Any

import pikepdf
import pytest

from tests.workers.opening.files import (
    packed,
    parts,
    plain,
    with_body,
    with_object,
    with_part,
    with_text,
)
from workers.opening import package

Name, Array, Dictionary = pikepdf.Name, pikepdf.Array, pikepdf.Dictionary
BEGIN, END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
OTHERS = 'xmlns:x="urn:x" xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"'
CHOICE = "<m:AlternateContent><m:Choice Requires='x'>{}</m:Choice></m:AlternateContent>"


def run(text: str, tag: str = "w:instrText") -> str:
    return f"<w:r><{tag}>{text}</{tag}></w:r>"


def field(*pieces: str) -> bytes:
    return with_body(f"<w:p {OTHERS}>{''.join(pieces)}</w:p>")


COMMAND = run("DDEAUTO cmd")
# A harmless word first, which some readers never see; and how it is harmless.
FIELDS = {
    "deleted": (
        field(BEGIN, f"<w:del>{run('PAGE ', 'w:delInstrText')}</w:del>", COMMAND, END),
        field(f"<w:del>{BEGIN}{run('PAGE ', 'w:delInstrText')}{END}</w:del>"),
    ),
    "deleted without a word": (
        field(BEGIN, run("PAGE ", "w:delInstrText"), COMMAND, END),
        field(BEGIN, run("PA"), run("GE "), END),
    ),
    "of another vocabulary": (
        field(BEGIN, run("PAGE ", "x:instrText"), COMMAND, END),
        field(BEGIN, run("PAGE "), run("DDEAUTO cmd", "w:t"), END),
    ),
    "within another vocabulary": (
        field(BEGIN, f"<x:a>{run('PAGE ')}</x:a>", COMMAND, END),
        field(f"<x:a>{BEGIN}{run('PAGE ')}{END}</x:a>"),
    ),
    "a choice": (
        field(BEGIN, CHOICE.format(run("PAGE ")), COMMAND, END),
        field(CHOICE.format(f"{BEGIN}{run('PAGE ')}{END}")),
    ),
    "ended in a choice": (
        field(BEGIN, run("DATE"), CHOICE.format(END), run("ABASE x"), END),
        field(BEGIN, run("DATE"), END, CHOICE.format(f"{BEGIN}{run('PAGE ')}{END}")),
    ),
    "an element in the word": (
        field(BEGIN, run("<x:a>PAGE </x:a>DDEAUTO cmd"), END),
        field(BEGIN, run("<!-- x -->PAGE "), END),
    ),
    "without an end": (field(BEGIN, COMMAND), field(BEGIN, run("PAGE "))),
}


@pytest.mark.parametrize(("harmful", "harmless"), FIELDS.values(), ids=FIELDS)
def test_a_field_is_the_same_to_every_reader(check: Any, harmful: bytes, harmless: bytes):
    assert check(harmful, ".docx")["refused"] == "reaching_field"
    assert "facts" in check(harmless, ".docx")


def test_a_formula_is_the_same_to_every_reader(check: Any):
    def answer(formula: bytes) -> Any:
        name = b'<definedName name="a">%b</definedName>' % formula
        assert named(name).get("refused") == named(b"<f>%b</f>" % formula).get("refused")
        return named(name)

    def named(element: bytes) -> Any:
        xml = b"<w xmlns:x='urn:x'>%b</w>" % element
        return check(with_part(".xlsx", "xl/worksheets/a.xml", xml), ".xlsx")

    assert answer(b"WEB<x:a>x</x:a>SERVICE(A1)")["refused"] == "reaching_formula"
    assert answer(b"WEB<x:a>SERVICE</x:a>(A1)")["refused"] == "reaching_formula"
    assert "facts" in answer(b"SU<x:a>x</x:a>M(A1)")


def typed(kind: str) -> bytes:
    one = f'<Override PartName="/a.xml" ContentType="{kind}"/></Types>'
    return with_text(".docx", "[Content_Types].xml", b"</Types>", one.encode())


def test_a_document_is_of_one_format(check: Any):
    book, text = package.MAIN_TYPES[".xlsx"], package.MAIN_TYPES[".docx"]

    assert check(typed(book), ".docx")["refused"] == "wrong_type"
    assert check(typed(book.replace("main", "MAIN")), ".docx")["refused"] == "wrong_type"
    assert "facts" in check(typed(text), ".docx")
    assert "facts" in check(typed("application/xml"), ".docx")


@pytest.mark.parametrize("name", ["mimetype", "META-INF/manifest.xml", "META-INF/MANIFEST.MF"])
def test_a_document_is_no_other_archive_as_well(check: Any, name: str):
    content = b"application/vnd.oasis.opendocument.text"

    assert check(with_part(".docx", name, content), ".docx")["refused"] == "wrong_type"
    assert "facts" in check(with_part(".docx", f"word/{name}", content), ".docx")


def test_a_part_named_from_the_root_is_the_same_part(check: Any):
    twice = packed({**parts(plain(".xlsx")), "/xl/workbook.xml": b"<a/>"})

    assert check(twice, ".xlsx")["refused"] == "same_name_twice"
    assert check(with_part(".xlsx", "//xl/a.xml", b"<a/>"), ".xlsx")["refused"] == "odd_name"
    assert "facts" in check(with_part(".xlsx", "/xl/a.xml", b"<a/>"), ".xlsx")


def test_the_base_of_links_is_found_wherever_it_is(check: Any):
    contents = parts(plain(".docx"))
    base = b"<HyperlinkBase><!-- -->%b</HyperlinkBase></Properties>"

    def based(address: bytes, place: str = "docProps/app.xml") -> Any:
        about = contents["docProps/app.xml"].replace(b"</Properties>", base % address)
        assert about != contents["docProps/app.xml"]
        moved = contents["_rels/.rels"].replace(b"docProps/app.xml", place.encode())
        return check(packed({**contents, place: about, "_rels/.rels": moved}), ".docx")

    assert based(b"\\\\host\\a")["refused"] == "odd_link"
    assert based(b"\\\\host\\a", "docProps/b.xml")["refused"] == "odd_name"
    assert "facts" in based(b"https://x.test/")


def annotated(**keys: Any) -> bytes:
    return with_object(page={"/Annots": Array([Dictionary(Rect=Array([0, 0, 1, 1]), **keys)])})


def test_an_action_that_calls_itself_an_annotation_is_one(check: Any):
    def thread(**keys: Any) -> Any:
        return check(annotated(A=Dictionary(Type=Name.Annot, S=Name.Thread, **keys)), ".pdf")

    assert thread(F=pikepdf.String("\\\\host\\a.pdf"))["refused"] == "active_content"
    assert "facts" in thread(F=4)


def test_an_attachment_is_in_the_file(check: Any):
    def attached(**keys: Any) -> Any:
        place = Dictionary(F=pikepdf.String("a.csv"), **keys)
        return check(annotated(Type=Name.Annot, Subtype=Name.FileAttachment, FS=place), ".pdf")

    assert attached(FS=Name.URL)["refused"] == "active_content"
    assert "facts" in attached(EF=Dictionary())
