"""Word documents: their text, lists, tables and pictures as one HTML page, by mammoth."""

import unicodedata
from itertools import chain
from pathlib import Path
from typing import Any

import mammoth
import nh3
from lxml import html

from workers.opening.markup import Pictures, page
from workers.opening.parts import Part, Preview

TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "strong", "em", "u", "s", "sub", "sup"),
    *("a", "ol", "ul", "li", "table", "thead", "tbody", "tr", "td", "th", "img", "pre"),
}
# No href: a link that is followed would show another site in the preview's place.
ATTRIBUTES = {"img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h2:fresh
u => u
"""
STYLE = """
:root { color-scheme: light }
body { max-width: 46rem; margin: 0 auto; padding: 3rem 2.5rem; background: #fff; color: #1f2328;
  font: 1rem/1.55 Calibri, Carlito, "Segoe UI", "Noto Sans", sans-serif }
h1, h2, h3, h4, h5, h6, p, li, td, th, pre { unicode-bidi: plaintext; text-align: start }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.4em 0 .5em }
h1:first-child { margin-top: 0 }
p { margin: 0 0 .75em }
a { color: #0b57d0; text-decoration: underline }
img { max-width: 100%; height: auto }
table { border-collapse: collapse; margin: 0 0 1em; width: 100% }
td, th { border: 1px solid #d0d7de; padding: .35em .6em; vertical-align: top }
td > p, th > p { margin: 0 }
"""


def preview(source: Path) -> Preview:
    """The whole document in one part."""
    pictures = Pictures()

    def picture(image: Any) -> dict[str, str]:
        with image.open() as file:
            return {"src": pictures.uri(file.read()) or ""}

    with source.open("rb") as file:
        converted = mammoth.convert_to_html(
            file, style_map=STYLES, convert_image=mammoth.images.img_element(picture)
        )
    elements = html.fragments_fromstring(harmless(converted.value))
    content = page(STYLE, *elements, direction=_direction(elements))

    return Preview(total=1, suffix=".html", parts=[Part(content=content)])


def _direction(elements: list[Any]) -> str:
    """Where tables and lists begin: as the first letter of the document is read."""
    texts = (e if isinstance(e, str) else e.text_content() for e in elements)
    kinds = map(unicodedata.bidirectional, chain.from_iterable(texts))
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")

    return "ltr" if first == "L" else "rtl"


def harmless(markup: str) -> str:
    """Keep what shows text and pictures; nothing that runs, loads or leads elsewhere."""
    return nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"data"}, link_rel=None)
