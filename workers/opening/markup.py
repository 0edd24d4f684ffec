"""The pages that previews are: markup that cannot act, and pictures inside of it."""

import base64
import io
import re
from typing import Any

from lxml import html
from lxml.html.builder import E
from PIL import Image

LARGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
Style = dict[str, str | None]
_VALUE = re.compile(r"[\w#%., /()'+-]{1,200}")
MOST_PICTURES_BYTES = 12 * 1024 * 1024


def page(style: str, *content: Any, direction: str = "ltr") -> bytes:
    """An HTML page; text that is given is text, whatever it looks like."""
    document = E.html(
        E.head(E.meta(charset="utf-8"), E.title("Preview"), E.style(style)),
        E.body(*content, dir=direction),
    )
    return bytes(html.tostring(document, doctype="<!doctype html>", encoding="utf-8"))


def css(properties: Style) -> str:
    """Declarations for a style attribute; a value that could be more than a value is left out."""
    kept = (f"{n}:{v}" for n, v in properties.items() if v and _VALUE.fullmatch(v))
    return ";".join(kept)


class Pictures:
    """Pictures as data: URIs, drawn anew, until their room is used up."""

    def __init__(self) -> None:
        self._room = MOST_PICTURES_BYTES

    def uri(self, data: bytes) -> str | None:
        """The picture's URI; None for what cannot be opened or does not fit any more."""
        try:
            drawn = _drawn(data)
        except Exception:  # whatever a stranger's picture makes of the library
            return None

        self._room -= len(drawn)
        if self._room < 0:
            return None

        return "data:image/png;base64," + base64.b64encode(drawn).decode()


def _drawn(data: bytes) -> bytes:
    picture: Image.Image = Image.open(
        io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
    )
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    if picture.mode not in ("RGB", "RGBA", "L", "LA"):
        picture = picture.convert("RGBA")
    file = io.BytesIO()
    picture.save(file, "PNG")

    return file.getvalue()
