"""From a document to what is shown of it."""

from collections.abc import Callable
from pathlib import Path

from workers.opening import pages, parts, prose, sheets, slides
from workers.opening.parts import Preview

KINDS: dict[str, Callable[[Path], Preview]] = {
    "pages": pages.preview,
    "sheets": sheets.preview,
    "html": prose.preview,
    "slides": slides.preview,
}


def make(kind: str, source: str, directory: str) -> None:
    """Write the preview of one file into the directory."""
    parts.write(KINDS[kind](Path(source)), Path(directory))
