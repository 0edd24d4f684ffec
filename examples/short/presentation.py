from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

deck = Presentation()
deck.slide_width, deck.slide_height = Inches(10), Inches(7.5)

cover = deck.slides.add_slide(deck.slide_layouts[0])
cover.shapes.title.text = TITLE
cover.placeholders[1].text = "Spring review"

points = deck.slides.add_slide(deck.slide_layouts[1])
points.shapes.title.text = "What we learnt"
body = points.placeholders[1].text_frame
body.text = "Visitors come by train"
for line in ("Half of them return", "Sundays are quiet"):
    body.add_paragraph().text = line
progress(60, "Drawing the chart")

data = CategoryChartData()
data.categories = ["April", "May", "June"]
data.add_series("Visitors", (420, 515, 610))
slide = deck.slides.add_slide(deck.slide_layouts[5])
slide.shapes.title.text = "Visitors by month"
area = (Inches(0.8), Inches(1.8), Inches(8.4), Inches(5))
slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *area, data)

deck.save(OUTPUT_PATH)
