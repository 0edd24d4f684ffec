"""Office files (ECMA-376): one document, complete in itself, without anything that runs."""

import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote

from workers.opening import actions, archive, drawings, fields, links, workbooks
from workers.opening.elements import check_form, elements
from workers.opening.refused import Refused

# Names of parts are the same in whatever case, and are written in one here.
TYPES = "[content_types].xml"
ABOUT = ("extended-properties", "extendedProperties")
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
RUNS = re.compile(
    r"macroEnabled|vbaProject|vbaData|macrosheet|activeX|oleObject|customUI"
    r"|vnd\.ms-excel\.(?!\S*\+xml)",  # parts of .xlsb, whose formulas are no text
    re.I,
)
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
    "xmlMaps": "a map to data from elsewhere",
    "volatileDependencies": "a live data source",
    "powerPivotData": "a data model",
    "rdRichValueWebImage": "pictures from the web",
    "mailMergeSource": "a mail merge from a data source",
    "mailMergeHeaderSource": "a mail merge from a data source",
    "attachedTemplate": "a template from elsewhere",
    "attachedToolbars": "a toolbar with commands",
    "webextension": "an add-in from elsewhere",
    "webextensiontaskpanes": "an add-in from elsewhere",
    "extensibility": "a ribbon with commands",
    "userCustomization": "a ribbon with commands",
    "keyMapCustomizations": "keys with commands",
    "origin": "a digital signature, whose certificates are fetched",
    "aFChunk": "an embedded page of another format",
    "subDocument": "a part from elsewhere",
    "frame": "a part from elsewhere",
}
# By these a zip is an OpenDocument, an EPUB or a Java archive to whoever looks for them first.
OTHER_FORMATS = re.compile(r"mimetype$|meta-inf/")
# White space before the root, and in the declaration, is as long as one likes.
MARKUP = re.compile(rb"[\xef\xbb\xbf\xff\xfe\x00 \t\r\n]*+<")
DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)
ENCODING = re.compile(MARKUP.pattern + rb"\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", re.I)
EBCDIC = b"\x4c\x6f\xa7\x94"  # its "<?xm", by which parsers know it
PLAIN = (b"utf-8", b"utf8", b"us-ascii", b"ascii")

FORMED = (".xml", ".rels")  # other drawings, as old readers wrote them, close not every element
NOWHERE = {"null"}  # some libraries' word for a picture that they do not have

INSIDE = re.compile(r"(?!//)[^\\:#]*(?:#.*)?", re.S)
# What ends so is read by some as .xlsb, where formulas are no text.
BINARY = re.compile(r"\.bin(?:[?#]|$)", re.I)
# The rules of each format, for every XML part; they answer with the ids of what it shows.
LOOKS: dict[str, Callable[[bytes], set[str]]] = {
    ".xlsx": workbooks.check,
    ".docx": fields.check,
    ".pptx": actions.check,
}


# What the libraries bring into each of their documents, looked at before the first run: by format
# and content, the ids of what a part shows.
_known: dict[tuple[str, bytes], set[str]] = {}


def learn(file: bytes, suffix: str) -> None:
    """Look at the parts of an empty document once, and not again where they come unchanged."""
    for name, content in archive.contents(file, TYPES):
        _known[suffix, content] = _looked_at(name.lower(), content, suffix, depth=1)


def check(file: bytes, suffix: str, depth: int = 1) -> bytes:
    """Return the main part of a file that is what the suffix says and nothing more.

    Raises Refused, and what a reader raises for a file that is not whole.
    """
    parts = archive.contents(file, TYPES)
    main_name = _main_name(next(parts, ("", b"")), suffix)
    main, referred = b"", {main_name}
    shown: dict[str, set[str]] = {}
    followed: dict[str, set[str]] = {}
    for stated_name, content in parts:
        name = stated_name.lower()
        main = content if name == main_name else main
        known = _known.get((suffix, content))
        shown[name] = _looked_at(name, content, suffix, depth) if known is None else known
        if name.endswith(".rels"):
            linked, inside = _relationships(name, content)
            followed[name.replace("_rels/", "").removesuffix(".rels")] = linked
            referred |= inside

    _check_shown(shown, followed)
    for missing in referred - shown.keys():
        raise ValueError(f"it refers to its part {missing!r}, which is not there")

    return main


