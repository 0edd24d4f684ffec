"""The texts of a slide: their size, colour and place come down from layout, master and deck."""

from collections.abc import Iterator
from typing import Any

from lxml.html.builder import E
from pptx.enum.shapes import PP_PLACEHOLDER

from workers.opening.colours import WHOLE, A, P, Theme, fill
from workers.opening.markup import Style, css

EMU_PER_POINT = 12_700
DEFAULT_SIZE = 1800  # hundredths of a point
INSETS = {"lIns": 91_440, "tIns": 45_720, "rIns": 91_440, "bIns": 45_720}
ANCHORS = {"t": "flex-start", "ctr": "center", "b": "flex-end"}
ALIGNMENTS = {"l": "left", "r": "right", "ctr": "center", "just": "justify"}
ROUND = {"roundRect": "8%", "ellipse": "50%"}
TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
AT_THE_EDGE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
MOST_PARAGRAPHS = 200
MOST_ROWS = 60


class Texts:
    """Sets the texts of one slide."""

    def __init__(self, theme: Theme, slide: Any, defaults: Any, slide_width: int) -> None:
        self._theme = theme
        self._styles = slide.slide_layout.slide_master.element.find(f"{P}txStyles")
        self._defaults = defaults
        self._slide_width = slide_width

    def box(self, shape: Any) -> Style:
        """How the shape itself looks, and where its text stands in it."""
        body = _body(shape)
        insets = {} if body is None else body.attrib
        padding = (self._length(insets.get(name, default)) for name, default in INSETS.items())
        left, top, right, bottom = padding
        return {
            **self.outline(shape),
            "padding": f"{top} {right} {bottom} {left}",
            "justify-content": ANCHORS.get(self._anchor(shape), "flex-start"),
            "border-radius": ROUND.get(_geometry(shape)),
        }

    def outline(self, shape: Any) -> Style:
        """Fill and line, the shape's own or its style's."""
        own = shape._element.find(f"{P}spPr")
        if own is None:
            return {}

        line = own.find(f"{A}ln")
        is_empty = own.find(f"{A}noFill") is not None
        has_line = line is None or line.find(f"{A}noFill") is None
        colour = fill(line, self._theme) or (self._styled(shape, "lnRef") if has_line else None)
        width = self._length(line.get("w", EMU_PER_POINT) if line is not None else EMU_PER_POINT)
        ground = None if is_empty else fill(own, self._theme) or self._styled(shape, "fillRef")
        return {
            "background": ground,
            "border": f"{width} solid {colour}" if colour and has_line else None,
        }

    def paragraphs(self, shape: Any) -> list[Any]:
        """The paragraphs of a shape."""
        lists = [] if not shape.is_placeholder else _inherited(shape)
        sources = [*lists, self._of_master(shape), self._defaults]
        colour = self._styled(shape, "fontRef")
        return self._set(shape.text_frame, sources, colour, _shrunk(shape))

    def table(self, table: Any) -> Any:
        """A table; cells without a fill of their own get the default style's."""
        widths = [column.width or 0 for column in table.columns]
        columns = [E.col(style=css({"width": f"{w / max(sum(widths), 1):.3%}"})) for w in widths]
        rows = [
            E.tr(*(self._cell(cell, n, table) for cell in row.cells if not cell.is_spanned))
            for n, row in zip(range(MOST_ROWS), table.rows, strict=False)
        ]
        return E.table(E.colgroup(*columns), *rows)

    def _cell(self, cell: Any, row: int, table: Any) -> Any:
        is_head = row == 0 and table.first_row
        accent = self._theme.accent(1)
        default = accent if is_head else f"{accent}{'33' if row % 2 else '1a'}"
        colour = "#ffffff" if is_head else None
        content = self._set(cell.text_frame, [self._defaults], colour, 1, is_head)
        span = {"colspan": str(cell.span_width), "rowspan": str(cell.span_height)}
        ground = fill(cell._tc.find(f"{A}tcPr"), self._theme) or default

        return E.td(*content, style=css({"background": ground}), **span)

    def _set(
        self,
        frame: Any,
        sources: list[Any],
        colour: str | None,
        scale: float,
        is_bold: bool = False,
    ) -> list[Any]:
        sources = [frame._txBody.find(f"{A}lstStyle"), *sources]
        numbers: dict[int, int] = {}
        set_ones = []
        for paragraph in frame.paragraphs[:MOST_PARAGRAPHS]:
            level = paragraph.level
            chain = (_level(source, level) for source in sources)
            words = _Words(paragraph._p.find(f"{A}pPr"), [e for e in chain if e is not None])
            numbers = {n: count for n, count in numbers.items() if n <= level}
            if words.is_numbered:
                numbers[level] = numbers.get(level, 0) + 1
            content = (
                *self._bullet(words, numbers.get(level)),
                *self._runs(paragraph, words, colour, scale, is_bold),
            )
            set_ones.append(E.p(*content, style=css(self._paragraph(words, level, scale))))

        return set_ones

    def _paragraph(self, words: "_Words", level: int, scale: float) -> Style:
        return {
            "text-align": ALIGNMENTS.get(words.own("algn") or "", "start"),
            "font-size": self._size(words.of_runs("sz"), scale),
            "padding-inline-start": f"{2 * level}em" if level else None,
            "margin-bottom": ".35em" if words.bullet else None,
            "direction": "rtl" if words.own("rtl") == "1" else None,
        }

    def _bullet(self, words: "_Words", number: int | None) -> list[str]:
        if words.is_numbered:
            return [f"{number}. "]

        return [f"{words.bullet} "] if words.bullet else []

    def _runs(
        self, paragraph: Any, words: "_Words", colour: str | None, scale: float, is_bold: bool
    ) -> Iterator[Any]:
        for element in paragraph._p:
            kind = element.tag.rpartition("}")[2]
            if kind == "br":
                yield E.br()
            if kind not in ("r", "fld"):
                continue

            own = element.find(f"{A}rPr")
            given = {} if own is None else own.attrib
            style = {
                "font-size": self._size(given["sz"], scale) if "sz" in given else None,
                "color": fill(own, self._theme) or colour or words.colour(self._theme),
                "font-weight": _weight(given.get("b") or words.of_runs("b") or is_bold),
                "font-style": "italic" if given.get("i", words.of_runs("i")) == "1" else None,
                "text-decoration": "underline" if given.get("u", "none") != "none" else None,
            }
            yield E.span(element.findtext(f"{A}t") or "", style=css(style))

    def _of_master(self, shape: Any) -> Any:
        if self._styles is None:
            return None
        if not shape.is_placeholder or shape.placeholder_format.type in AT_THE_EDGE:
            return self._styles.find(f"{P}otherStyle") if shape.is_placeholder else None

        is_title = shape.placeholder_format.type in TITLES
        return self._styles.find(f"{P}titleStyle" if is_title else f"{P}bodyStyle")

    def _anchor(self, shape: Any) -> str:
        for holder in (shape, *_ancestors(shape)):
            body = _body(holder)
            if body is not None and body.get("anchor"):
                return str(body.get("anchor"))

        return "t"

    def _styled(self, shape: Any, name: str) -> str | None:
        reference = shape._element.find(f"{P}style/{A}{name}")
        is_none = reference is None or (name != "fontRef" and reference.get("idx") == "0")
        return None if is_none else self._theme.colour(reference)

    def _size(self, hundredths: str | None, scale: float) -> str:
        return self._length(int(hundredths or DEFAULT_SIZE) / 100 * EMU_PER_POINT * scale)

    def _length(self, emu: Any) -> str:
        return f"{100 * float(emu) / self._slide_width:.3f}cqw"


