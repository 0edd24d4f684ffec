"""Practice before the first run: the documents that the prompt shows, made, checked and read.

A run then finds the libraries as they are after some use: what they fill as they go is full, and
CPython has specialised their code, which otherwise each run does for itself.
"""

import gc
import io
import sys
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pptx
import pypdfium2
from PIL import Image, ImageDraw

import examples
from db import contract
from workers.opening import checks

ROUNDS = 8  # CPython specialises what was called as often

READ: dict[str, Callable[[io.BytesIO], Any]] = {
    "spreadsheet": lambda file: openpyxl.load_workbook(file, read_only=True),
    "document": docx.Document,
    "pdf": lambda file: pypdfium2.PdfDocument(file.getvalue()).close(),
    "presentation": pptx.Presentation,
}


def practise() -> None:
    """Make documents in memory, with each library."""
    gc.collect()
    gc.freeze()  # so that only what is made here is looked through
    for _ in range(ROUNDS):
        for document_type in examples.DOCUMENT_TYPES:
            file = _made(document_type)
            checks.FORMATS[contract.FORMS[document_type].suffix](file.getvalue())
            READ[document_type](file)
        gc.collect()

    _picture()
    if "matplotlib.pyplot" in sys.modules:
        _chart()


def _made(document_type: str) -> io.BytesIO:
    file = io.BytesIO()
    words = {"OUTPUT_PATH": file, "TITLE": "Practice", "progress": lambda *_: None}
    exec(examples.read_short(document_type), words)  # noqa: S102 - our own code, and no stranger's
    return file


def _picture() -> None:
    picture = Image.new("RGB", (8, 8))
    ImageDraw.Draw(picture).line((0, 0, 7, 7))
    picture.save(io.BytesIO(), "PNG")
    picture.save(io.BytesIO(), "JPEG")


def _chart() -> None:
    # The first figure reads the fonts of the machine; every run would do it again.
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label="warm")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    pyplot.close(figure)
