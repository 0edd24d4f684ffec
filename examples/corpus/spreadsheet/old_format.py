from openpyxl import Workbook

wb = Workbook()
ws = wb.active
ws.append(["Invoice", "Amount"])
for number in range(1, 6):
    ws.append([f"INV-{number:04d}", number * 125.5])
wb.save("invoices.xls")
print("Saved invoices.xls")