def _main_name(first: tuple[str, bytes], suffix: str) -> str:
    name, content = first[0].lower(), first[1]
    if name != TYPES:
        raise Refused("wrong_type", "The file is a zip, and no Office document.", archive.AGAIN)

    _check_content(name, content)
    types = [
        (element.get("ContentType", ""), element.get("PartName", ""))
        for element in elements(content, "Default", "Override")
    ]
    for stated, _ in types:
        if RUNS.search(stated):
            raise _reaches(TYPES, f"a part of the type {stated}")
    # Programs of more than one kind go by the type of the main part, of which there may be two.
    mains = [(stated, place) for stated, place in types if "main+xml" in stated.lower()]
    if {stated for stated, _ in mains} != {MAIN_TYPES[suffix]}:
        raise Refused(
            "wrong_type",
            f"The file is no {suffix[1:]} document by its own words.",
            f"Write a {suffix} file to OUTPUT_PATH, not a template or another format.",
        )

    return str(mains[0][1]).lower().lstrip("/")


def _looked_at(name: str, content: bytes, suffix: str, depth: int) -> set[str]:
    """Return the ids of what a part shows."""
    if OTHER_FORMATS.match(name):
        raise Refused("wrong_type", f"The file has a part {name!r}.", archive.AGAIN)
    _check_content(name, content)
    if _is_package(content):
        _check_embedded(name, content, depth)
    elif _is_xml(content):
        if name.endswith(FORMED):
            check_form(content)
        return LOOKS[suffix](content)

    return set()


def _check_shown(shown: dict[str, set[str]], followed: dict[str, set[str]]) -> None:
    # What calls itself a link and is shown as a picture is fetched, not followed.
    for source, ids in followed.items():
        if ids & shown.get(source, set()):
            raise drawings.elsewhere("picture", "a link")


def _check_content(name: str, content: bytes) -> None:
    for start, words in PROGRAMS.items():
        if content.startswith(start):
            raise _reaches(name, words)
    if content.startswith(EBCDIC):
        raise _is_odd(name)
    if not _is_xml(content):
        return

    encoding = ENCODING.match(content)
    is_plain = encoding is None or encoding[1].lower() in PLAIN
    # Most parts have no such mark, which is found ten times as fast as the pattern.
    has_doctype = b"<!" in content and DOCTYPE.search(content)
    if has_doctype or not is_plain or b"\x00" in content:
        raise _is_odd(name)
    if name == PROPERTIES:
        for base in elements(content, "HyperlinkBase"):
            links.check("".join(base.itertext()))


def _relationships(name: str, content: bytes) -> tuple[set[str], set[str]]:
    """Return the ids of the links that lead out, and the parts that are referred to."""
    links_out: set[str] = set()
    inside: set[str] = set()
    for relationship in elements(content, "Relationship"):
        kind = relationship.get("Type", "").strip().rpartition("/")[2]
        target = relationship.get("Target", "").strip()
        if kind in REACHING:
            raise _reaches(name, REACHING[kind])
        if kind in ABOUT and target.lstrip("/").lower() != PROPERTIES:
            raise Refused("odd_name", f"The properties are in {target[:100]!r}.", archive.AGAIN)
        if relationship.get("TargetMode", "Internal") != "Internal":
            _check_outside(kind, target)
            links_out.add(relationship.get("Id", ""))
        else:
            _check_inside(name, kind, target)
            if place := target.partition("#")[0]:  # without, it is a place in this document
                inside.add(_resolved(name, place))

    return links_out, inside - NOWHERE


def _check_inside(name: str, kind: str, target: str) -> None:
    if not INSIDE.fullmatch(target):
        raise drawings.elsewhere(kind, target)
    if kind != "printerSettings" and BINARY.search(target):
        raise _reaches(name, "a part in a binary format")


def _resolved(name: str, place: str) -> str:
    folder = name.rpartition("_rels/")[0]
    return posixpath.normpath(posixpath.join("/", folder, unquote(place))).lower().lstrip("/")


def _check_outside(kind: str, target: str) -> None:
    if kind != "hyperlink":
        raise drawings.elsewhere(kind, target)

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


def _is_odd(name: str) -> Refused:
    found = f"The part {name!r} has a document type or an encoding of its own."
    return Refused("odd_xml", found, archive.AGAIN)
