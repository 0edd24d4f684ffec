"""Formulas: a workbook may calculate with itself; it may not fetch, call or send.

Text stays text: in a workbook only a formula is one, however a cell's text begins.
"""

import html
import re
from collections.abc import Iterator

from workers.opening import links
from workers.opening.elements import elements
from workers.opening.refused import Refused

TAGS = ("f", "formula", "formula1", "formula2", "definedName")
# The attributes may hold what ends a tag elsewhere; behind the text stands its end, or an element.
WRITTEN = re.compile(
    rb"<(?:[^\s<>/:]+:)?(?:%s)"
    rb"(?:\s[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*)?(?<!/)>([^<]*)<(/?)"
    % "|".join(TAGS).encode()
)
MARKED = re.compile(rb"<!|<\?(?!xml[\s?])")
# Fetch an address, call a library, talk to another program, or did so in macros.
REACHING = (
    "WEBSERVICE|IMAGE|RTD|CALL|REGISTER|REGISTER\\.ID|EXEC|DDE|DDEINITIATE|DDEEXECUTE|DDEPOKE"
    "|FOPEN|FWRITE|FWRITELN|RUN|SQL\\.REQUEST|STOCKHISTORY|PY|COPILOT|TRANSLATE|DETECTLANGUAGE"
)
FUNCTION = re.compile(rf"(?<![\w.])(?:_xl\w+\.)*({REACHING})\s*\(", re.IGNORECASE)
# No formula without one of these is of interest.
NOTABLE = re.compile(rf"{REACHING}|HYPERLINK|[|\[&]".encode(), re.IGNORECASE)
SHEET = re.compile(r"'(?:[^'|\[\]/\\?*:]|'')+'!")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
# Program|topic!item: Excel asks the program, and starts it where it does not run.
DDE = re.compile(r"[\w'\])]\s*\|\s*[^|]*!")
# [Book.xlsx]Sheet!A1 or [1]Sheet!A1; Table[Column] has no sheet behind it.
OTHER_BOOK = re.compile(r"\[[^\[\]]+\][\w.]*!|'[^'\[]*\[[^\[\]]+\][^']*'!")
LINK = re.compile(r'(?<![\w.])HYPERLINK\s*\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
BY_ITSELF = re.compile(r"(?:_xlnm\.)?auto_?(open|close|exec|activate)", re.IGNORECASE)


def check(content: bytes) -> None:
    """Raise Refused for the first formula that reaches out of the workbook."""
    for element in elements(content, "definedName"):
        if BY_ITSELF.match(element.get("name", "")):
            raise _refused("a name that runs by itself", element.get("name"))
    for formula in _formulas(content):
        _check(formula)


def _formulas(content: bytes) -> Iterator[str]:
    # A million cells are parsed in seconds and searched in a tenth of one; but what stands
    # between comments or elements only the parser puts together.
    found = WRITTEN.findall(content)
    if MARKED.search(content) or any(not end for _, end in found):
        yield from ("".join(element.itertext()) for element in elements(content, *TAGS))
        return

    for text, _ in found:
        if NOTABLE.search(text):
            yield html.unescape(text.decode())


def _check(formula: str) -> None:
    for link in LINK.finditer(formula):
        links.check(link[1].replace('""', '"').lstrip("["))

    bare = QUOTED.sub('""', formula)
    named = SHEET.sub("S!", bare)  # 'Image (2)'!A1 calls nothing
    found = FUNCTION.search(named)
    if found:
        raise _refused(f"the function {found[1].upper()}", formula)
    if DDE.search(bare):
        raise _refused("a call of another program (DDE)", formula)
    if OTHER_BOOK.search(bare):
        raise _refused("a link to another workbook", formula)


def _refused(words: str, formula: str) -> Refused:
    return Refused(
        "reaching_formula",
        f"A formula has {words}: ={formula[:100]}.",
        "Write the value itself; if it is text that begins with '=', set cell.data_type = 's'.",
    )
