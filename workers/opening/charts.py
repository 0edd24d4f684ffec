"""Charts of slides, drawn plainly: columns, bars, lines and pies as SVG, with a legend."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml.html.builder import E

from workers.opening.colours import Theme, fill

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
WIDTH, HEIGHT = 800, 450
LEFT, TOP, RIGHT, BOTTOM = 60, 20, 20, 70
MOST_CATEGORIES, MOST_SERIES, MOST_LABELS = 60, 12, 16
LABEL_LENGTH = 14
STYLE = "position:static;width:100%;height:100%"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]
    colours: Sequence[str]

    @property
    def top(self) -> float:
        return max(0.0, *(value for _, values in self.series for value in values)) or 1.0

    @property
    def bottom(self) -> float:
        return min(0.0, *(value for _, values in self.series for value in values))


def chart(chart: Any, theme: Theme) -> Any:
    """A drawing of the first plot; what is not drawn here is drawn as columns."""
    plot = chart.plots[0]
    kind = type(plot).__name__
    figures = _figures(plot, theme)
    if kind in ("PiePlot", "DoughnutPlot"):
        shapes, named = list(_pie(figures)), zip(figures.categories, figures.colours, strict=False)
    else:
        draw = _lines if kind in ("LinePlot", "AreaPlot", "XyPlot", "RadarPlot") else _columns
        shapes = [*_axis(figures), *draw(figures), *_labels(figures.categories)]
        named = zip((name for name, _ in figures.series), figures.colours, strict=False)

    return _svg(*shapes, *_legend(list(named)))


def _figures(plot: Any, theme: Theme) -> _Figures:
    series = [
        (str(one.name or ""), [_finite(value) for value in list(one.values)[:MOST_CATEGORIES]])
        for one in list(plot.series)[:MOST_SERIES]
    ]
    categories = [str(label) for label in list(plot.categories)[:MOST_CATEGORIES]]
    longest = max((len(values) for _, values in series), default=0)
    categories += [""] * (longest - len(categories))
    given = [fill(one._element.find(f"{C}spPr"), theme) for one in plot.series]
    given += [None] * max(len(series), len(categories), 1)
    colours = [colour or theme.accent(n) for n, colour in enumerate(given, 1)]

    return _Figures(categories=categories, series=series or [("", [0.0])], colours=colours)


def _finite(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else 0.0


def _columns(figures: _Figures) -> Iterator[Any]:
    slot = (WIDTH - LEFT - RIGHT) / max(len(figures.categories), 1)
    thickness = slot * 0.75 / len(figures.series)
    for n, (_, values) in enumerate(figures.series):
        for place, value in enumerate(values):
            high, low = sorted((_y(figures, value), _y(figures, 0)))
            yield _shape(
                "rect",
                x=LEFT + slot * (place + 0.125) + n * thickness,
                y=high,
                width=thickness,
                height=max(low - high, 0.5),
                fill=figures.colours[n],
            )


def _lines(figures: _Figures) -> Iterator[Any]:
    slot = (WIDTH - LEFT - RIGHT) / max(len(figures.categories), 1)
    for n, (_, values) in enumerate(figures.series):
        points = (
            f"{LEFT + slot * (place + 0.5):.1f},{_y(figures, value):.1f}"
            for place, value in enumerate(values)
        )
        yield _shape(
            "polyline", points=" ".join(points), fill="none", stroke=figures.colours[n],
            **{"stroke-width": 3},
        )  # fmt: skip


def _pie(figures: _Figures) -> Iterator[Any]:
    values = [max(value, 0) for value in figures.series[0][1]]
    whole, angle, radius = sum(values) or 1, -math.pi / 2, (HEIGHT - BOTTOM - TOP) / 2
    x, y = WIDTH / 2, TOP + radius
    for n, value in enumerate(values):
        if value == whole:
            yield _shape("circle", cx=x, cy=y, r=radius, fill=figures.colours[n])
            return
        end = angle + 2 * math.pi * value / whole
        begin_at = f"{x + radius * math.cos(angle):.1f} {y + radius * math.sin(angle):.1f}"
        end_at = f"{x + radius * math.cos(end):.1f} {y + radius * math.sin(end):.1f}"
        arc = f"A {radius:.1f} {radius:.1f} 0 {int(end - angle > math.pi)} 1 {end_at}"
        yield _shape("path", d=f"M {x} {y} L {begin_at} {arc} Z", fill=figures.colours[n])
        angle = end


def _axis(figures: _Figures) -> Iterator[Any]:
    for value in (figures.bottom, 0.0, figures.top / 2, figures.top):
        y = _y(figures, value)
        yield _shape("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke="#d0d7de")
        yield _text(f"{value:,.4g}", LEFT - 6, y + 5, "end")


def _labels(categories: Sequence[str]) -> Iterator[Any]:
    slot = (WIDTH - LEFT - RIGHT) / max(len(categories), 1)
    every = math.ceil(len(categories) / MOST_LABELS) or 1
    for place in range(0, len(categories), every):
        x = LEFT + slot * (place + 0.5)
        yield _text(categories[place][:LABEL_LENGTH], x, HEIGHT - BOTTOM + 20, "middle")


def _legend(named: Sequence[tuple[str, str]]) -> Iterator[Any]:
    shown = [pair for pair in named if pair[0]][: MOST_SERIES // 2]
    slot = WIDTH / max(len(shown), 1)
    for n, (name, colour) in enumerate(shown):
        x = slot * (n + 0.2)
        yield _shape("rect", x=x, y=HEIGHT - 24, width=12, height=12, fill=colour)
        yield _text(name[:LABEL_LENGTH], x + 18, HEIGHT - 13, "start")


def _y(figures: _Figures, value: float) -> float:
    share = (value - figures.bottom) / (figures.top - figures.bottom)
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _svg(*shapes: Any) -> Any:
    return E("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "style": STYLE}, *shapes)


def _shape(tag: str, **attributes: object) -> Any:
    return E(tag, {name: _attribute(value) for name, value in attributes.items()})


def _text(words: str, x: float, y: float, anchor: str) -> Any:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    return E("text", words, {**place, "font-size": "15", "fill": "#57606a"})


def _attribute(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
