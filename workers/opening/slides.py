"""Slide decks: each slide a page on which the shapes stand where the deck puts them.

LibreOffice would draw them better, and cannot run here: a run starts no program.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pptx
from lxml.html.builder import E
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml

from workers.opening.charts import chart
from workers.opening.colours import A, P, Theme, fill
from workers.opening.markup import Pictures, Style, css, page
from workers.opening.parts import Part, Preview
from workers.opening.texts import Texts

WIDTH = 960  # pixels; lengths are shares of it, so that a slide is as large as its frame
MOST_SHAPES = 500
DEEPEST_GROUP = 8
STYLE = """
:root { color-scheme: light }
html, body { margin: 0; height: 100%; background: #fff; overflow: hidden }
main { position: relative; width: 100vw; overflow: hidden; container-type: inline-size;
  font-family: Calibri, Carlito, "Segoe UI", "Noto Sans", sans-serif; line-height: 1.1 }
main > div, main > img, main > svg { position: absolute; box-sizing: border-box }
main > div { display: flex; flex-direction: column }
p { margin: 0; unicode-bidi: plaintext; white-space: pre-wrap; overflow-wrap: anywhere }
table { width: 100%; height: 100%; border-collapse: collapse; table-layout: fixed }
td { border: 1px solid #fff; padding: .5cqw .8cqw; vertical-align: middle }
"""


def preview(source: Path) -> Preview:
    """Every slide as a page of its own."""
    deck = pptx.Presentation(str(source))
    slides = _Deck(deck)
    return Preview(total=len(deck.slides), suffix=".html", parts=map(slides.part, deck.slides))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the lengths of a shape lie on the slide: in groups they are scaled and moved."""

    x: float = 0
    y: float = 0
    scale_x: float = 1
    scale_y: float = 1

    def place(self, shape: Any) -> tuple[float, float, float, float]:
        """Left, top, width and height on the slide, in English Metric Units."""
        left, top = shape.left or 0, shape.top or 0
        width, height = shape.width or 0, shape.height or 0
        return (
            self.x + left * self.scale_x,
            self.y + top * self.scale_y,
            width * self.scale_x,
            height * self.scale_y,
        )

    def inside(self, group: Any) -> "_Frame":
        """The frame of what stands in a group."""
        outer = group._element.find(f"{P}grpSpPr/{A}xfrm")
        if outer is None:
            return self

        x, y, width, height = self.place(group)
        offset, extent = outer.find(f"{A}chOff"), outer.find(f"{A}chExt")
        if offset is None or extent is None:
            return self
        scale_x = width / max(int(extent.get("cx", 0)), 1)
        scale_y = height / max(int(extent.get("cy", 0)), 1)
        return _Frame(
            x - int(offset.get("x", 0)) * scale_x,
            y - int(offset.get("y", 0)) * scale_y,
            scale_x,
            scale_y,
        )


class _Deck:
    """Draws the slides of one deck."""

    def __init__(self, deck: Any) -> None:
        self._width = deck.slide_width or 1
        self._height = deck.slide_height or 1
        self._defaults = deck.element.find(f"{P}defaultTextStyle")
        self._pictures = Pictures()

    def part(self, slide: Any) -> Part:
        """One slide; what cannot be drawn of it is left out."""
        theme = _theme(slide)
        texts = Texts(theme, slide, self._defaults, self._width)
        style: Style = {
            "aspect-ratio": f"{self._width} / {self._height}",
            "background": _ground(slide, theme) or "#fff",
        }
        placed = islice(_shapes(slide), MOST_SHAPES)
        drawn = (self._attempted(shape, frame, texts, theme) for shape, frame in placed)
        shapes = [element for element in drawn if element is not None]
        title = slide.shapes.title

        return Part(
            content=page(STYLE, E.main(*shapes, style=css(style))),
            title=title.text_frame.text if title is not None and title.has_text_frame else None,
            width=WIDTH,
            height=round(WIDTH * self._height / self._width),
        )

    def _attempted(self, shape: Any, frame: _Frame, texts: Texts, theme: Theme) -> Any:
        try:
            return self._drawn(shape, frame, texts, theme)
        except Exception:  # whatever a stranger's shape makes of the library
            return None

    def _drawn(self, shape: Any, frame: _Frame, texts: Texts, theme: Theme) -> Any:
        place = self._place(frame.place(shape), getattr(shape, "rotation", 0))
        if hasattr(shape, "image"):
            uri = self._pictures.uri(shape.image.blob)
            return E.img(src=uri, alt="", style=css(place)) if uri else None
        if getattr(shape, "has_chart", False):
            return E.div(chart(shape.chart, theme), style=css(place))
        if getattr(shape, "has_table", False):
            return E.div(texts.table(shape.table), style=css(place))
        if getattr(shape, "has_text_frame", False):
            return E.div(*texts.paragraphs(shape), style=css({**place, **texts.box(shape)}))

        return E.div(style=css({**place, **texts.outline(shape)}))

    def _place(self, place: tuple[float, float, float, float], rotation: float) -> Style:
        left, top, width, height = place
        shares = {
            "left": left / self._width,
            "top": top / self._height,
            "width": width / self._width,
            "height": height / self._height,
        }
        turned = {"transform": f"rotate({rotation:.2f}deg)"} if rotation else {}
        return {**{name: f"{share:.3%}" for name, share in shares.items()}, **turned}


def _shapes(slide: Any) -> Iterator[tuple[Any, _Frame]]:
    """What stands on the slide, from the back to the front; the master's decoration first."""
    layout = slide.slide_layout
    for owner in (layout.slide_master, layout):
        yield from _flat((s for s in owner.shapes if not s.is_placeholder), _Frame(), 0)
    yield from _flat(slide.shapes, _Frame(), 0)


def _flat(shapes: Iterable[Any], frame: _Frame, depth: int) -> Iterator[tuple[Any, _Frame]]:
    for shape in shapes:
        if not hasattr(shape, "shapes"):
            yield shape, frame
        elif depth < DEEPEST_GROUP:
            yield from _flat(shape.shapes, frame.inside(shape), depth + 1)


def _theme(slide: Any) -> Theme:
    master = slide.slide_layout.slide_master
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    return Theme(parse_xml(part.blob), master.element)


def _ground(slide: Any, theme: Theme) -> str | None:
    """The nearest background: the slide's own, its layout's, its master's."""
    layout = slide.slide_layout
    for owner in (slide, layout, layout.slide_master):
        background = owner.element.find(f"{P}cSld/{P}bg")
        if background is not None:
            return fill(background.find(f"{P}bgPr"), theme) or theme.colour(
                background.find(f"{P}bgRef")
            )

    return None
