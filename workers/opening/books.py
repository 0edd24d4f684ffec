"""Workbooks, opened without reading every cell to learn how many there are."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.reader import excel
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

HEAD_BYTES = 4096  # of a sheet, in which it says of itself what it says
STATED = re.compile(rb'<(?:\w+:)?dimension\s[^>]*ref="([A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+)"')
FROM_THE_RIGHT = re.compile(rb'<(?:\w+:)?sheetView\s[^>]*rightToLeft="(?:1|true)"')
ROW = re.compile(rb'<(?:\w+:)?row\s(?:[^>]*\s)?r="([0-9]{1,7})"')


class _Unmeasured(ReadOnlyWorksheet):  # type: ignore[misc]
    """openpyxl reads a sheet that does not state its size to the end, which takes seconds."""

    def _get_size(self) -> None:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a sheet says of itself, or what its last row says."""

    rows: int
    columns: int
    is_rtl: bool


def opened(source: Path, *, data_only: bool = False) -> Any:
    """A workbook whose cells are read as they are asked for."""
    excel.ReadOnlyWorksheet = _Unmeasured  # in this process, which does nothing else
    # Not by its path, which would have to end in a suffix.
    file = io.BytesIO(source.read_bytes())
    return excel.load_workbook(file, read_only=True, data_only=data_only)


def shape(sheet: Any) -> Shape:
    """How large a sheet is, and on which side it begins."""
    with sheet._get_source() as file:
        content: bytes = file.read()
    head = content[:HEAD_BYTES]
    stated = STATED.search(head)
    columns, rows = range_boundaries(stated[1].decode())[2:] if stated else (0, 0)
    last = ROW.match(content, content.rfind(b"row ") - 1) if not rows else None

    return Shape(
        rows=int(last[1]) if last else rows,
        columns=columns,
        is_rtl=FROM_THE_RIGHT.search(head) is not None,
    )
