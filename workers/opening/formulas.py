"""What a formula may say: a workbook calculates with itself; it does not fetch, call or send."""

import re
from collections.abc import Sequence

from workers.opening import addresses
from workers.opening.elements import one_of
from workers.opening.refused import Refused

# Fetch an address, call a library, talk to another program, or did so in macros.
FETCHING = """
WEBSERVICE STOCKHISTORY DETECTLANGUAGE IMPORTTEXT IMPORTCSV IMPORTDATA IMPORTXML IMPORTHTML
IMPORTFEED IMPORTRANGE GOOGLEFINANCE GOOGLETRANSLATE DUMMYFUNCTION REGISTER.ID SQL.REQUEST
DDEINITIATE DDEEXECUTE DDEPOKE FOPEN FWRITE FWRITELN
"""
# The same, by words that a person may give to a name or a variable.
ALSO_WORDS = """
IMAGE RTD CALL REGISTER EXEC EXECUTE EVALUATE DDE INITIATE REQUEST POKE RUN PY COPILOT TRANSLATE
"""
UNMISTAKABLE, ORDINARY = one_of(FETCHING.split()), one_of(ALSO_WORDS.split())
# No formula without one of these is of interest; its digits may be left out.
NOTABLE = re.compile(
    rf"{UNMISTAKABLE}|{ORDINARY}|HYPERLINK|[|\[&\\]|//|:/|\.xl[a-z]{{1,3}}[!\]]|_x[a-f]*_".encode(),
    re.IGNORECASE,
)
REACHING = re.compile(
    rf"(?<!\w)(?:({UNMISTAKABLE})(?!\w|\s*!)|({ORDINARY})\s*\(|(HYPERLINK)(?!\w|\s*[!(]))"
    rf"|_xl\w*\.({ORDINARY})(?!\w)",
    re.IGNORECASE,
)
# A function's name alone is the function where it is handed on: MAP(A1:A9,IMAGE), (IMAGE)("…").
HANDED_ON = re.compile(rf"(?<=[(,])\s*({ORDINARY})\s*(?=[,)])", re.IGNORECASE)
HANDING_ON = re.compile(
    r"(?<!\w)(?:LET|LAMBDA|MAP|REDUCE|SCAN|BYROW|BYCOL|MAKEARRAY|GROUPBY|PIVOTBY)\s*\(|\)\s*\(",
    re.IGNORECASE,
)
PARAMETER = re.compile(r"(?<!\w)_xlpm\.\w+", re.IGNORECASE)
# A string, a sheet in quotation marks, or columns of a table; each may hold the others' marks.
TOKEN = re.compile(
    r"\"((?:[^\"]|\"\")*)\"|'((?:[^']|'')*)'(!?)|(\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])",
    re.DOTALL,
)
OWN_BOOK = "[0]"
NO_SHEET = re.compile(r"[|\[\]/\\?*]")
# [Book.xlsx]Sheet!A1 or [1]Sheet!A1; Table[Column] has no sheet behind it.
OTHER_BOOK = re.compile(r"\[\][\w.:]*!|\.xl\w{1,3}!", re.IGNORECASE)
# INDIRECT makes a reference of text, and may find it in parts.
INDIRECT = re.compile(r"(?<!\w)INDIRECT\s*\(", re.IGNORECASE)
OTHER_FILE = re.compile(r"\\\\|:/|file:|\[[^\[\]]+\][\w.]*'?!|\.xl\w{1,3}\]", re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9a-f]{4})_", re.IGNORECASE)


def check(formula: str) -> None:
    """Raise Refused for a formula that reaches out of the workbook."""
    # The standard lets any character be written so; not every reader does.
    for reading in {formula, unescaped(formula)} if "_" in formula else (formula,):
        _check(reading)


def unescaped(text: str) -> str:
    """The text without _x0041_ for A."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _check(formula: str) -> None:
    bare, texts = _parted(formula)
    addresses.check(bare, texts)
    if found := _function(bare):
        raise refused(f"the function {found.upper()}", formula)
    # Program|topic!item: Excel asks the program, and starts it where it does not run.
    if "|" in bare:
        raise refused("a call of another program (DDE)", formula)
    if OTHER_BOOK.search(bare) or (INDIRECT.search(bare) and any(map(OTHER_FILE.search, texts))):
        raise refused("a link to another workbook", formula)


def _parted(formula: str) -> tuple[str, Sequence[str]]:
    """The formula with its texts by number, without the names of its sheets and columns."""
    texts: list[str] = []

    def replace(found: re.Match[str]) -> str:
        text, quoted, mark, columns = found.groups()
        if columns is not None:
            return OWN_BOOK if columns == OWN_BOOK else "[]"
        if quoted is not None:
            return _sheet(quoted, mark)
        texts.append(text.replace('""', '"'))
        return f'"{len(texts) - 1}"'

    bare = TOKEN.sub(replace, formula).replace(f"{OWN_BOOK}!", "")
    return PARAMETER.sub("p", bare), texts


def _sheet(quoted: str, mark: str) -> str:
    # What cannot be the name of a sheet is looked at like the rest.
    if mark and not NO_SHEET.search(quoted):
        return "S!"

    return quoted.replace('"', " ") + ("[]!" if mark else "")


def _function(bare: str) -> str | None:
    found = REACHING.search(bare) or (HANDING_ON.search(bare) and HANDED_ON.search(bare))
    return found[found.lastindex or 0] if found else None


def refused(words: str, formula: str) -> Refused:
    """What is said of such a formula."""
    return Refused(
        "reaching_formula",
        f"A formula has {words}: ={formula[:100]}.",
        "Write the value itself; if it is text that begins with '=', set cell.data_type = 's'.",
    )
