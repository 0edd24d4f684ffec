"""The functions that formulas mostly use. Arguments are values, or ranges as lists of rows."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from openpyxl.utils.datetime import to_excel

from workers.opening.numbers import shown

Range = list[list[Any]]


class Fault(Exception):
    """An error as a cell shows it: #DIV/0! and the like."""


class Unknown(Exception):
    """What is not calculated here; the formula itself is shown."""


def number(value: Any) -> float:
    """A value as arithmetic takes it."""
    match value:
        case None:
            return 0
        case int() | float():
            return value
        case datetime() | date() | time():
            return float(to_excel(value))
        case str():
            try:
                return float(value)
            except ValueError:
                raise Fault("#VALUE!") from None

    raise Unknown


def text(value: Any) -> str:
    """A value as & takes it."""
    return shown(value)


def truth(value: Any) -> bool:
    """A value as IF takes it."""
    return value.upper() == "TRUE" if isinstance(value, str) else bool(number(value))


def flat(arguments: Iterable[Any]) -> Iterator[Any]:
    """Every value, those of ranges too."""
    for argument in arguments:
        if isinstance(argument, list):
            yield from chain.from_iterable(argument)
        else:
            yield argument


def numbers(arguments: Iterable[Any]) -> list[float]:
    """The numbers among the values; text and empty cells do not count."""
    return [
        number(value)
        for value in flat(arguments)
        if isinstance(value, (int, float, datetime, date)) and not isinstance(value, bool)
    ]


def _average(*arguments: Any) -> float:
    found = numbers(arguments)
    if not found:
        raise Fault("#DIV/0!")
    return math.fsum(found) / len(found)


def _round(value: Any, digits: Any = 0, way: Callable[[float], float] | None = None) -> float:
    scale = 10.0 ** number(digits)
    scaled = abs(number(value)) * scale
    whole = way(scaled - 1e-9 if way is math.ceil else scaled + 1e-9) if way else _half_up(scaled)
    return math.copysign(whole / scale, number(value))


def _half_up(value: float) -> float:
    return math.floor(value + 0.5 + 1e-9)


def _modulo(value: Any, divisor: Any) -> float:
    if not number(divisor):
        raise Fault("#DIV/0!")
    return number(value) % number(divisor)


def _fits(criterion: Any) -> Callable[[Any], bool]:
    """What SUMIF and COUNTIF compare with: a value, or an operator and a value in text."""
    wanted = criterion if isinstance(criterion, str) else f"={shown(criterion)}"
    sign = next((s for s in ("<=", ">=", "<>", "<", ">", "=") if wanted.startswith(s)), "=")
    operand = wanted.removeprefix(sign)
    if "*" in operand or "?" in operand:
        raise Unknown
    try:
        limit = float(operand)
    except ValueError:
        is_wanted = sign != "<>"
        return lambda value: (text(value).lower() == operand.lower()) is is_wanted

    compare = COMPARISONS[sign]
    return lambda value: isinstance(value, (int, float)) and compare(value, limit)


def _chosen(values: Range, *conditions: Any) -> list[Any]:
    """The values whose neighbours in the other ranges fit, range and criterion by turns."""
    kept = [True] * len(list(flat([values])))
    for cells, criterion in zip(conditions[::2], conditions[1::2], strict=True):
        fits = _fits(criterion)
        kept = [k and fits(cell) for k, cell in zip(kept, flat([cells]), strict=True)]

    return [value for value, keep in zip(flat([values]), kept, strict=True) if keep]


def _sum_products(*ranges: Any) -> float:
    columns = [[number(value) for value in flat([one])] for one in ranges]
    return math.fsum(math.prod(row) for row in zip(*columns, strict=True))


def _look_up(wanted: Any, table: Range, column: Any, near: Any = True) -> Any:
    if near is None or truth(near):
        raise Unknown
    for row in table:
        if _equal(row[0], wanted):
            return row[int(number(column)) - 1]

    raise Fault("#N/A")


