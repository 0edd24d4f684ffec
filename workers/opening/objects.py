"""PDF: every object is looked at, compressed or not; nothing may run, start, fetch or hide."""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

from workers.opening import links
from workers.opening.refused import Refused

HEADER, END = b"%PDF-", b"%%EOF"
DEEPEST = 100
# What an action may do (ISO 32000-2, table 201): move within the document, or follow a link.
ACTIONS = ("/GoTo", "/URI", "/Named", "/Hide", "/ResetForm", "/SetOCGState", "/Thread", "/Trans")
# Whatever says that it is one of the others, though it does not say that it is an action.
FORBIDDEN = (
    *("/Launch", "/GoToR", "/GoToE", "/GoToDp", "/SubmitForm", "/ImportData", "/JavaScript"),
    *("/Rendition", "/Movie", "/GoTo3DView", "/RichMediaExecute"),
)
# Pages that may be shown without a click.
PAGES = ("/FirstPage", "/LastPage", "/NextPage", "/PrevPage")
# Keys whose presence alone makes a document act.
ACTING = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/AA": "actions that run by themselves",
    "/XFA": "an XFA form",
    "/RichMedia": "rich media",
    "/RichMediaContent": "rich media",
    "/Launch": "a program to start",
    "/ByteRange": "a digital signature, whose certificates are fetched",
}
ANNOTATIONS = {
    "/RichMedia": "rich media",
    "/Movie": "a film",
    "/Screen": "a film",
    "/Sound": "a sound",
    "/3D": "a 3D scene",
}
# Attachments that are data: invoices carry their XML so.
ATTACHED = (".xml", ".csv", ".txt", ".json", ".png", ".jpg", ".jpeg")
INSTEAD = "Leave it out: a PDF here holds text, drawings, pictures, form fields and links."


def check(file: bytes) -> int:
    """Return the number of pages. Raises Refused; PdfError for what is no whole PDF."""
    _check_ends(file)
    try:
        with pikepdf.open(io.BytesIO(file), attempt_recovery=False) as pdf:
            for value in _dictionaries(pdf):
                _check_dictionary(value)
            if any("duplicated key" in str(warning) for warning in pdf.get_warnings()):
                raise Refused("odd_pdf", "The PDF says one thing twice, differently.", INSTEAD)
            return len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused(
            "encrypted", "The PDF opens with a password only.", "Save it without one."
        ) from None


def _check_ends(file: bytes) -> None:
    if HEADER not in file:
        raise ValueError("it is no PDF")
    # What is read by its beginning as one thing and by its end as another is two files.
    if not file.startswith(HEADER) or file.rstrip()[-len(END) :] != END:
        raise Refused(
            "not_only_a_pdf",
            "The file has bytes before its %PDF header or after its last %%EOF.",
            "Write it with the library alone, and do not change the file afterwards.",
        )


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary, in whatever object it stands."""
    waiting = [(value, 0) for value in (*pdf.objects, pdf.trailer)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Refused("odd_pdf", "The PDF nests its objects too deeply.", INSTEAD)
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
            yield value
            inner = [value[key] for key in value.keys()]  # noqa: SIM118 - iterating asks for pages
        elif isinstance(value, pikepdf.Array):
            inner = list(value)
        else:
            continue
        # What is referred to stands in pdf.objects itself.
        waiting += [(one, depth + 1) for one in inner if _is_direct(one)]


def _is_direct(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _check_dictionary(value: Any) -> None:
    keys = set(value.keys())
    for key, words in ACTING.items():
        if key in keys and not _is_a_look(value, key):
            raise _acts(words)

    kind, subtype = _name(value, "/Type"), _name(value, "/Subtype")
    if subtype in ANNOTATIONS and (kind == "/Annot" or "/Rect" in keys):
        raise _acts(ANNOTATIONS[subtype])
    if subtype == "/PS" or _name(value, "/Subtype2") == "/PS":
        raise _acts("a PostScript program")
    if isinstance(value, pikepdf.Stream) and keys & {"/F", "/Ref"}:
        raise _acts("content from another file")
    if "/OpenAction" in keys:
        _check_opening(value["/OpenAction"])
    if "/EF" in keys:
        _check_attachment(value)
    if subtype == "/FileAttachment" and "/EF" not in _keys(value.get("/FS")):
        raise _acts("a link into another file")
    _check_action(value, kind)


def _is_a_look(value: Any, key: str) -> bool:
    """A button may look some way, a stream, for a choice of any name; a script has /S."""
    return isinstance(value[key], pikepdf.Stream) and not _name(value, "/S") and key != "/XFA"


def _check_opening(action: Any) -> None:
    is_action = isinstance(action, pikepdf.Dictionary)
    if is_action and ("/Next" in action or not _shows_a_page(action)):
        raise _acts("an action that runs when it is opened")


def _shows_a_page(action: Any) -> bool:
    is_named = _name(action, "/S") == "/Named" and _name(action, "/N") in PAGES
    return is_named or _name(action, "/S") == "/GoTo"


def _check_action(value: Any, kind: str) -> None:
    action = _name(value, "/S")
    if action in FORBIDDEN or (kind == "/Action" and action not in ACTIONS):
        raise _acts(f"an action {action}")
    # The /F of an annotation is a number.
    if action in ACTIONS and isinstance(value.get("/F"), pikepdf.Object):
        raise _acts("a link into another file")
    for key in ("/URI", "/Base"):
        if isinstance(value.get(key), pikepdf.String):
            links.check(str(value[key]))


def _check_attachment(value: Any) -> None:
    keys = ("/UF", "/F", "/DOS", "/Mac", "/Unix")
    names = [str(value[key]) for key in keys if key in value]
    if not names or not all(name.lower().endswith(ATTACHED) for name in names):
        raise _acts(f"the attachment {', '.join(names)[:100]!r}")


def _keys(value: Any) -> set[str]:
    return set(value.keys()) if isinstance(value, pikepdf.Dictionary) else set()


def _name(value: Any, key: str) -> str:
    found = value.get(key)
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _acts(words: str) -> Refused:
    return Refused("active_content", f"The PDF holds {words}.", INSTEAD)
