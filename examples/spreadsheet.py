"""Quarterly sales by region."""

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, DataBarRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

INK, QUIET, ACCENT, LINE = "1D1C1A", "6B6860", "2F5BD7", "E6E4DE"
QUARTER_SHADES = ["C9D6F7", "8FABEE", "5A80E3", "2449B3"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SEASON = [0.88, 0.86, 0.95, 0.98, 1.01, 1.04, 0.97, 0.93, 1.05, 1.09, 1.12, 1.22]

# Region: average month of 2024 in euros, growth in 2025.
REGIONS = {
    "Nordics": (118_400, 0.124),
    "Benelux": (96_200, 0.067),
    "Germany": (171_900, 0.041),
    "France": (134_600, -0.028),
    "Iberia": (72_300, 0.183),
}
HEADER_ROW, FIRST_ROW = 4, 5
LAST_ROW = HEADER_ROW + len(REGIONS)
TOTAL_ROW = LAST_ROW + 1


def month_sales(region, year):
    average, growth = REGIONS[region]
    level = average * (1 + growth if year == 2025 else 1)
    wobble = [1 + ((i * 7 + len(region) * 3) % 5 - 2) / 60 for i in range(12)]

    return [round(level * season * w, -2) for season, w in zip(SEASON, wobble, strict=True)]


def start_sheet(sheet, title, note, header, widths):
    sheet.append([title])
    sheet.append([note])
    sheet.append([])
    sheet.append(header)
    sheet["A1"].font = Font(name="Calibri", size=18, bold=True, color=INK)
    sheet["A2"].font = Font(name="Calibri", color=QUIET)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width

    sheet.row_dimensions[1].height = 28
    sheet.freeze_panes = f"B{FIRST_ROW}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def finish_table(sheet):
    hairline = Border(bottom=Side(style="thin", color=LINE))
    for row in sheet.iter_rows(min_row=HEADER_ROW, max_row=TOTAL_ROW):
        sheet.row_dimensions[row[0].row].height = 20
        for cell in row:
            cell.border = hairline
            cell.number_format = "#,##0"
            cell.alignment = Alignment(
                horizontal="left" if cell.column == 1 else "right", vertical="center"
            )

    for cell in sheet[HEADER_ROW]:
        cell.font = Font(name="Calibri", bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", ACCENT)
    for cell in sheet[TOTAL_ROW]:
        cell.font = Font(name="Calibri", bold=True)
        cell.border = Border(top=Side(style="medium", color=INK))


def add_months(workbook, year):
    sheet = workbook.create_sheet(str(year))
    header = ["Region", *MONTHS, "Total"]
    start_sheet(sheet, f"Sales {year}", "Euros, by month", header, [16] + [10] * 12 + [13])
    for row, region in enumerate(REGIONS, start=FIRST_ROW):
        sheet.append([region, *month_sales(region, year), f"=SUM(B{row}:M{row})"])

    sheet.append(["Total", *(column_sum(column) for column in range(2, 15))])
    finish_table(sheet)
    shades = ColorScaleRule("min", None, "FFFFFF", "max", None, "C9D6F7")
    sheet.conditional_formatting.add(f"B{FIRST_ROW}:M{LAST_ROW}", shades)


def column_sum(column):
    letter = get_column_letter(column)

    return f"=SUM({letter}{FIRST_ROW}:{letter}{LAST_ROW})"


def add_summary(sheet):
    header = ["Region", "Q1", "Q2", "Q3", "Q4", "2025", "2024", "Growth", "Share"]
    note = "Euros, 2025 against 2024; every figure is computed from the monthly sheets"
    start_sheet(sheet, TITLE, note, header, [16] + [12] * 4 + [14, 14, 11, 11])
    for row, region in enumerate([*REGIONS, "Total"], start=FIRST_ROW):
        quarters = [f"=SUM('2025'!{span})" for span in quarter_spans(row)]
        totals = [f"=SUM(B{row}:E{row})", f"='2024'!N{row}"]
        sheet.append([region, *quarters, *totals, f"=F{row}/G{row}-1", f"=F{row}/F${TOTAL_ROW}"])

    finish_table(sheet)
    for row in range(FIRST_ROW, TOTAL_ROW + 1):
        sheet.cell(row, 8).number_format = "+0.0%;-0.0%;0.0%"
        sheet.cell(row, 9).number_format = "0.0%"

    growth, share = f"H{FIRST_ROW}:H{TOTAL_ROW}", f"I{FIRST_ROW}:I{LAST_ROW}"
    for comparison, colour in (("lessThan", "B42318"), ("greaterThan", "187A45")):
        rule = CellIsRule(comparison, ["0"], font=Font(color=colour))
        sheet.conditional_formatting.add(growth, rule)
    sheet.conditional_formatting.add(share, DataBarRule("num", 0, "num", 0.6, color="8FABEE"))


def quarter_spans(row):
    return [f"{first}{row}:{last}{row}" for first, last in ("BD", "EG", "HJ", "KM")]


def add_chart(sheet):
    chart = BarChart()
    chart.title, chart.style, chart.height, chart.width = "Sales by region and quarter", 2, 9, 28
    values = Reference(sheet, min_col=2, max_col=5, min_row=HEADER_ROW, max_row=LAST_ROW)
    chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=FIRST_ROW, max_row=LAST_ROW))
    for series, shade in zip(chart.series, QUARTER_SHADES, strict=True):
        series.graphicalProperties.solidFill = shade

    chart.gapWidth, chart.legend.position = 60, "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=LINE))
    sheet.add_chart(chart, f"A{TOTAL_ROW + 2}")


workbook = Workbook()
summary = workbook.active
summary.title = "Summary"
for percent, year in ((15, 2025), (40, 2024)):
    progress(percent, f"Writing the months of {year}")
    add_months(workbook, year)

progress(65, "Computing quarters and growth")
add_summary(summary)
progress(80, "Drawing the chart")
add_chart(summary)
progress(90, "Saving the workbook")
workbook.save(OUTPUT_PATH)
