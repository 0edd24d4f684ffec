"""Files as the libraries write them, and the same with something else in them."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

import docx
import openpyxl
import pikepdf
import pptx
from reportlab.pdfgen.canvas import Canvas

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@cache
def plain(suffix: str) -> bytes:
    """The smallest honest file of a type."""
    file = io.BytesIO()
    match suffix:
        case ".xlsx":
            book = openpyxl.Workbook()
            book.active.append(["Item", 1, "=SUM(B1:B1)"])
            book.save(file)
        case ".docx":
            letter = docx.Document()
            letter.add_paragraph("Hello")
            letter.save(file)
        case ".pptx":
            deck = pptx.Presentation()
            deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Hello"
            deck.save(file)
        case ".pdf":
            page = Canvas(file)
            page.drawString(72, 720, "Hello")
            page.save()

    return file.getvalue()


def parts(file: bytes) -> dict[str, bytes]:
    """Name and content of the parts of an Office file."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: Mapping[str, bytes]) -> bytes:
    """The parts as an Office file again."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)

    return file.getvalue()


def with_part(suffix: str, name: str, content: bytes) -> bytes:
    """An honest file with one more part, or another one in its place."""
    return packed({**parts(plain(suffix)), name: content})


def with_text(suffix: str, name: str, old: bytes, new: bytes) -> bytes:
    """An honest file in which something else stands in one part."""
    contents = parts(plain(suffix))
    assert old in contents[name], contents[name]
    return packed({**contents, name: contents[name].replace(old, new, 1)})


def with_relationship(suffix: str, kind: str, target: str, mode: str = "External") -> bytes:
    """An honest file whose main part is related to one thing more."""
    name = {
        ".xlsx": "xl/_rels/workbook.xml.rels",
        ".docx": "word/_rels/document.xml.rels",
        ".pptx": "ppt/slides/_rels/slide1.xml.rels",
    }[suffix]
    one = f'<Relationship Id="rIdX" Type="{RELATIONSHIPS}/{kind}" Target="{target}" '
    return with_text(
        suffix, name, b"</Relationships>", f'{one}TargetMode="{mode}"/></Relationships>'.encode()
    )


def with_formula(formula: str) -> bytes:
    """A workbook with this formula."""
    book = openpyxl.Workbook()
    book.active["A1"] = formula
    return saved(book)


def saved(document: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_body(xml: str) -> bytes:
    """A Word document with this in its body."""
    return with_text(".docx", "word/document.xml", b"<w:body>", b"<w:body>" + xml.encode())


def with_object(
    root: dict[str, object] | None = None, page: dict[str, object] | None = None
) -> bytes:
    """A PDF with these keys in its catalogue and its page, compressed as far as it goes."""
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(".pdf"))) as pdf:
        for place, keys in ((pdf.Root, root), (pdf.pages[0].obj, page)):
            for key, value in (keys or {}).items():
                place[key] = pdf.make_indirect(value) if isinstance(value, dict) else value
        pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    return file.getvalue()


def field(instruction: str) -> bytes:
    """A Word document with a field."""
    return with_body(f'<w:p><w:fldSimple w:instr="{instruction}"><w:r/></w:fldSimple></w:p>')


def complex_field(*pieces: str) -> bytes:
    """The same, of several runs."""
    texts = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "end"))
    return with_body(f"<w:p>{begin}{texts}{end}</w:p>")


def suffix_of(file: bytes) -> str:
    """Which of the types a file is."""
    if b"%PDF-" in file[:64]:
        return ".pdf"
    for suffix, folder in ((".docx", b"word/"), (".pptx", b"ppt/")):
        if folder in file:
            return suffix

    return ".xlsx"
