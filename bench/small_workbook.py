"""The smallest real spreadsheet job: twenty rows under a bold header."""

from openpyxl import Workbook
from openpyxl.styles import Font

workbook = Workbook()
sheet = workbook.active
sheet.title = "Orders"
sheet.append(["Order", "Item", "Quantity", "Amount"])
for row in range(1, 21):
    sheet.append([f"A-{row:03}", f"Item {row}", row * 3, row * 12.5])

for cell in sheet[1]:
    cell.font = Font(bold=True)

workbook.save(OUTPUT_PATH)
