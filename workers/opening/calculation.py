"""What formulas come to, where nobody has calculated them: openpyxl writes them without values.

Not a spreadsheet: what it does not know, it does not guess.
"""

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import range_boundaries

from workers.opening.functions import COMPARISONS, FUNCTIONS, Fault, Unknown, number, text, truth

MOST_CELLS = 200_000  # read of one workbook
MOST_STEPS = 500_000  # cells looked at by all formulas together
MOST_RANGE = 20_000
FORMULA_STEPS = 20  # to read one costs as much as to look at so many cells

Cells = dict[tuple[int, int], Any]
Place = tuple[str, int, int]
Operator = Callable[[Any, Any], Any]


def _divided(left: float, right: float) -> float:
    if not right:
        raise Fault("#DIV/0!")
    return left / right


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "^": math.pow,
}
CLOSED = (Token.FUNC, Token.CLOSE)
# From the loosest to the tightest; each row is read from left to right.
PRECEDENCE = (tuple(COMPARISONS), ("&",), ("+", "-"), ("*", "/"), ("^",))
UNCALCULATED = (Unknown, ArithmeticError, ValueError, TypeError, LookupError, RecursionError)


class Calculation:
    """The values of one workbook's cells, each calculated once, when it is asked for."""

    def __init__(self, book: Any) -> None:
        self._sheets = {sheet.title.lower(): sheet for sheet in book.worksheets}
        self._read: dict[str, Cells] = {}
        self._known: dict[Place, Any] = {}
        self._cells = 0
        self._steps = 0

    def shown(self, sheet: str, row: int, column: int, formula: str) -> Any:
        """What the cell comes to: a value, an error such as #DIV/0!, or its formula again."""
        try:
            value = self._value(sheet, row, column)
        except Fault as fault:
            return str(fault)
        except UNCALCULATED:
            return formula

        return formula if isinstance(value, list) else value

    def _value(self, sheet: str, row: int, column: int) -> Any:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Unknown

        place = (sheet.lower(), row, column)
        if place not in self._known:
            self._known[place] = Unknown()  # until it is known: a circle has no value
            try:
                self._known[place] = self._calculated(sheet, row, column)
            except (Fault, *UNCALCULATED) as error:
                self._known[place] = error
        if isinstance(self._known[place], Exception):
            raise self._known[place]

        return self._known[place]

    def _calculated(self, sheet: str, row: int, column: int) -> Any:
        written = self._cells_of(sheet).get((row, column))
        if not isinstance(written, str) or not written.startswith("="):
            return written

        self._steps += FORMULA_STEPS
        return _Formula(written, lambda name: self._range(name, sheet)).value()

    def _range(self, name: str, sheet: str) -> Any:
        """The value of a cell, or the rows of a range."""
        place, _, cells = name.rpartition("!")
        sheet = place.strip("'").replace("''", "'") or sheet
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        if None in (left, top, right, bottom):
            raise Unknown
        if (left, top) == (right, bottom) and ":" not in cells:
            return self._value(sheet, top, left)
        if (right - left + 1) * (bottom - top + 1) > MOST_RANGE:
            raise Unknown

        columns = range(left, right + 1)
        return [[self._value(sheet, row, c) for c in columns] for row in range(top, bottom + 1)]

    def _cells_of(self, sheet: str) -> Cells:
        name = sheet.lower()
        if name not in self._read:
            self._read[name] = dict(self._all_cells(self._sheets[name]))

        return self._read[name]

    def _all_cells(self, sheet: Any) -> Iterator[tuple[tuple[int, int], Any]]:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    self._cells += 1
                    if self._cells > MOST_CELLS:
                        raise Unknown
                    yield (cell.row, cell.column), cell.value


class _Formula:
    """Reads one formula from left to right."""

    def __init__(self, formula: str, look: Callable[[str], Any]) -> None:
        tokens = Tokenizer(formula).items
        self._tokens = [token for token in tokens if token.type != Token.WSPACE]
        self._look = look
        self._at = 0

    def value(self) -> Any:
        value = self._binary(0)
        if self._next is not None:
            raise Unknown

        return value

    @property
    def _next(self) -> Any:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    @property
    def _required(self) -> Any:
        if self._next is None:
            raise Unknown

        return self._next

    def _takes(self, kind: str, values: Sequence[str] = ()) -> Any:
        token = self._next
        if token is None or token.type != kind or (values and token.value not in values):
            return None

        self._at += 1
        return token

    def _binary(self, level: int) -> Any:
        if level == len(PRECEDENCE):
            return self._unary()

        left = self._binary(level + 1)
        while sign := self._takes(Token.OP_IN, PRECEDENCE[level]):
            left = _applied(sign.value, left, self._binary(level + 1))

        return left

    def _unary(self) -> Any:
        if sign := self._takes(Token.OP_PRE):
            value = number(self._unary())
            return -value if sign.value == "-" else value

        value = self._operand()
        while self._takes(Token.OP_POST):
            value = number(value) / 100

        return value

    def _operand(self) -> Any:
        if self._takes(Token.PAREN, ("(",)):
            value = self._binary(0)
            if not self._takes(Token.PAREN, (")",)):
                raise Unknown
            return value
        if function := self._takes(Token.FUNC):
            return self._called(function.value[:-1].upper().rpartition(".")[2])

        token = self._takes(Token.OPERAND)
        if token is None:
            raise Unknown
        match token.subtype:
            case Token.NUMBER:
                return float(token.value)
            case Token.TEXT:
                return token.value[1:-1].replace('""', '"')
            case Token.LOGICAL:
                return token.value.upper() == "TRUE"
            case Token.RANGE:
                return self._look(token.value)

        raise Fault(token.value)

    def _called(self, name: str) -> Any:
        arguments = list(self._arguments())
        if name == "IF":
            chosen = 1 if truth(_unfaulted(arguments[0])) else 2
            return _unfaulted(arguments[chosen]) if chosen < len(arguments) else False
        if name in ("IFERROR", "IFNA"):
            return arguments[1 if isinstance(arguments[0], Fault) else 0]
        if name not in FUNCTIONS:
            raise Unknown

        return FUNCTIONS[name](*map(_unfaulted, arguments))

    def _arguments(self) -> Iterator[Any]:
        """Each argument's value; an error is one too, until somebody uses it."""
        while (self._required.type, self._required.subtype) != CLOSED:
            begin = self._at
            try:
                yield self._binary(0)
            except Fault as fault:
                self._skip_argument(begin)
                yield fault
            self._takes(Token.SEP)
        self._at += 1

    def _skip_argument(self, begin: int) -> None:
        self._at, depth = begin, 0
        while self._next is not None:
            opens = self._next.subtype == Token.OPEN
            closes = self._next.subtype == Token.CLOSE
            if depth == 0 and (closes or self._next.type == Token.SEP):
                return
            depth += opens - closes
            self._at += 1


def _applied(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, list) or isinstance(right, list):
        raise Unknown  # array formulas
    if sign == "&":
        return text(left) + text(right)
    if sign in COMPARISONS:
        return COMPARISONS[sign](left, right)

    return ARITHMETIC[sign](number(left), number(right))


def _unfaulted(value: Any) -> Any:
    if isinstance(value, Fault):
        raise value

    return value
