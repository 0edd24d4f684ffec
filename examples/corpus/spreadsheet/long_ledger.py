"""Generate a general ledger with 3,000 transactions, streaming rows to keep memory low."""
import datetime as dt
import random
import time

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

ACCOUNTS = ["1000 Cash", "1200 Receivables", "2100 Payables", "4000 Revenue", "5000 Wages", "6100 Rent", "6400 Travel"]
rng = random.Random(7)


def transactions(count):
    day = dt.date(2026, 1, 1)
    for number in range(1, count + 1):
        if rng.random() < 0.06:
            day += dt.timedelta(days=1)
        debit, credit = rng.sample(ACCOUNTS, 2)
        yield number, day, debit, credit, round(rng.uniform(5, 9500), 2), f"Voucher {rng.randint(10000, 99999)}"


def main():
    started = time.perf_counter()
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Ledger")
    sheet.column_dimensions["F"].width = 20
    sheet.freeze_panes = "A2"
    header = []
    for title in ("No.", "Date", "Debit", "Credit", "Amount", "Text"):
        cell = WriteOnlyCell(sheet, value=title)
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    for number, row in enumerate(transactions(3000), start=1):
        sheet.append(row)
        if number % 1500 == 0:
            try:
                progress(number / 3000 * 90, f"{number:,} of 3,000 rows")
            except NameError:
                pass
    workbook.save("/mnt/user-data/outputs/ledger.xlsx")
    print(f"Done in {time.perf_counter() - started:.1f} s")


main()
