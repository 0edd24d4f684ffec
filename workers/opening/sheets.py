"""Workbooks: each sheet a table of texts, by openpyxl."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from workers.opening import books
from workers.opening.numbers import shown
from workers.opening.parts import Part, Preview

MOST_ROWS = 500
MOST_COLUMNS = 60
ALIGNMENTS = {"left": "start", "right": "end", "center": "center", "centerContinuous": "center"}
ELSEWHERE = {"start": "end", "end": "start"}  # where the first column stands on the right

Cell = dict[str, Any]


def preview(source: Path) -> Preview:
    """Every visible sheet: what the cells show, or their formula where nobody has calculated it."""
    values, formulas = books.opened(source, data_only=True), books.opened(source)
    pairs = [
        pair
        for pair in zip(values.worksheets, formulas.worksheets, strict=True)
        if pair[0].sheet_state == "visible"
    ]
    return Preview(total=len(pairs), suffix=".json", parts=(_part(*pair) for pair in pairs))


def _part(values: Any, formulas: Any) -> Part:
    shape = books.shape(values)
    rows = list(_rows(values, formulas, shape.is_rtl))
    while rows and not rows[-1]:
        rows.pop()
    columns = max(map(len, rows), default=0)
    sheet = {
        "name": values.title,
        "columns": columns,
        "rows": rows,
        "totalRows": max(shape.rows, len(rows)),
        "totalColumns": max(shape.columns, columns),
        "rtl": shape.is_rtl,
    }
    return Part(content=json.dumps(sheet, ensure_ascii=False).encode(), title=values.title)


def _rows(values: Any, formulas: Any, rtl: bool) -> Iterator[list[Cell | None]]:
    bounds = {"max_row": MOST_ROWS, "max_col": MOST_COLUMNS}
    both = zip_longest(values.iter_rows(**bounds), formulas.iter_rows(**bounds), fillvalue=())
    for shown_row, written_row in both:
        pairs = zip_longest(shown_row, written_row)
        row = [_cell(cell, written, rtl) for cell, written in pairs]
        while row and row[-1] is None:
            row.pop()
        yield row


def _cell(cell: Any, written: Any, rtl: bool) -> Cell | None:
    value = cell.value if cell is not None and cell.value is not None else written and written.value
    if value is None or value == "":
        return None

    shown_cell: Cell = {"text": shown(value, cell.number_format), "align": _align(cell, value, rtl)}
    return {**shown_cell, "bold": True} if cell.font and cell.font.b else shown_cell


def _align(cell: Any, value: Any, rtl: bool) -> str | None:
    asked = ALIGNMENTS.get(cell.alignment.horizontal) if cell.alignment else None
    if asked:
        return ELSEWHERE.get(asked, asked) if rtl else asked

    if isinstance(value, bool):
        return "center"
    return None if isinstance(value, str) else "end"
