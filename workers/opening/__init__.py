"""Opens strangers' files; nothing in here runs but in a confined child of the warm parent.

The warm parent loads it before it forks, so that a child has it though it cannot read our code.
It imports libraries and itself, nothing of the project.

checks       is it what it claims, and harmless: refused says why not
    archive, package, elements, links     zip, Office files, their XML, where they lead
    workbooks, fields, actions            the rules of workbooks, Word and slides
    formulas, addresses, drawings         what a formula may say, and lead to; what is drawn
    objects                               PDF
previews     what a person sees of it, as parts
    pages                                 PDF
    sheets, books, numbers                workbooks; calculation, functions: their formulas
    prose                                 Word
    slides, texts, colours, charts        slide decks
    markup                                HTML that shows and does nothing
"""

import importlib
import io

MODULES = ("checks", "previews")


def load() -> None:
    """Import everything that a child may need, and learn what it need not look at."""
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}")
    learn()


def learn() -> None:
    """Look at what the libraries bring into each document, so that no run has to do it."""
    import docx
    import openpyxl
    import pptx

    from workers.opening import package

    office = {".docx": docx.Document, ".pptx": pptx.Presentation, ".xlsx": openpyxl.Workbook}
    for suffix, make in office.items():
        file = io.BytesIO()
        make().save(file)
        package.learn(file.getvalue(), suffix)