class _Words:
    """What is said of a paragraph: by itself first, then by everything that it stands in."""

    def __init__(self, own: Any, chain: list[Any]) -> None:
        self._all = [*([] if own is None else [own]), *chain]

    def own(self, name: str) -> str | None:
        return next((e.get(name) for e in self._all if e.get(name)), None)

    def of_runs(self, name: str) -> str | None:
        runs = (e.find(f"{A}defRPr") for e in self._all)
        return next((r.get(name) for r in runs if r is not None and r.get(name)), None)

    def colour(self, theme: Theme) -> str | None:
        found = (fill(e.find(f"{A}defRPr"), theme) for e in self._all)
        return next(filter(None, found), None)

    @property
    def bullet(self) -> str | None:
        mark = self._mark
        if mark is None or mark.tag != f"{A}buChar":
            return None

        character = mark.get("char", "•")
        return character if character.isprintable() else "•"  # a symbol font's own letter

    @property
    def is_numbered(self) -> bool:
        mark = self._mark
        return mark is not None and mark.tag == f"{A}buAutoNum"

    @property
    def _mark(self) -> Any:
        marks = (f"{A}buNone", f"{A}buChar", f"{A}buAutoNum")
        found = (child for e in self._all for child in e if child.tag in marks)
        return next(found, None)


def _inherited(shape: Any) -> list[Any]:
    lists = (_list_style(holder) for holder in _ancestors(shape))
    return [found for found in lists if found is not None]


def _ancestors(shape: Any) -> list[Any]:
    """The placeholders of layout and master that a placeholder fills."""
    layout = getattr(shape, "_base_placeholder", None) if shape.is_placeholder else None
    master = getattr(layout, "_base_placeholder", None)
    return [holder for holder in (layout, master) if holder is not None]


def _list_style(shape: Any) -> Any:
    return shape._element.find(f"{P}txBody/{A}lstStyle")


def _body(shape: Any) -> Any:
    return shape._element.find(f"{P}txBody/{A}bodyPr")


def _level(source: Any, level: int) -> Any:
    return None if source is None else source.find(f"{A}lvl{level + 1}pPr")


def _geometry(shape: Any) -> str:
    geometry = shape._element.find(f"{P}spPr/{A}prstGeom")
    return "" if geometry is None else geometry.get("prst", "")


def _shrunk(shape: Any) -> float:
    """How much smaller the text was made to fit, as a share."""
    fit = shape._element.find(f"{P}txBody/{A}bodyPr/{A}normAutofit")
    said = (fit.get("fontScale") if fit is not None else None) or str(WHOLE)
    share = float(said.rstrip("%")) / (100 if said.endswith("%") else WHOLE)
    return min(max(share, 0.1), 1)


def _weight(value: Any) -> str | None:
    return "bold" if value in ("1", "true", True) else None
