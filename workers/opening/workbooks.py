"""Where formulas stand in a workbook: in cells, tables, names, rules, charts, pivots and buttons.

Text stays text: in a workbook only a formula is one, however a cell's text begins.
"""

import html
import re
from typing import Any

from workers.opening import drawings, formulas
from workers.opening.elements import PREFIX, Attributes, attributes, elements, name, one_of
from workers.opening.refused import Refused

# Elements whose text is a formula.
FORMULAS = (
    *("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula"),
    *("oldFormula", "sqref", "FmlaLink", "FmlaRange", "FmlaGroup", "FmlaTxbx", "FmlaPict"),
)
# Elements whose attributes count: what is drawn, and those with formulas or macros in them.
MARKED = (
    *("definedName", "cfvo", "cacheField", "calculatedItem", "sp", "pic", "cxnSp", "graphicFrame"),
    *("cameraTool", "controlPr", "objectPr", "formControlPr", "FmlaMacro"),
)
IN_ATTRIBUTES = (
    *("val", "formula", "textlink", "cellRange", "linkedCell", "listFillRange"),
    *("fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx"),
)
ACTING = {
    "webPublishItem": "a page that is published when it is saved",
    "webPublishObject": "a page that is published when it is saved",
    "ddeLink": "a call of another program (DDE)",
}
NAMED = ("definedName", "FmlaMacro")  # which have both
TEXTS = (*FORMULAS, *NAMED)
TAGS = (*MARKED, *ACTING, *drawings.TAGS)
# The values may hold what ends a tag elsewhere.
VALUES = r"(?:\s[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*)?"
# Most of a sheet is rows, cells and values, which are passed over first.
WRITTEN = re.compile(
    rf"<(?!/|[crvt][ >/]|row[ >]|si>){PREFIX}"
    rf"(?:{one_of(FORMULAS)}{VALUES}(?<!/)|({one_of(TAGS)}{VALUES}/?))>"
    rf"([^<]*)(?:(?=<(/?))|\Z)".encode()
)
IN_PIECES = re.compile(rf"{one_of(NAMED)}(?:[\s/]|\Z)".encode())
ATTRIBUTE = re.compile(r"([^\s<>\"'=:/]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
COMMENTED = re.compile(rb"<!|<\?(?!xml[\s?])")
OWN_MACRO = re.compile(r"(?:\[0\]!)?[\w.]*")
BY_ITSELF = re.compile(r"(?:_xlnm\.)?auto_?(open|close|exec|activate)", re.IGNORECASE)


def check(content: bytes) -> set[str]:
    """Return the ids of the parts that it shows. Raises Refused for what reaches out."""
    shown: set[str] = set()
    # A million cells are parsed in seconds and searched in a tenth of one; but what stands
    # between comments or elements only the parser puts together.
    found = WRITTEN.findall(content)
    if COMMENTED.search(content) or any(_is_open(tag, end) for tag, _, end in found):
        for element in elements(content, *FORMULAS, *TAGS):
            for text in _readings(element):
                shown |= _check(name(element), attributes(element), text)
        return shown

    quiet: set[bytes] = set()  # by their shapes, since those of a column differ in numbers only
    for tag, text, _ in found:
        if tag:
            shown |= _check(*_read(tag), html.unescape(text.decode()))
        elif (shape := text.translate(None, b"0123456789")) not in quiet:
            if formulas.NOTABLE.search(shape):
                formulas.check(html.unescape(text.decode()))
            else:
                quiet.add(shape)
    return shown


def _is_open(tag: bytes, end: bytes) -> bool:
    """Whether the text goes on behind an element in it."""
    return not end and (not tag or IN_PIECES.match(tag) is not None)


def _readings(element: Any) -> set[str]:
    """The text of an element with and without that of elements in it, which some pass over."""
    own = (element.text or "") + "".join(child.tail or "" for child in element)
    return {own, "".join(element.itertext())} if name(element) in TEXTS else {""}


def _read(tag: bytes) -> tuple[str, Attributes]:
    """The name of an element and its attributes, of what stands between its brackets."""
    words = tag.decode()
    found = ATTRIBUTE.findall(words)
    return re.split(r"[\s/]", words, maxsplit=1)[0], [(n, html.unescape(v[1:-1])) for n, v in found]


def _check(tag: str, stated: Attributes, text: str) -> set[str]:
    if tag in drawings.TAGS:
        return drawings.check(tag, stated)
    if tag in ACTING:
        raise _acts(ACTING[tag])
    if tag in FORMULAS or tag == "definedName":
        formulas.check(text)
    if tag == "FmlaMacro":
        stated = [("macro", text)]
    for key, value in stated:
        _check_attribute(tag, key, value)
    return set()


def _check_attribute(tag: str, key: str, value: str) -> None:
    if key == "macro" and not OWN_MACRO.fullmatch(value.strip()):
        raise _acts(f"a button that runs {value.strip()[:100]!r}")
    if key in IN_ATTRIBUTES:
        formulas.check(value)
    if tag == "definedName" and key == "name" and BY_ITSELF.match(formulas.unescaped(value)):
        raise formulas.refused("a name that runs by itself", value)


def _acts(words: str) -> Refused:
    return Refused(
        "active_content",
        f"The workbook holds {words}.",
        "Leave it out: a workbook holds values, formulas, pictures, charts and links.",
    )
