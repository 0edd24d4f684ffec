"""Workbooks: each sheet a table of texts, by openpyxl."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel

from workers.opening import books
from workers.opening.calculation import Calculation
from workers.opening.numbers import shown
from workers.opening.parts import Part, Preview

MOST_ROWS = 500
MOST_COLUMNS = 60
ALIGNMENTS = {"left": "start", "right": "end", "center": "center", "centerContinuous": "center"}
ELSEWHERE = {"start": "end", "end": "start"}  # where the first column stands on the right

Cell = dict[str, Any]


def preview(source: Path) -> Preview:
    """Every visible sheet as what its cells show."""
    values, formulas = books.opened(source, data_only=True), books.opened(source)
    calculation = Calculation(formulas)
    pairs = [
        pair
        for pair in zip(values.worksheets, formulas.worksheets, strict=True)
        if pair[0].sheet_state == "visible"
    ]
    sheets = (_Sheet(*pair, calculation).part() for pair in pairs)
    return Preview(total=len(pairs), suffix=".json", parts=sheets)


class _Sheet:
    """One sheet, read twice: what was calculated when it was saved, and what was written."""

    def __init__(self, values: Any, formulas: Any, calculation: Calculation) -> None:
        self._values = values
        self._formulas = formulas
        self._calculation = calculation
        self._shape = books.shape(values)

    def part(self) -> Part:
        """The sheet as JSON, cut to what a person looks at."""
        rows = list(self._rows())
        while rows and not rows[-1]:
            rows.pop()
        columns = max(map(len, rows), default=0)
        sheet = {
            "name": self._values.title,
            "columns": columns,
            "rows": rows,
            "totalRows": max(self._shape.rows, len(rows)),
            "totalColumns": max(self._shape.columns, columns),
            "rtl": self._shape.is_rtl,
        }
        content = json.dumps(sheet, ensure_ascii=False).encode(errors="replace")
        return Part(content=content, title=self._values.title)

    def _rows(self) -> Iterator[list[Cell | None]]:
        bounds = {"max_row": MOST_ROWS, "max_col": MOST_COLUMNS}
        values, formulas = self._values.iter_rows(**bounds), self._formulas.iter_rows(**bounds)
        for cells, written_ones in zip_longest(values, formulas, fillvalue=()):
            row = [self._cell(*pair) for pair in zip_longest(cells, written_ones)]
            while row and row[-1] is None:
                row.pop()
            yield row

    def _cell(self, cell: Any, written: Any) -> Cell | None:
        if written is None or written.value in (None, ""):
            return None

        value = self._value(cell, written)
        is_moment = isinstance(value, float) and is_date_format(written.number_format)
        shown_value = from_excel(value) if is_moment else value
        found: Cell = {
            "text": shown(shown_value, written.number_format),
            "align": _align(written, value, self._shape.is_rtl),
        }
        return {**found, "bold": True} if written.font and written.font.b else found

    def _value(self, cell: Any, written: Any) -> Any:
        """What was saved; but nought is also what is saved where nothing was calculated."""
        if written.data_type != "f" or (cell.value and cell.data_type != "f"):
            return cell.value

        place = (self._formulas.title, written.row, written.column)
        value = self._calculation.shown(*place, str(written.value))
        return cell.value if value == written.value and cell.value is not None else value


def _align(cell: Any, value: Any, rtl: bool) -> str | None:
    asked = ALIGNMENTS.get(cell.alignment.horizontal) if cell.alignment else None
    if asked:
        return ELSEWHERE.get(asked, asked) if rtl else asked

    if isinstance(value, bool):
        return "center"
    return None if isinstance(value, str) else "end"
