"""A finished document as the corpus speaks of it: its texts and its facts."""

import io
import re
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pptx
import pypdfium2

Facts = dict[str, Any]


def spreadsheet(data: bytes) -> tuple[str, Facts]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheets = book.worksheets
    values = (str(v) for s in sheets for row in s.values for v in row if v is not None)
    facts = {
        "sheets": book.sheetnames,
        "charts": _parts(data, r"xl/charts/chart\d+\.xml"),
        "pictures": _parts(data, r"xl/media/.+"),
        "merged": [str(cells) for sheet in sheets for cells in sheet.merged_cells.ranges],
        "rows": sheets[0].max_row,
        "right_to_left": bool(sheets[0].sheet_view.rightToLeft),
    }
    return "\n".join(values), facts


def document(data: bytes) -> tuple[str, Facts]:
    opened = docx.Document(io.BytesIO(data))
    body = opened.element.body
    texts = ["".join(node.itertext()) for node in body.iterchildren()]
    texts += [p.text for s in opened.sections for p in (*s.header.paragraphs, *s.footer.paragraphs)]
    facts = {
        "tables": len(opened.tables),
        "sections": len(opened.sections),
        "pictures": len(opened.inline_shapes),
        "right_to_left": bool(body.xpath(".//w:bidi")),
    }
    return "\n".join(texts), facts


def pdf(data: bytes) -> tuple[str, Facts]:
    with pypdfium2.PdfDocument(data) as opened:
        texts = [page.get_textpage().get_text_bounded() for page in opened]
        pictures = [o for page in opened for o in page.get_objects() if o.type == 3]
        return "\n".join(texts), {"pages": len(opened), "pictures": len(pictures)}


def presentation(data: bytes) -> tuple[str, Facts]:
    opened = pptx.Presentation(io.BytesIO(data))
    shapes = [shape for slide in opened.slides for shape in slide.shapes]
    texts = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    tables = [shape.table for shape in shapes if shape.has_table]
    texts += [cell.text for table in tables for cell in table.iter_cells()]
    facts = {
        "slides": len(opened.slides),
        "charts": sum(shape.has_chart for shape in shapes),
        "tables": len(tables),
        "pictures": sum(shape.shape_type == 13 for shape in shapes),
        "right_to_left": any(s._element.xpath(".//a:pPr[@rtl='1']") for s in opened.slides),
    }
    return "\n".join(texts), facts


OPEN = {"spreadsheet": spreadsheet, "document": document, "pdf": pdf, "presentation": presentation}


def _parts(data: bytes, pattern: str) -> int:
    return sum(
        re.fullmatch(pattern, name) is not None for name in ZipFile(io.BytesIO(data)).namelist()
    )
