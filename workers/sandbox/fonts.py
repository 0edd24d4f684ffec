"""Letters that the fonts of PDF lack: fonts that come with us, and reportlab taught to use them.

Code that draws Hebrew or Chinese in Helvetica would get black boxes. Here each letter that a font
does not have is drawn and measured in the first of ours that has it. Kindness, not a layer.
"""

import os
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from workers.sandbox import direction

SHARE = str(Path(__file__).parent / "share")
# The order in which they are asked for a letter, and what they are there for.
FONTS = {
    "DejaVuSans": "DejaVuSans.ttf",  # Latin, Greek, Cyrillic, Hebrew, Arabic, symbols
    "DroidSansFallback": "DroidSansFallback.ttf",  # Chinese, Japanese, Korean
    "NotoEmoji": "NotoEmoji-Regular.ttf",
}
BOLD = {"DejaVuSans": "DejaVuSans-Bold"}
# Said of the letter before them; no font draws them, and a box is what one would see.
_UNSEEN = dict.fromkeys(
    number
    for first, last in ((0x200B, 0x200F), (0x202A, 0x202E), (0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF))
    for number in range(first, last + 1)
)
_PARTS = re.compile(r"\s+|\S+")

# A folder that stays open: reachable when the way to it is closed to a run.
_opened = -1


def environment() -> dict[str, str]:
    """Return what leads Pillow and matplotlib to the fonts, after open_folder()."""
    return {"XDG_DATA_HOME": _share(), "MATPLOTLIBRC": f"{_share()}/matplotlibrc"}


def open_folder(number_above: int) -> int:
    """Open the folder of the fonts, clear of the numbers that a run's pipes take."""
    import fcntl

    global _opened
    fd = os.open(SHARE, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    _opened = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, number_above)
    os.close(fd)

    return _opened


def teach_reportlab() -> None:
    """Register the fonts, find them by file name, and draw with them what other fonts lack."""
    from reportlab import rl_config
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase import pdfmetrics, ttfonts
    from reportlab.pdfgen.textobject import PDFTextObject

    rl_config.TTFSearchPath = (_folder(), *rl_config.TTFSearchPath)
    ttfonts.TTFOpenFile = _finding(ttfonts.TTFOpenFile, ttfonts.TTFError)
    for name, file in {**FONTS, "DejaVuSans-Bold": "DejaVuSans-Bold.ttf"}.items():
        pdfmetrics.registerFont(ttfonts.TTFont(name, file))
    for name in FONTS:
        for bold in (0, 1):
            for italic in (0, 1):
                addMapping(name, bold, italic, BOLD.get(name, name) if bold else name)

    pdfmetrics.Font.stringWidth = _measuring(pdfmetrics.Font.stringWidth)
    ttfonts.TTFont.stringWidth = _measuring(ttfonts.TTFont.stringWidth)
    ttfonts.makeToUnicodeCMap = _in_utf16(ttfonts.makeToUnicodeCMap)
    PDFTextObject._formatText = _drawing(PDFTextObject._formatText)
    direction.teach_reportlab()


def reachable(path: str) -> str:
    """Return a path in SHARE as one that a run may follow."""
    return _share() + path.removeprefix(SHARE)


def _share() -> str:
    return f"/proc/self/fd/{_opened}"


def _folder() -> str:
    return f"{_share()}/fonts"


def _finding(open_file: Callable[[Any], Any], wrong: type[Exception]) -> Callable[[Any], Any]:
    def found(name: Any) -> Any:
        try:
            return open_file(name)
        except wrong:
            own = os.path.basename(os.fsdecode(name))
            if own not in os.listdir(_folder()):
                raise wrong(_not_there(own)) from None
            return open_file(f"{_folder()}/{own}")

    return found


def _not_there(name: str) -> str:
    there = ", ".join((*FONTS.values(), "DejaVuSans-Bold.ttf"))
    return (
        f"There is no font {name} here. There are: {there}; they are registered already, and "
        "letters that Helvetica lacks are drawn with them by themselves."
    )


def _measuring(width: Callable[..., float]) -> Callable[..., float]:
    def measured(self: Any, text: Any, size: float, encoding: str = "utf8") -> float:
        runs = _runs(text, self)
        if runs is None:
            return width(self, text, size, encoding)

        # What one of ours lacks too is not looked for again.
        widths = (
            (width if font is self else type(font).stringWidth)(font, part, size)
            for font, part in runs
        )
        return sum(widths)

    return measured


def _drawing(draw: Callable[..., str]) -> Callable[..., str]:
    def drawn(self: Any, text: Any) -> str:
        if self.direction is None and not direction.is_ordered(self._canvas):
            text = direction.visual(text)
        from reportlab.pdfbase.pdfmetrics import getFont

        runs = _runs(text, getFont(self._fontname))
        if runs is None:
            return draw(self, text)

        own = self._fontname
        code = [_drawn_in(draw, self, font, part) for font, part in runs]
        code.append(_chosen(self, getFont(own)))

        return " ".join(filter(None, code))

    return drawn


def _in_utf16(make: Callable[..., str]) -> Callable[..., str]:
    # reportlab writes a letter beyond U+FFFF as one number, and readers copy another letter.
    def made(*given: Any) -> str:
        return re.sub(
            "<([0-9A-F]{5,})>",
            lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>",
            make(*given),
        )

    return made


def _drawn_in(draw: Callable[..., str], text_object: Any, font: Any, part: str) -> str:
    chosen = _chosen(text_object, font)
    return " ".join(filter(None, (chosen, draw(text_object, part))))


def _chosen(text_object: Any, font: Any) -> str:
    """Make it the text object's font; one that is embedded in parts names itself as it draws."""
    text_object._fontname, text_object._curSubset = font.fontName, -1
    if font._dynamicFont:
        return ""

    name = text_object._canvas._doc.getInternalFontName(font.fontName)
    return f"{name} {text_object._fontsize} Tf {text_object._leading} TL"


def _runs(text: Any, font: Any) -> list[tuple[Any, str]] | None:
    """Split the text by the font that has its letters; None when the given one has them all."""
    if type(text) is bytes:
        text = text.decode("utf-8", "replace")
    is_the_readers = font._multiByte and not font._dynamicFont
    if type(text) is not str or text.isascii() or is_the_readers:
        return None  # glyphs that have their places already are no plain str

    shown = direction.joined(text).translate(_UNSEEN)
    if shown == text and _has(font, text):
        return None

    # Word by word: one that is half in another font is hard on the eye.
    parts = [(_font_of(part, font), part) for part in _PARTS.findall(shown)]
    letters = [(f or _font_of(c, font) or font, c) for f, part in parts for c in part]
    runs = groupby(letters, lambda letter: letter[0])

    return [(f, "".join(char for _, char in run)) for f, run in runs]


def _font_of(text: str, font: Any) -> Any:
    return next((f for f in _candidates(font) if _has(f, text)), None)


def _candidates(font: Any) -> Iterator[Any]:
    from reportlab.pdfbase.pdfmetrics import getFont

    yield font
    is_bold = "bold" in font.fontName.lower()
    for name in FONTS:
        yield getFont(BOLD.get(name, name) if is_bold else name)


def _has(font: Any, text: str) -> bool:
    if font._dynamicFont:
        return all(ord(char) in font.face.charToGlyph for char in text)

    return any(_encodes(f, text) for f in (font, *font.substitutionFonts))


def _encodes(font: Any, text: str) -> bool:
    try:
        text.encode(font.encName)
    except UnicodeEncodeError:
        return False

    return True