def _match(wanted: Any, cells: Range, kind: Any = 1) -> int:
    if number(kind) != 0:
        raise Unknown
    for position, value in enumerate(flat([cells]), 1):
        if _equal(value, wanted):
            return position

    raise Fault("#N/A")


def _index(cells: Range, row: Any, column: Any = 1) -> Any:
    if len(cells) == 1 and column == 1:
        row, column = 1, row
    return cells[int(number(row)) - 1][int(number(column)) - 1]


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if left is None or right is None:  # an empty cell is empty text, and nought
        return left in (None, "", 0) and right in (None, "", 0)

    return bool(left == right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "<>": lambda left, right: not _equal(left, right),
    "<": lambda left, right: number(left) < number(right),
    ">": lambda left, right: number(left) > number(right),
    "<=": lambda left, right: number(left) <= number(right),
    ">=": lambda left, right: number(left) >= number(right),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *a: math.fsum(numbers(a)),
    "PRODUCT": lambda *a: math.prod(numbers(a)),
    "AVERAGE": _average,
    "MEDIAN": lambda *a: statistics.median(numbers(a)),
    "MIN": lambda *a: min(numbers(a), default=0),
    "MAX": lambda *a: max(numbers(a), default=0),
    "COUNT": lambda *a: len(numbers(a)),
    "COUNTA": lambda *a: sum(value not in (None, "") for value in flat(a)),
    "COUNTBLANK": lambda *a: sum(value in (None, "") for value in flat(a)),
    "STDEV": lambda *a: statistics.stdev(numbers(a)),
    "LARGE": lambda cells, n: sorted(numbers([cells]), reverse=True)[int(number(n)) - 1],
    "SMALL": lambda cells, n: sorted(numbers([cells]))[int(number(n)) - 1],
    "RANK": lambda value, cells: 1 + sum(other > number(value) for other in numbers([cells])),
    "SUMIF": lambda cells, wanted, values=None: math.fsum(
        numbers(_chosen(values or cells, cells, wanted))
    ),
    "COUNTIF": lambda cells, wanted: len(_chosen(cells, cells, wanted)),
    "AVERAGEIF": lambda cells, wanted, values=None: _average(
        *_chosen(values or cells, cells, wanted)
    ),
    "SUMIFS": lambda values, *pairs: math.fsum(numbers(_chosen(values, *pairs))),
    "COUNTIFS": lambda cells, *rest: len(_chosen(cells, cells, *rest)),
    "SUMPRODUCT": _sum_products,
    "ROUND": _round,
    "ROUNDUP": lambda value, digits=0: _round(value, digits, math.ceil),
    "ROUNDDOWN": lambda value, digits=0: _round(value, digits, math.floor),
    "INT": lambda value: math.floor(number(value)),
    "ABS": lambda value: abs(number(value)),
    "SQRT": lambda value: math.sqrt(number(value)),
    "MOD": _modulo,
    "AND": lambda *a: all(truth(value) for value in flat(a)),
    "OR": lambda *a: any(truth(value) for value in flat(a)),
    "NOT": lambda value: not truth(value),
    "VLOOKUP": _look_up,
    "MATCH": _match,
    "INDEX": _index,
    "LEN": lambda value: len(text(value)),
    "LEFT": lambda value, n=1: text(value)[: int(number(n))],
    "RIGHT": lambda value, n=1: text(value)[-int(number(n)) :],
    "UPPER": lambda value: text(value).upper(),
    "LOWER": lambda value: text(value).lower(),
    "TRIM": lambda value: " ".join(text(value).split()),
    "CONCATENATE": lambda *a: "".join(map(text, flat(a))),
    "CONCAT": lambda *a: "".join(map(text, flat(a))),
    "TEXT": lambda value, number_format: shown(value, text(number_format)),
}
