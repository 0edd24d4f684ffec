"""Reads queries/*.sql into named statements; the names are those of the verbs that run them."""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def statements(file_name: str) -> dict[str, str]:
    """Return {name: statement} of one file under queries; a name that stands twice is an error."""
    parts = _NAME.split((files("db") / "queries" / file_name).read_text(encoding="utf-8"))
    named = dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    if len(named) != len(parts) // 2:
        raise ValueError(f"{file_name} holds the same name twice")

    return named


@cache
def with_numbers(statement: str, first: int, *numbers: int | None) -> str:
    """Write numbers in the place of the parameters from `first` on.

    A LIMIT that the planner does not know is planned anew each time, which took half of a claim.
    """
    for parameter, number in enumerate(numbers, first):
        written = "NULL" if number is None else str(int(number))
        statement = re.sub(rf"\${parameter}\b", written, statement)

    return statement
