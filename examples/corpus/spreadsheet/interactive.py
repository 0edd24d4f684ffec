from openpyxl import Workbook

name = input("Enter the report name: ")
months = int(input("How many months? "))

wb = Workbook()
ws = wb.active
ws.title = name
for month in range(1, months + 1):
    ws.append([month, month * 100])
wb.save(f"{name}.xlsx")
