"""Fields of Word documents: they may count, refer and link; they may not fetch or start.

What a field does is its first word. The text of a field may be cut over many runs, and a field
within it may write that word; so it is put together first, and a word that is computed is refused.
Readers pass over what was deleted or is not theirs; of a field all or nothing may stand there.
"""

import re
from dataclasses import dataclass
from typing import Any

from workers.opening import drawings, links
from workers.opening.elements import attributes, elements, name
from workers.opening.refused import Refused

SPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
DELETED = ("del", "moveFrom")
WRITTEN = ("fldSimple", "fldChar", "instrText", "delInstrText")
# What Word itself takes from elsewhere, without a field.
REACHING = {
    "mailMerge": "a mail merge from a data source",
    "attachedTemplate": "a template from elsewhere",
    "altChunk": "an embedded page of another format",
    "subDoc": "a part from elsewhere",
    "frameset": "frames from elsewhere",
    "sourceFileName": "a frame from elsewhere",
    "linkedToFile": "a frame from elsewhere",
    "saveThroughXslt": "a transformation that runs when it is saved",
    "schemaLibrary": "a schema from elsewhere",
    "entryMacro": "a macro",
    "exitMacro": "a macro",
    "control": "an ActiveX control",
    "objectLink": "a linked object",
}
TAGS = (*WRITTEN, *REACHING, *drawings.TAGS)
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


@dataclass(slots=True)
class Field:
    """A field of which the end has not come yet."""

    place: list[Any]
    text: str = ""


def check(content: bytes) -> set[str]:
    """Return the ids of the parts that it shows. Raises Refused for what takes something in."""
    open_ones: list[Field] = []
    shown: set[str] = set()
    for element in elements(content, *TAGS):
        match name(element):
            case "fldSimple":
                _check(_attribute(element, "instr"))
            case "fldChar" | "instrText" | "delInstrText":
                _step(open_ones, element)
            case tag if tag in REACHING:
                raise _refused(REACHING[tag])
            case tag if tag in drawings.TAGS:
                shown |= drawings.check(tag, attributes(element))
    for field in open_ones:
        _check(field.text)

    return shown


def _step(open_ones: list[Field], element: Any) -> None:
    kind, place = _attribute(element, "fldCharType"), _place(element)
    if kind == "begin":
        if open_ones:
            open_ones[-1].text += WITHIN
        open_ones.append(Field(place))
    elif open_ones:
        if place != open_ones[-1].place:
            raise _refused("a field in pieces that not every reader sees")
        open_ones[-1].text += "".join(element.itertext())
        if kind in ("separate", "end"):
            _check(open_ones[-1].text)
        if kind == "end":
            open_ones.pop()


def _place(element: Any) -> list[Any]:
    """What stands round a piece of a field, and may be passed over with it."""
    is_odd = not element.tag.startswith(SPACES) or any(isinstance(c.tag, str) for c in element)
    if is_odd:
        raise _refused("a field with something in it that is none")

    deleted = ["del"] if name(element) == "delInstrText" else []
    for outer in element.iterancestors():
        if name(outer) in DELETED:
            deleted = ["del"]
        elif not outer.tag.startswith(SPACES):
            deleted.append(outer)

    return deleted


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
            _check_place(quoted or bare)
        is_value = is_switch and bare.lower() in WITH_A_VALUE


def _check_place(place: str) -> None:
    beginning, computed, _ = place.partition(WITHIN)
    links.check(beginning)
    if computed and not links.is_settled(beginning):
        raise _refused("a link whose address is computed")


def _attribute(element: Any, wanted: str) -> str:
    """The one of this name; a second, of whatever namespace, is there to be mistaken for it."""
    found = [value for key, value in attributes(element) if key == wanted]
    if len(found) > 1:
        raise _refused(f"a field with two attributes {wanted!r}")

    return found[0] if found else ""


def _refused(words: str) -> Refused:
    return Refused(
        "reaching_field",
        f"The document holds {words}, which takes something from elsewhere when it is opened.",
        "Put the text or the picture itself into the document (add_paragraph, add_picture).",
    )
