"""Whether a file is what it claims to be, and harmless to whoever opens it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workers.opening import objects, package
from workers.opening.elements import elements, tree
from workers.opening.refused import Refused

Facts = dict[str, Any]


def main(suffix: str, source: str) -> None:
    """Print the facts of a file as JSON, or why it is refused; what does not open raises."""
    try:
        print(json.dumps({"facts": FORMATS[suffix](Path(source).read_bytes())}))
    except Refused as refused:
        print(json.dumps({"refused": refused.reason, "message": str(refused)}))


def _spreadsheet(file: bytes) -> Facts:
    workbook = package.check(file, ".xlsx")
    sheets = _count(workbook, "sheet")
    if not sheets:
        raise ValueError("it has no sheets")

    return {"sheets": sheets}


def _document(file: bytes) -> Facts:
    body = tree(package.check(file, ".docx")).find("{*}body")
    if body is None:
        raise ValueError("it has no body")

    return {"paragraphs": len(body.findall("{*}p")), "tables": len(body.findall("{*}tbl"))}


def _presentation(file: bytes) -> Facts:
    return {"slides": _count(package.check(file, ".pptx"), "sldId")}


def _count(part: bytes, tag: str) -> int:
    return sum(1 for _ in elements(part, tag))


def _pdf(file: bytes) -> Facts:
    pages = objects.check(file)
    if not pages:
        raise ValueError("it has no pages")

    return {"pages": pages}


FORMATS: dict[str, Callable[[bytes], Facts]] = {
    ".xlsx": _spreadsheet,
    ".docx": _document,
    ".pptx": _presentation,
    ".pdf": _pdf,
}
