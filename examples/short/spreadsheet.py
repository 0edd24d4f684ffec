from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill

months = [("January", 1250, 980), ("February", 1410, 1015), ("March", 1380, 1120)]

workbook = Workbook()
sheet = workbook.active
sheet.title = "Overview"
sheet.append(["Month", "Income", "Costs", "Result"])
for row, (month, income, costs) in enumerate(months, start=2):
    sheet.append([month, income, costs, f"=B{row}-C{row}"])
for cell in sheet[1]:
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color="2F5BD7")
for column, width in zip("ABCD", (14, 12, 12, 12), strict=True):
    sheet.column_dimensions[column].width = width
sheet.freeze_panes = "A2"
progress(60, "Drawing the chart")

chart = BarChart()
chart.title = TITLE
chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=1, max_row=4), titles_from_data=True)
chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=4))
sheet.add_chart(chart, "F2")

workbook.save(OUTPUT_PATH)
