"""What code is promised: the names it finds, the libraries it may import, the form of its file.

The workers keep it and the server tells it to language models, so it stands where both can read it.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

NAMES = {
    "OUTPUT_PATH": "where to save the file; a str with the right extension",
    "OUTPUT_DIR": "its folder; other files of the same type there are kept too",
    "TITLE": "the title that the person gave, a str",
    "DATA": "the JSON that came with the request, as Python values; None without any",
    "progress": "progress(percent, message) tells the person who waits how far you are, 0 to 100",
}
# By what is imported, the name that people install; in the order in which they are offered.
LIBRARIES = {
    "openpyxl": "openpyxl",
    "xlsxwriter": "xlsxwriter",
    "docx": "python-docx",
    "reportlab": "reportlab",
    "pptx": "python-pptx",
    "PIL": "Pillow",
}
# Known to code that asks for them, and offered to none: PDF puts letters in order by itself.
ORDERING_LIBRARIES = {"bidi": "python-bidi", "arabic_reshaper": "arabic-reshaper"}
# Of the extra `documents-full`.
EXTRA_LIBRARIES = {"numpy": "numpy", "pandas": "pandas", "matplotlib": "matplotlib"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a document of one type is: what people call it, its extension, and how it is saved."""

    noun: str
    suffix: str
    library: str
    save: str


FORMS = {
    "spreadsheet": Form(
        noun="Excel workbook",
        suffix=".xlsx",
        library="openpyxl",
        save="workbook.save(OUTPUT_PATH)",
    ),
    "document": Form(
        noun="Word document",
        suffix=".docx",
        library="python-docx",
        save="document.save(OUTPUT_PATH)",
    ),
    "pdf": Form(
        noun="PDF",
        suffix=".pdf",
        library="reportlab",
        save="SimpleDocTemplate(OUTPUT_PATH).build(story)",
    ),
    "presentation": Form(
        noun="PowerPoint deck",
        suffix=".pptx",
        library="python-pptx",
        save="deck.save(OUTPUT_PATH)",
    ),
}


def libraries() -> dict[str, str]:
    """Return the libraries that can be imported beside this process: module, install name."""
    known = {**LIBRARIES, **EXTRA_LIBRARIES}
    return {module: name for module, name in known.items() if find_spec(module)}


def version_of(name: str) -> str:
    """Return the version of an installed library, '' when it is not beside this process."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
