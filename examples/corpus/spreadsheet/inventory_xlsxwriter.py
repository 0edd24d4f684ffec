import io
import xlsxwriter

items = [
    ["SKU-1001", "Pour-over kettle", 42, 15, 38.00],
    ["SKU-1002", "Burr grinder", 9, 10, 129.00],
    ["SKU-1003", "Paper filters (100)", 310, 80, 6.50],
    ["SKU-1004", "Travel mug", 0, 25, 21.90],
    ["SKU-1005", "Espresso cups, set of 4", 57, 20, 34.00],
]
history = {
    "SKU-1001": [50, 47, 44, 46, 42],
    "SKU-1002": [14, 12, 13, 11, 9],
    "SKU-1003": [280, 295, 260, 330, 310],
    "SKU-1004": [30, 22, 14, 6, 0],
    "SKU-1005": [40, 45, 52, 60, 57],
}

buffer = io.BytesIO()
workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
stock = workbook.add_worksheet("Inventory")
trend = workbook.add_worksheet("History")
trend.hide()

money = workbook.add_format({"num_format": "€ #,##0.00"})
low = workbook.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True})

for row, (sku, levels) in enumerate(history.items()):
    trend.write(row, 0, sku)
    trend.write_row(row, 1, levels)

last = len(items) + 1
stock.add_table(0, 0, last - 1, 6, {
    "name": "Inventory",
    "style": "Table Style Medium 9",
    "data": items,
    "columns": [
        {"header": "SKU"},
        {"header": "Product"},
        {"header": "In stock"},
        {"header": "Minimum"},
        {"header": "Unit price", "format": money},
        {"header": "Value", "formula": "=[@[In stock]]*[@[Unit price]]", "format": money},
        {"header": "Trend"},
    ],
})
for row in range(1, last):
    stock.add_sparkline(row, 6, {"range": f"History!B{row}:F{row}", "markers": True})
stock.conditional_format(1, 2, last - 1, 2, {"type": "formula", "criteria": "=$C2<$D2", "format": low})
stock.set_column("A:A", 11)
stock.set_column("B:B", 26)
stock.set_column("C:G", 12)

chart = workbook.add_chart({"type": "bar"})
chart.add_series({
    "name": "In stock",
    "categories": ["Inventory", 1, 1, last - 1, 1],
    "values": ["Inventory", 1, 2, last - 1, 2],
    "fill": {"color": "#5B9BD5"},
})
chart.set_title({"name": "Stock levels"})
stock.insert_chart("I2", chart)
workbook.close()

with open("inventory.xlsx", "wb") as f:
    f.write(buffer.getvalue())
print(f"Wrote {len(buffer.getvalue()):,} bytes")
