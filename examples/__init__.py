"""One real script for each document type, read as text."""

import ast
from dataclasses import dataclass
from importlib.resources import files

DOCUMENT_TYPES = ("spreadsheet", "document", "pdf", "presentation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A script that makes one document; `file_name` is the script's own name."""

    document_type: str
    title: str
    file_name: str
    code: str


def load() -> list[Example]:
    """One example for each document type, in the order that the page shows them."""
    return [read(document_type) for document_type in DOCUMENT_TYPES]


def read(document_type: str) -> Example:
    """The example of one document type; FileNotFoundError when it has none."""
    file_name = f"{document_type}.py"
    code = files(__name__).joinpath(file_name).read_text(encoding="utf-8")

    return Example(
        document_type=document_type, title=title_of(code), file_name=file_name, code=code
    )


def read_short(document_type: str) -> str:
    """A short program of one document type, for a prompt."""
    return files(__name__).joinpath("short", f"{document_type}.py").read_text(encoding="utf-8")


def title_of(code: str) -> str:
    """The first line of the script's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(code)) or ""

    return docstring.partition("\n")[0].removesuffix(".")
