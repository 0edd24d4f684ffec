"""Right-to-left text in PDF: the order in which it is read, Arabic letters joined.

reportlab draws letters from left to right in the order they come. Here each line is put in order
when it is drawn, after its words were measured, and a paragraph that begins in Hebrew or Arabic
starts at the right. Code that orders its text itself is left alone.
"""

import copy
import re
from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import Any

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")

_ordered_by_code = False


def visual(text: Any) -> Any:
    """Return the text in the order in which it is drawn."""
    if type(text) is not str or not _is_ours(text):
        return text

    return "".join(char for char, _ in _reordered(joined(text), _base(text)))


def joined(text: str) -> str:
    """Return the text with its Arabic letters in the forms that they have beside each other."""
    return _reshaper().reshape(text) if _ARABIC.search(text) else text


def is_ordered(canvas: Any) -> bool:
    """Whether the lines that are being drawn are in order already."""
    return getattr(canvas, "_lines_are_ordered", False)


def teach_reportlab() -> None:
    """Let paragraphs begin where they are read from, and put each of their lines in order."""
    import bidi
    import bidi.algorithm
    from reportlab.platypus.paragraph import Paragraph

    for module in (bidi, bidi.algorithm):
        module.get_display = _noticed(module.get_display)
    Paragraph.breakLines = _beginning_right(Paragraph.breakLines)
    Paragraph.drawPara = _with_lines_in_order(Paragraph.drawPara)


def _is_ours(text: str) -> bool:
    return not (text.isascii() or _ordered_by_code) and _RTL.search(text) is not None


def _noticed(get_display: Callable[..., Any]) -> Callable[..., Any]:
    def noticed(*given: Any, **named: Any) -> Any:
        global _ordered_by_code
        _ordered_by_code = True
        return get_display(*given, **named)

    return noticed


def _beginning_right(break_lines: Callable[..., Any]) -> Callable[..., Any]:
    def broken(self: Any, width: Any) -> Any:
        text = _plain(self)
        if _is_ours(text):
            for frag in self.frags:
                if isinstance(getattr(frag, "text", None), str):
                    frag.text = joined(frag.text)  # before it is measured
            if self.style.wordWrap is None and _base_of(self, text) == "R":
                self.style = _right_to_left(self.style)
        return break_lines(self, width)

    return broken


def _plain(paragraph: Any) -> str:
    # What goes on over the page is words, without the text that they came from.
    text: str = paragraph.getPlainText() or ""
    return text or " ".join(w for frag in paragraph.frags for w in getattr(frag, "words", ()))


def _base_of(paragraph: Any, text: str) -> str:
    # What goes on over the page goes on in its direction.
    if paragraph.style.wordWrap in ("RTL", "LTR"):
        return "R" if paragraph.style.wordWrap == "RTL" else "L"
    if not hasattr(paragraph, "_read_from"):  # reportlab takes its parts apart as it breaks lines
        paragraph._read_from = "L" if _has_its_end(paragraph) else _base(text)

    return str(paragraph._read_from)


def _has_its_end(paragraph: Any) -> bool:
    # An entry of a table of contents draws its page number at the right itself.
    kinds = (getattr(getattr(f, "cbDefn", None), "kind", None) for f in paragraph.frags)
    return "onDraw" in kinds


def _right_to_left(style: Any) -> Any:
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT

    own = copy.copy(style)
    own.wordWrap = "RTL"
    own.alignment = TA_RIGHT if style.alignment == TA_LEFT else style.alignment
    own.leftIndent, own.rightIndent = style.rightIndent, style.leftIndent  # bullets hang there

    return own


def _with_lines_in_order(draw: Callable[..., None]) -> Callable[..., None]:
    def drawn(self: Any, *given: Any, **named: Any) -> None:
        text = _plain(self)
        if not _is_ours(text):
            draw(self, *given, **named)
            return

        broken = self.blPara
        self.blPara = _in_order(broken, _base_of(self, text), self.style.wordWrap == "RTL")
        self.canv._lines_are_ordered = True
        try:
            draw(self, *given, **named)
        finally:
            self.blPara, self.canv._lines_are_ordered = broken, False

    return drawn


def _in_order(broken: Any, base: str, is_turned: bool) -> Any:
    """Return the broken paragraph with each line as it is drawn; the original stays logical."""
    ordered = copy.copy(broken)
    if broken.kind == 0:
        ordered.lines = [(space, _words(words, base)) for space, words in broken.lines]
    else:
        ordered.lines = [_line(line, base, is_turned) for line in broken.lines]

    return ordered


def _words(words: list[str], base: str) -> list[str]:
    return "".join(char for char, _ in _reordered(" ".join(words), base)).split(" ")


def _line(line: Any, base: str, is_turned: bool) -> Any:
    owners = [frag for frag in line.words for _ in _text(frag)]
    letters = _reordered("".join(map(_text, line.words)), base)
    frags = [
        _part(owners[group[0][1]], "".join(char for char, _ in group))
        for _, found in groupby(letters, lambda letter: id(owners[letter[1]]))
        if (group := list(found))
    ]
    ordered = copy.copy(line)
    # reportlab itself turns the parts of a right-to-left line around.
    ordered.words = frags[::-1] if is_turned else frags

    return ordered


def _text(frag: Any) -> str:
    # A picture in the line is one character that has no direction.
    return "\ufffc" if hasattr(frag, "cbDefn") else frag.text


def _part(frag: Any, text: str) -> Any:
    if hasattr(frag, "cbDefn"):
        return frag

    part = copy.copy(frag)
    part.text = text
    return part


def _base(text: str) -> str:
    from bidi.algorithm import get_base_level

    return "R" if get_base_level(text) else "L"


def _reordered(text: str, base: str) -> list[tuple[str, int]]:
    """The steps of UAX #9 on one line: each letter as it is drawn, and where it was."""
    from bidi import algorithm

    line = algorithm.get_empty_storage()
    line.update(base_level=algorithm.PARAGRAPH_LEVELS[base], base_dir=base)
    algorithm.get_embedding_levels(text, line)
    for number, char in enumerate(line["chars"]):
        char["number"] = number
    for step in (
        algorithm.explicit_embed_and_overrides,
        algorithm.resolve_weak_types,
        algorithm.resolve_neutral_types,
        algorithm.resolve_implicit_levels,
        algorithm.reorder_resolved_levels,
        algorithm.apply_mirroring,
    ):
        step(line, False)

    return [(char["ch"], char["number"]) for char in line["chars"]]


@cache
def _reshaper() -> Any:
    from arabic_reshaper import ArabicReshaper

    return ArabicReshaper({"delete_harakat": False})
