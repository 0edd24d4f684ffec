"""Fields of Word documents: they may count, refer and link; they may not fetch or start.

What a field does is its first word. The text of a field may be cut over many runs, and a field
within it may write that word; so it is put together first, and a word that is computed is refused.
"""

import re
from typing import Any

from workers.opening import links
from workers.opening.elements import elements
from workers.opening.refused import Refused

TAGS = ("fldSimple", "fldChar", "instrText", "delInstrText", "imagedata", "fill")
HARMLESS = """
= ADVANCE ASK AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT BARCODE BIBLIOGRAPHY CITATION COMMENTS
COMPARE CREATEDATE DATE DISPLAYBARCODE DOCPROPERTY DOCVARIABLE EDITTIME EQ FILENAME FILESIZE FILLIN
FORMCHECKBOX FORMDROPDOWN FORMTEXT GOTOBUTTON HYPERLINK IF INDEX INFO KEYWORDS LASTSAVEDBY LISTNUM
MERGEFIELD MERGEREC MERGESEQ NEXT NEXTIF NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF PRINTDATE
QUOTE REF REVNUM SAVEDATE SECTION SECTIONPAGES SEQ SET SKIPIF STYLEREF SUBJECT SYMBOL TA TC TEMPLATE
TIME TITLE TOA TOC USERADDRESS USERINITIALS USERNAME XE
"""
WORD = re.compile(r"\s*(=|[A-Za-z]+)?")
ARGUMENT = re.compile(r'"([^"]*)"?|(\S+)')
WITH_A_VALUE = (r"\l", r"\o", r"\t")  # a place within, a remark, a window
WITHIN = "\x00"  # where another field stands


def check(content: bytes) -> None:
    """Raise Refused for the first field, or picture, that takes something from elsewhere."""
    open_ones: list[str] = []
    for element in elements(content, *TAGS):
        match element.tag.rpartition("}")[2]:
            case "fldSimple":
                _check(_attribute(element, "instr"))
            case "fldChar":
                _step(open_ones, _attribute(element, "fldCharType"))
            case "instrText" | "delInstrText" if open_ones:
                open_ones[-1] += element.text or ""
            case "imagedata" | "fill" if element.get("src"):
                raise _refused(f"a picture from {element.get('src')[:100]!r}")


def _step(open_ones: list[str], kind: str) -> None:
    if kind == "begin":
        if open_ones:
            open_ones[-1] += WITHIN
        open_ones.append("")
    elif open_ones and kind == "separate":
        _check(open_ones[-1])
    elif open_ones and kind == "end":
        _check(open_ones.pop())


def _check(instruction: str) -> None:
    found = WORD.match(instruction)
    word = (found[1] if found else None) or ""
    if word.upper() not in HARMLESS.split() and instruction.strip():
        name = "whose name is computed" if instruction.strip().startswith(WITHIN) else word
        raise _refused(f"the field {name or instruction.strip()[:20]!r}")

    if word.upper() == "HYPERLINK":
        _check_address(instruction.strip()[len(word) :])


def _check_address(arguments: str) -> None:
    is_value = False
    for quoted, bare in ARGUMENT.findall(arguments):
        is_switch = bare.startswith("\\") and not bare.startswith("\\\\")
        if not is_value and not is_switch:
            links.check(quoted or bare)
        is_value = is_switch and bare.lower() in WITH_A_VALUE


def _attribute(element: Any, name: str) -> str:
    """The one of this name; a second, of whatever namespace, is there to be mistaken for it."""
    found = [value for key, value in element.attrib.items() if key.rpartition("}")[2] == name]
    if len(found) > 1:
        raise _refused(f"a field with two attributes {name!r}")

    return found[0] if found else ""


def _refused(words: str) -> Refused:
    return Refused(
        "reaching_field",
        f"The document holds {words}, which takes something from elsewhere when it is opened.",
        "Put the text or the picture itself into the document (add_paragraph, add_picture).",
    )
