"""Spreadsheets: .xlsx by openpyxl or xlsxwriter."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="spreadsheet",
        suffix=".xlsx",
        mime_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
)
