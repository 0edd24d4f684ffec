from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import List

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation


class Department(Enum):
    ENGINEERING = "Engineering"
    SALES = "Sales"
    OPERATIONS = "Operations"


@dataclass
class Employee:
    name: str
    department: Department
    gross: Decimal
    deductions: List[Decimal] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.gross - sum(self.deductions, Decimal("0"))


class PayrollWorkbook:
    def __init__(self, employees: List[Employee]):
        self.employees = employees
        self.wb = Workbook()
        self.ws = self.wb.active
        self.ws.title = "Payroll"
        money = NamedStyle(name="money", number_format="#,##0.00 [$€-407]")
        self.wb.add_named_style(money)

    def build(self) -> None:
        self._banner()
        self._header()
        for row, employee in enumerate(self.employees, start=5):
            self._row(row, employee)
        self._validation()
        self.ws.page_setup.orientation = "landscape"
        self.ws.print_title_rows = "1:4"
        self.ws.oddFooter.center.text = "Page &P of &N"

    def _banner(self) -> None:
        self.ws.merge_cells("A1:F1")
        self.ws["A1"] = "Payroll – October 2026"
        self.ws["A1"].font = Font(size=16, bold=True, color="FFFFFF")
        self.ws["A1"].fill = PatternFill("solid", fgColor="305496")
        self.ws["A1"].alignment = Alignment(horizontal="center", vertical="center")
        self.ws.row_dimensions[1].height = 32

    def _header(self) -> None:
        self.ws.merge_cells("A3:A4")
        self.ws.merge_cells("B3:B4")
        self.ws.merge_cells("C3:E3")
        self.ws.merge_cells("F3:F4")
        for cell, text in {"A3": "Employee", "B3": "Department", "C3": "Amounts", "F3": "Net"}.items():
            self.ws[cell] = text
            self.ws[cell].alignment = Alignment(horizontal="center", vertical="center")
        for cell, text in zip(("C4", "D4", "E4"), ("Gross", "Tax", "Insurance")):
            self.ws[cell] = text
        self.ws["D4"].comment = Comment("Flat estimate", "HR")

    def _row(self, row: int, employee: Employee) -> None:
        self.ws.append([employee.name, employee.department.value, employee.gross, *employee.deductions])
        self.ws.cell(row, 6, f"=C{row}-D{row}-E{row}")
        for column in range(3, 7):
            self.ws.cell(row, column).style = "money"

    def _validation(self) -> None:
        names = ",".join(d.value for d in Department)
        rule = DataValidation(type="list", formula1=f'"{names}"', allow_blank=False)
        rule.add(f"B5:B{4 + len(self.employees)}")
        self.ws.add_data_validation(rule)


if __name__ == "__main__":
    people = [
        Employee("Ada Lovelace", Department.ENGINEERING, Decimal("6200"), [Decimal("1550"), Decimal("610")]),
        Employee("Grace Hopper", Department.ENGINEERING, Decimal("6800"), [Decimal("1780"), Decimal("655")]),
        Employee("Zig Ziglar", Department.SALES, Decimal("4100"), [Decimal("820"), Decimal("402.50")]),
        Employee("Mary Barra", Department.OPERATIONS, Decimal("5300"), [Decimal("1260"), Decimal("521")]),
    ]
    book = PayrollWorkbook(people)
    book.build()
    book.wb.save("/tmp/payroll.xlsx")
