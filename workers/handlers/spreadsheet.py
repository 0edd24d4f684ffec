"""Spreadsheets: .xlsx by openpyxl or xlsxwriter."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="spreadsheet",
        suffix=".xlsx",
        mime_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        check="""
import json, openpyxl
book = openpyxl.load_workbook(open(INPUT_DIR + "/" + DATA, "rb"), read_only=True)
print(json.dumps({"sheets": len(book.sheetnames)}))
""",
    )
)
