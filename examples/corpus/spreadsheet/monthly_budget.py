"""
Monthly Budget Tracker
Creates a household budget with formulas and conditional formatting.
"""
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill, Alignment, Border, Side
from openpyxl.formatting.rule import CellIsRule
from openpyxl.utils import get_column_letter

BUDGET = [
    ("Rent", "Housing", 1450, 1450),
    ("Electricity", "Utilities", 95, 112.4),
    ("Internet", "Utilities", 40, 39.9),
    ("Groceries", "Food", 420, 463.15),
    ("Restaurants", "Food", 150, 98.5),
    ("Train pass", "Transport", 86, 86),
    ("Gym", "Health", 35, 35),
    ("Savings", "Savings", 500, 400),
]


def create_budget(filename):
    wb = Workbook()
    ws = wb.active
    ws.title = "Budget"

    headers = ["Item", "Category", "Planned", "Actual", "Difference"]
    header_fill = PatternFill(start_color="1F4E78", end_color="1F4E78", fill_type="solid")
    thin = Side(style="thin", color="CCCCCC")
    for col, header in enumerate(headers, 1):
        cell = ws.cell(row=1, column=col, value=header)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = header_fill
        cell.alignment = Alignment(horizontal="center")

    for row, (item, category, planned, actual) in enumerate(BUDGET, 2):
        ws.cell(row=row, column=1, value=item)
        ws.cell(row=row, column=2, value=category)
        ws.cell(row=row, column=3, value=planned).number_format = '"$"#,##0.00'
        ws.cell(row=row, column=4, value=actual).number_format = '"$"#,##0.00'
        ws.cell(row=row, column=5, value=f"=C{row}-D{row}").number_format = '"$"#,##0.00'
        for col in range(1, 6):
            ws.cell(row=row, column=col).border = Border(bottom=thin)

    last = len(BUDGET) + 1
    total = last + 1
    ws.cell(row=total, column=1, value="Total").font = Font(bold=True)
    for col in (3, 4, 5):
        letter = get_column_letter(col)
        cell = ws.cell(row=total, column=col, value=f"=SUM({letter}2:{letter}{last})")
        cell.font = Font(bold=True)
        cell.number_format = '"$"#,##0.00'

    red = PatternFill(start_color="FFC7CE", end_color="FFC7CE", fill_type="solid")
    green = PatternFill(start_color="C6EFCE", end_color="C6EFCE", fill_type="solid")
    ws.conditional_formatting.add(f"E2:E{last}", CellIsRule(operator="lessThan", formula=["0"], fill=red))
    ws.conditional_formatting.add(f"E2:E{last}", CellIsRule(operator="greaterThan", formula=["0"], fill=green))

    for col in range(1, 6):
        letter = get_column_letter(col)
        width = max(len(str(c.value)) for c in ws[letter] if c.value is not None)
        ws.column_dimensions[letter].width = width + 4
    ws.freeze_panes = "A2"
    ws.auto_filter.ref = f"A1:E{last}"

    wb.save(filename)
    print(f"✅ Budget saved to {filename}")


if __name__ == "__main__":
    create_budget("monthly_budget.xlsx")
