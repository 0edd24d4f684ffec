"""The demo: the real system, one real document of each type, watched by the real stream."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdfium2
from rich.console import Console

import examples
from db.settings import Settings
from examples import Example
from pressroom import up
from pressroom.api import Api
from pressroom.board import Board, describe

OUT = Path("out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One document on disk."""

    path: Path
    facts: str
    seconds: float


def run(settings: Settings) -> int:
    """Start everything, make the documents under out/, open each; return the exit status."""
    console = Console()
    started = time.monotonic()
    OUT.mkdir(exist_ok=True)
    with up.running(replace(settings, port=0)) as system:  # beside whatever runs already
        console.print(f"Pressroom is up after {time.monotonic() - started:.1f} s. {system.url}")
        made = asyncio.run(_make_all(system.url, console))

    for document in made:
        size = document.path.stat().st_size / 1024
        console.print(
            f"{document.path}  {size:.0f} KB, {document.facts}, {document.seconds:.2f} s",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"{len(made)} documents in {time.monotonic() - started:.1f} s.")

    return 0


async def _make_all(url: str, console: Console) -> list[Made]:
    async with Api(url) as api:
        with Board(console) as board:
            return await asyncio.gather(*(_make(api, e, board) for e in examples.load()))


async def _make(api: Api, example: Example, board: Board) -> Made:
    started = time.monotonic()
    answer = await api.submit(example.code, example.document_type, example.title)
    async for state in api.watch(answer["eventsUrl"]):
        board.show(state)
    if state["status"] != "completed":
        raise DemoFailed(f"{example.title}: {describe(state)}")

    data = await api.download(state["result"]["download_url"])
    seconds = time.monotonic() - started
    path = OUT / state["result"]["file_name"]
    path.write_bytes(data)

    return Made(path=path, facts=_OPEN[example.document_type](data), seconds=seconds)


class DemoFailed(Exception):
    """A document of the demo was not made."""


def _sheets(data: bytes) -> str:
    return f"{len(openpyxl.load_workbook(BytesIO(data)).sheetnames)} sheets"


def _paragraphs(data: bytes) -> str:
    return f"{len(docx.Document(BytesIO(data)).paragraphs)} paragraphs"


def _pages(data: bytes) -> str:
    return f"{len(pypdfium2.PdfDocument(data))} pages"


def _slides(data: bytes) -> str:
    return f"{len(pptx.Presentation(BytesIO(data)).slides)} slides"


_OPEN: dict[str, Callable[[bytes], str]] = {
    "spreadsheet": _sheets,
    "document": _paragraphs,
    "pdf": _pages,
    "presentation": _slides,
}
