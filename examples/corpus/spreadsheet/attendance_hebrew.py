# -*- coding: utf-8 -*-
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

wb = Workbook()
ws = wb.active
ws.title = "נוכחות"
ws.sheet_view.rightToLeft = True

ws.merge_cells("A1:G1")
ws["A1"] = "דוח נוכחות שבועי – כיתה ה׳2"
ws["A1"].font = Font(name="David", size=18, bold=True)
ws["A1"].alignment = Alignment(horizontal="center", readingOrder=2)

days = ["שם התלמיד", "ראשון", "שני", "שלישי", "רביעי", "חמישי", "סה״כ"]
ws.append([])
ws.append(days)
for cell in ws[3]:
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color="4472C4")
    cell.alignment = Alignment(horizontal="center")

pupils = {
    "נועה כהן": [1, 1, 1, 0, 1],
    "איתי לוי": [1, 1, 0, 0, 1],
    "מאיה מזרחי": [1, 1, 1, 1, 1],
    "יונתן פרץ": [0, 1, 1, 1, 1],
    "תמר ביטון": [1, 0, 1, 1, 0],
}
for number, (name, presence) in enumerate(pupils.items(), start=4):
    ws.append([name] + ["✓" if p else "✗" for p in presence])
    ws.cell(row=number, column=7, value=f'=COUNTIF(B{number}:F{number},"✓")')
    for column in range(2, 8):
        ws.cell(row=number, column=column).alignment = Alignment(horizontal="center")

ws.column_dimensions["A"].width = 22
note = ws.cell(row=10, column=1, value="הערה: תלמיד שנעדר יומיים ומעלה – יש ליצור קשר עם ההורים (טל׳ 03-5551234).")
note.alignment = Alignment(readingOrder=2, horizontal="right")

wb.save(OUTPUT_PATH)
