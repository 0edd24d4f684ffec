"""Whether a file is what it claims to be, and harmless to whoever opens it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pptx

from workers.opening import books, objects, package
from workers.opening.refused import Refused

Facts = dict[str, Any]


def main(suffix: str, source: str) -> None:
    """Print the facts of a file as JSON, or why it is refused; what does not open raises."""
    try:
        print(json.dumps({"facts": FORMATS[suffix](Path(source))}))
    except Refused as refused:
        print(json.dumps({"refused": refused.reason, "message": str(refused)}))


def _spreadsheet(source: Path) -> Facts:
    package.check(source.read_bytes(), ".xlsx")
    return {"sheets": len(books.opened(source).sheetnames)}


def _document(source: Path) -> Facts:
    package.check(source.read_bytes(), ".docx")
    with source.open("rb") as file:
        document = docx.Document(file)
        return {"paragraphs": len(document.paragraphs), "tables": len(document.tables)}


def _presentation(source: Path) -> Facts:
    package.check(source.read_bytes(), ".pptx")
    with source.open("rb") as file:
        return {"slides": len(pptx.Presentation(file).slides)}


def _pdf(source: Path) -> Facts:
    pages = objects.check(source.read_bytes())
    if not pages:
        raise ValueError("it has no pages")

    return {"pages": pages}


FORMATS: dict[str, Callable[[Path], Facts]] = {
    ".xlsx": _spreadsheet,
    ".docx": _document,
    ".pptx": _presentation,
    ".pdf": _pdf,
}
