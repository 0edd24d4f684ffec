import os
import random
from datetime import date, timedelta

import openpyxl
from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.styles import Font

random.seed(42)
os.makedirs("/mnt/data", exist_ok=True)
output_path = "/mnt/data/sales_dashboard.xlsx"

wb = openpyxl.Workbook()
data = wb.active
data.title = "Data"
data.append(["Week", "Online", "Retail", "Wholesale"])
start = date(2026, 1, 5)
for week in range(26):
    base = 1000 + week * 25
    data.append([
        start + timedelta(weeks=week),
        base + random.randint(-120, 160),
        int(base * 0.7) + random.randint(-90, 90),
        int(base * 0.4) + random.randint(-60, 60),
    ])
for row in data["A2:A27"]:
    row[0].number_format = "dd mmm"

dash = wb.create_sheet("Dashboard", 0)
dash["A1"] = "Sales Dashboard – H1 2026"
dash["A1"].font = Font(size=20, bold=True, color="203864")
dash["A3"], dash["A4"], dash["A5"] = "Online", "Retail", "Wholesale"
for row, column in zip((3, 4, 5), "BCD"):
    dash[f"B{row}"] = f"=SUM(Data!{column}2:{column}27)"

line = LineChart()
line.title = "Weekly revenue"
line.height, line.width = 8, 18
line.add_data(Reference(data, min_col=2, max_col=4, min_row=1, max_row=27), titles_from_data=True)
line.set_categories(Reference(data, min_col=1, min_row=2, max_row=27))
line.y_axis.title = "EUR"
dash.add_chart(line, "D3")

bar = BarChart()
bar.type = "col"
bar.grouping = "stacked"
bar.overlap = 100
bar.title = "Channels, stacked"
bar.add_data(Reference(data, min_col=2, max_col=4, min_row=1, max_row=27), titles_from_data=True)
dash.add_chart(bar, "D20")

pie = PieChart()
pie.title = "Share by channel"
pie.add_data(Reference(dash, min_col=2, min_row=3, max_row=5))
pie.set_categories(Reference(dash, min_col=1, min_row=3, max_row=5))
pie.dataLabels = DataLabelList()
pie.dataLabels.showPercent = True
dash.add_chart(pie, "A8")

dash.sheet_view.showGridLines = False
wb.save(output_path)
print("Saved:", output_path, os.path.getsize(output_path), "bytes")
