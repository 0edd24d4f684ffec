"""PDF: each page a picture, by pdfium."""

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

from workers.opening.parts import Part, Preview

LONG_SIDE = 1600  # pixels: sharp on a good screen, and a page is some hundred kilobytes
LARGEST_SCALE = 4  # of 72 dots per inch


def preview(source: Path) -> Preview:
    """Every page as PNG."""
    pdf = pypdfium2.PdfDocument(source)
    return Preview(total=len(pdf), suffix=".png", parts=_pages(pdf))


def _pages(pdf: pypdfium2.PdfDocument) -> Iterator[Part]:
    for page in pdf:
        yield _drawn(page)
        page.close()


def _drawn(page: pypdfium2.PdfPage) -> Part:
    # A page may say that it is a kilometre long; at least a pixel remains of its short side.
    scale = min(LONG_SIDE / max(page.get_size()), LARGEST_SCALE)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil()
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)

    return Part(content=file.getvalue(), width=picture.width, height=picture.height)
