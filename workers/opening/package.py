"""Office files (ECMA-376): one document, complete in itself, without anything that runs."""

import posixpath
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from workers.opening import actions, archive, fields, formulas, links
from workers.opening.elements import check_form, elements
from workers.opening.refused import Refused

# Names of parts are the same in whatever case, and are written in one here.
TYPES = "[content_types].xml"
PROPERTIES = "docprops/app.xml"  # may move the place that relative links start from
DEEPEST = 2  # a deck's chart has a workbook; that has nothing
MAIN_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
PROGRAMS = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a Java or macOS program",
    b"#!": "a script",
    b"\xd0\xcf\x11\xe0": "an embedded OLE object",
    b"L\x00\x00\x00\x01\x14\x02": "a Windows shortcut",
}
RUNS = re.compile(r"macroEnabled|vbaProject|vbaData|macrosheet|activeX|oleObject|customUI", re.I)
# Parts by which a document fetches or runs something, by the end of their relationship's type.
REACHING = {
    "vbaProject": "macros",
    "wordVbaData": "macros",
    "xlMacrosheet": "macros",
    "xlIntlMacrosheet": "macros",
    "control": "an ActiveX control",
    "oleObject": "an embedded OLE object",
    "externalLink": "a link to another workbook",
    "externalLinkPath": "a link to another workbook",
    "connections": "a data connection",
    "queryTable": "a web query",
    "attachedTemplate": "a template from elsewhere",
    "attachedToolbars": "a toolbar with commands",
    "webextension": "an add-in from elsewhere",
    "webextensiontaskpanes": "an add-in from elsewhere",
    "extensibility": "a ribbon with commands",
    "aFChunk": "an embedded page of another format",
    "subDocument": "a part from elsewhere",
    "frame": "a part from elsewhere",
}
# White space before the root, and in the declaration, is as long as one likes.
MARKUP = re.compile(rb"[\xef\xbb\xbf\xff\xfe\x00 \t\r\n]*+<")
DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)
ENCODING = re.compile(MARKUP.pattern + rb"\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", re.I)
PLAIN = (b"utf-8", b"utf8", b"us-ascii", b"ascii")

FORMED = (".xml", ".rels")  # other drawings, as old readers wrote them, close not every element
NOWHERE = {"null"}  # some libraries' word for a picture that they do not have

# The rules of each format, for every XML part.
LOOKS: dict[str, Callable[[bytes], None]] = {
    ".xlsx": formulas.check,
    ".docx": fields.check,
    ".pptx": actions.check,
}


# What the libraries bring into each of their documents, by suffix; looked at before the first run.
_known: set[tuple[str, bytes]] = set()


def learn(file: bytes, suffix: str) -> None:
    """Look at the parts of an empty document once, and not again where they come unchanged."""
    check(file, suffix)
    _known.update((suffix, content) for _, content in archive.contents(file, TYPES))


def check(file: bytes, suffix: str, depth: int = 1) -> bytes:
    """Return the main part of a file that is what the suffix says and nothing more.

    Raises Refused, and what a reader raises for a file that is not whole.
    """
    parts = archive.contents(file, TYPES)
    main_name = _main_name(next(parts, ("", b"")), suffix)
    main, names, targets = b"", set(), set()
    for stated_name, content in parts:
        name = stated_name.lower()
        names.add(name)
        if name == main_name:
            main = content
        if name.endswith(".rels"):
            targets |= _targets(name, content)
        if (suffix, content) not in _known:
            _check_part(name, content, suffix, depth)
    for target in (targets | {main_name}) - names:
        raise ValueError(f"it refers to its part {target!r}, which is not there")

    return main


def _main_name(first: tuple[str, bytes], suffix: str) -> str:
    name, types = first[0].lower(), first[1]
    if name != TYPES:
        raise Refused("wrong_type", "The file is a zip, and no Office document.", archive.AGAIN)

    _check_content(name, types)
    stated = {kind: place for place, kind in _types(types)}
    for kind in stated:
        if RUNS.search(kind):
            raise _reaches(TYPES, f"a part of the type {kind}")
    if MAIN_TYPES[suffix] not in stated:
        raise Refused(
            "wrong_type",
            f"The file is no {suffix[1:]} document by its own words.",
            f"Write a {suffix} file to OUTPUT_PATH, not a template or another format.",
        )

    return stated[MAIN_TYPES[suffix]].lower().lstrip("/")


def _check_part(name: str, content: bytes, suffix: str, depth: int) -> None:
    _check_content(name, content)
    if _is_package(content):
        _check_embedded(name, content, depth)
    elif _is_xml(content):
        if name.endswith(FORMED):
            check_form(content)
        LOOKS[suffix](content)


def _check_content(name: str, content: bytes) -> None:
    for start, words in PROGRAMS.items():
        if content.startswith(start):
            raise _reaches(name, words)
    if not _is_xml(content):
        return

    encoding = ENCODING.match(content)
    is_plain = encoding is None or encoding[1].lower() in PLAIN
    # Most parts have no such mark, which is found ten times as fast as the pattern.
    has_doctype = b"<!" in content and DOCTYPE.search(content)
    if has_doctype or not is_plain or b"\x00" in content:
        found = f"The part {name!r} has a document type or an encoding of its own."
        raise Refused("odd_xml", found, archive.AGAIN)
    if name == PROPERTIES:
        for base in elements(content, "HyperlinkBase"):
            links.check(base.text or "")


def _types(content: bytes) -> Iterator[tuple[str, str]]:
    for element in elements(content, "Default", "Override"):
        yield element.get("PartName", ""), element.get("ContentType", "")


def _targets(name: str, content: bytes) -> set[str]:
    """The parts that a part refers to."""
    found = set()
    for relationship in elements(content, "Relationship"):
        kind = relationship.get("Type", "").rpartition("/")[2]
        target = relationship.get("Target", "")
        if kind in REACHING:
            raise _reaches(name, REACHING[kind])
        if relationship.get("TargetMode") == "External":
            _check_outside(kind, target)
        elif place := target.partition("#")[0]:  # without, it is a place in this document
            found.add(_resolved(name, place))

    return found - NOWHERE


def _resolved(name: str, place: str) -> str:
    folder = name.rpartition("_rels/")[0]
    return posixpath.normpath(posixpath.join("/", folder, unquote(place))).lower().lstrip("/")


def _check_outside(kind: str, target: str) -> None:
    if kind != "hyperlink":
        raise Refused(
            "external_part",
            f"The file takes its {kind} from {target[:100]!r} when it is opened.",
            "Put the content itself into the file.",
        )
    links.check(target)


def _check_embedded(name: str, content: bytes, depth: int) -> None:
    suffix = f".{name.rpartition('.')[2].lower()}"
    if depth >= DEEPEST or suffix not in MAIN_TYPES:
        raise _reaches(name, "an archive")

    check(content, suffix, depth + 1)


def _is_package(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _is_xml(content: bytes) -> bool:
    # By its beginning, not by its name: a name is what the relationships call a part.
    return MARKUP.match(content) is not None


def _reaches(name: str, words: str) -> Refused:
    instead = "Leave it out: a document holds text, tables, pictures, charts and formulas."
    return Refused("active_content", f"The file holds {words} (in {name}).", instead)
