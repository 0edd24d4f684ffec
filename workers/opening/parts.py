"""What a preview consists of."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

MOST_PARTS = 50
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page, sheet or slide, as it is sent; width and height in pixels where it has some."""

    content: bytes
    title: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The parts as they come, and how many there are in the document."""

    total: int
    suffix: str
    parts: Iterable[Part]


def write(preview: Preview, directory: Path) -> None:
    """Write the parts as 1, 2, 3 …, as many as fit, and then the manifest that lists them."""
    listed: list[dict[str, Any]] = []
    room = MOST_BYTES
    for number, part in enumerate(islice(preview.parts, MOST_PARTS), 1):
        room -= len(part.content)
        if room < 0:
            break
        (directory / f"{number}{preview.suffix}").write_bytes(part.content)
        listed.append({"title": part.title, "width": part.width, "height": part.height})

    manifest = {"total": preview.total, "parts": listed}
    (directory / "manifest.json").write_text(json.dumps(manifest))
