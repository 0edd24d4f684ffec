"""The document libraries, and how they are made warm before the first run.

The makers import inside of themselves: when to pay for that is what this module decides.
"""

import importlib
import io
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


def warm(wanted: Sequence[str] = ()) -> None:
    """Import the libraries and the wanted modules; make one small document with each, in memory."""
    for name in PRELOADED:
        importlib.import_module(name)
    for name in wanted:
        _import_wanted(name)

    for make in (_spreadsheet, _document, _pdf, _presentation, _picture):
        make()
    if "matplotlib.pyplot" in sys.modules:
        _chart()


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


def _spreadsheet() -> None:
    from openpyxl import Workbook, load_workbook
    from openpyxl.chart import BarChart, Reference
    from openpyxl.styles import Font

    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["warm", 1])
    sheet["A1"].font = Font(bold=True)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=1))
    sheet.add_chart(chart, "D1")
    file = io.BytesIO()
    workbook.save(file)
    load_workbook(file, read_only=True)


def _document() -> None:
    import docx

    document = docx.Document()
    document.add_heading("warm", 1)
    document.add_table(rows=1, cols=2).cell(0, 0).text = "warm"
    file = io.BytesIO()
    document.save(file)
    docx.Document(file)


def _pdf() -> None:
    import pypdfium2
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    style = getSampleStyleSheet()["Normal"]
    story = [Paragraph("<b>warm</b>", style), Table([["warm", 1]])]
    file = io.BytesIO()
    SimpleDocTemplate(file).build(story)
    pypdfium2.PdfDocument(file.getvalue()).close()


def _presentation() -> None:
    import pptx

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = "warm"
    file = io.BytesIO()
    presentation.save(file)
    pptx.Presentation(file)


def _picture() -> None:
    from PIL import Image, ImageDraw

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
