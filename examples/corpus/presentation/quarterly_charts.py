from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.util import Inches, Pt

prs = Presentation()
quarters = ["Q1", "Q2", "Q3", "Q4"]


def chart_slide(title, kind, data):
    slide = prs.slides.add_slide(prs.slide_layouts[5])
    slide.shapes.title.text = title
    frame = slide.shapes.add_chart(kind, Inches(0.8), Inches(1.7), Inches(8.4), Inches(5), data)
    return frame.chart


columns = CategoryChartData()
columns.categories = quarters
columns.add_series("2024", (19.2, 21.4, 16.7, 23.1))
columns.add_series("2025", (22.3, 28.6, 15.2, 27.9))
chart = chart_slide("Revenue by quarter (M€)", XL_CHART_TYPE.COLUMN_CLUSTERED, columns)
chart.has_legend = True
chart.legend.position = XL_LEGEND_POSITION.BOTTOM
chart.legend.include_in_layout = False
plot = chart.plots[0]
plot.has_data_labels = True
plot.data_labels.font.size = Pt(11)
plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END

pie = CategoryChartData()
pie.categories = ["Europe", "Asia", "Americas"]
pie.add_series("Share", (0.52, 0.31, 0.17))
chart = chart_slide("Where it comes from", XL_CHART_TYPE.DOUGHNUT, pie)
chart.plots[0].has_data_labels = True
chart.plots[0].data_labels.number_format = "0%"
chart.plots[0].data_labels.number_format_is_linked = False

points = XyChartData()
series = points.add_series("Shops")
for x, y in ((1.2, 2.7), (2.1, 3.0), (2.9, 4.4), (4.2, 4.1), (5.0, 6.2)):
    series.add_data_point(x, y)
chart = chart_slide("Staff and revenue", XL_CHART_TYPE.XY_SCATTER, points)
chart.series[0].marker.format.fill.solid()
chart.series[0].marker.format.fill.fore_color.rgb = RGBColor(0xC0, 0x39, 0x2B)

prs.save("/mnt/data/quarterly.pptx")
