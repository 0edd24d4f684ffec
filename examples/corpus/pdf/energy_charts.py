from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.charts.piecharts import Pie
from reportlab.graphics.shapes import Drawing, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

PALETTE = [colors.HexColor(c) for c in ("#264653", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51")]
sources = {"Solar": 38, "Wind": 31, "Hydro": 12, "Grid": 15, "Diesel": 4}
months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]


def pie():
    drawing = Drawing(450, 200)
    chart = Pie()
    chart.x, chart.y, chart.width, chart.height = 40, 20, 150, 150
    chart.data = list(sources.values())
    chart.labels = [f"{v}%" for v in sources.values()]
    chart.slices.strokeWidth = 0.5
    for index, color in enumerate(PALETTE):
        chart.slices[index].fillColor = color
    legend = Legend()
    legend.x, legend.y = 260, 140
    legend.colorNamePairs = list(zip(PALETTE, sources))
    drawing.add(chart)
    drawing.add(legend)
    drawing.add(String(40, 185, "Energy by source", fontName="Helvetica-Bold", fontSize=12))
    return drawing


def bars():
    drawing = Drawing(450, 200)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 50, 30, 360, 140
    chart.data = [[310, 340, 420, 510, 590, 640], [280, 300, 310, 330, 390, 420]]
    chart.categoryAxis.categoryNames = months
    chart.valueAxis.valueMin = 0
    chart.bars[0].fillColor, chart.bars[1].fillColor = PALETTE[1], PALETTE[4]
    drawing.add(chart)
    return drawing


def line():
    drawing = Drawing(450, 180)
    chart = HorizontalLineChart()
    chart.x, chart.y, chart.width, chart.height = 50, 30, 360, 120
    chart.data = [[30, 40, 110, 180, 200, 220]]
    chart.categoryAxis.categoryNames = months
    chart.lines[0].strokeColor = PALETTE[3]
    chart.joinedLines = 1
    drawing.add(chart)
    return drawing


styles = getSampleStyleSheet()
story = [Paragraph("Energy report, first half of 2026", styles["Title"]), pie(), Spacer(1, 12),
         Paragraph("Production and use (MWh)", styles["Heading2"]), bars(),
         Paragraph("Surplus", styles["Heading2"]), line()]
SimpleDocTemplate("energy_report.pdf", pagesize=A4).build(story)
