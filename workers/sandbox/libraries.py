"""The document libraries, and which of them are there before the first run."""

import importlib
import sys
from collections.abc import Sequence

from db import contract

# Imported before the first fork, when installed; what a script imports besides is read lazily.
PRELOADED = (
    "asyncio",
    "calendar",
    "collections",
    "concurrent.futures",
    "csv",
    "dataclasses",
    "decimal",
    "encodings.utf_16_le",
    "fractions",
    "itertools",
    "openpyxl",
    "openpyxl.chart",
    "openpyxl.formatting.rule",
    "openpyxl.styles",
    "openpyxl.worksheet.datavalidation",
    "openpyxl.worksheet.table",
    "docx",
    "docx.enum.section",
    "docx.enum.style",
    "docx.enum.table",
    "docx.enum.text",
    "docx.oxml",
    "docx.oxml.ns",
    "docx.shared",
    "reportlab.graphics.charts.barcharts",
    "reportlab.graphics.charts.linecharts",
    "reportlab.graphics.charts.piecharts",
    "reportlab.graphics.renderPDF",
    "reportlab.graphics.shapes",
    "reportlab.lib.colors",
    "reportlab.lib.enums",
    "reportlab.lib.pagesizes",
    "reportlab.lib.styles",
    "reportlab.lib.units",
    "reportlab.lib.utils",
    "reportlab.pdfbase.pdfmetrics",
    "reportlab.pdfbase.ttfonts",
    "reportlab.pdfgen.canvas",
    "reportlab.platypus",
    "pptx",
    "pptx.chart.data",
    "pptx.dml.color",
    "pptx.enum.chart",
    "pptx.enum.shapes",
    "pptx.enum.text",
    "pptx.util",
    "pypdfium2",
    "lxml.etree",
    "lxml.html",
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "random",
    "sqlite3",
    "statistics",
    "textwrap",
    "uuid",
    "xlsxwriter",
    "zipfile",
    "zoneinfo",
)


def load(wanted: Sequence[str] = ()) -> None:
    """Import the libraries and the wanted modules."""
    for name in PRELOADED:
        importlib.import_module(name)
    for name in wanted:
        _import_wanted(name)


def present() -> str:
    """Name the document libraries that scripts can import, preloaded or not."""
    return ", ".join(contract.libraries().values())


def module_of(package: str) -> str:
    """Return what to import of a package, by the name that people install it by."""
    promised = {**contract.LIBRARIES, **contract.ORDERING_LIBRARIES}
    known = {name.lower(): module for module, name in promised.items()}
    return known.get(package.lower(), package.lower().replace("-", "_").partition(".")[0])


def _import_wanted(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        sys.exit(f"PRESSROOM_PRELOAD: there is no {error.name} beside the worker; install it")
