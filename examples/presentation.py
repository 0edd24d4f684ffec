"""Plan for the coming year."""

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

INK, QUIET, ACCENT = map(RGBColor.from_string, ("1D1C1A", "6B6860", "2F5BD7"))
PALE, WHITE, BAND = map(RGBColor.from_string, ("B9C8F2", "FFFFFF", "F3F2EE"))
TITLE_ONLY, TITLE_AND_CONTENT = 5, 1
LEFT, WIDTH = Inches(0.8), Inches(11.73)
QUARTERS = ["Q1", "Q2", "Q3", "Q4"]
REVENUE = {"2025": (1.71, 1.88, 1.83, 2.14), "2026 plan": (1.95, 2.16, 2.13, 2.52)}
GOALS = [
    ("Open two roasteries", "Copenhagen in April, Hamburg in September"),
    ("Halve the delivery time", "From four days to two, by regional stock"),
    ("Grow subscriptions to 12,000", "Today 7,400; a referral programme starts in March"),
    ("Cut waste to 150 kg a month", "Chaff goes to growers instead of landfill"),
]
MILESTONES = [
    ("Milestone", "Owner", "When", "Budget"),
    ("Regional stock in Malmö", "Logistics", "February", "€ 120 k"),
    ("Referral programme", "Marketing", "March", "€ 45 k"),
    ("Copenhagen opens", "Operations", "April", "€ 640 k"),
    ("Hamburg opens", "Operations", "September", "€ 710 k"),
    ("Roast planner, second version", "Engineering", "October", "€ 95 k"),
]


def add_cover(deck):
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = INK
    add_bar(slide, LEFT + Inches(0.1), Inches(2.5), Inches(1.2), Inches(0.09))
    place_title(slide, TITLE, Inches(2.75), size=48, colour=WHITE)
    add_line(
        slide, Inches(3.8), "Harbour Coffee Roasters  ·  board meeting, January 2026", 20, PALE
    )


def add_slide(deck, title, layout=TITLE_ONLY):
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    add_bar(slide, 0, Inches(0.55), Inches(0.18), Inches(0.8))
    place_title(slide, title, Inches(0.5), size=32, colour=INK)
    add_line(slide, Inches(6.9), f"{TITLE}  ·  {len(deck.slides)}", 11, QUIET)

    return slide


def add_bar(slide, *box):
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box)
    bar.fill.solid()
    bar.fill.fore_color.rgb = ACCENT
    bar.line.fill.background()
    bar.shadow.inherit = False


def place_title(slide, text, top, *, size, colour):
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = LEFT, top, WIDTH, Inches(0.9)
    title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    write(title.text_frame.paragraphs[0], text, size, colour, bold=True)
    title.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT


def add_line(slide, top, text, size, colour):
    frame = slide.shapes.add_textbox(LEFT, top, WIDTH, Inches(0.4)).text_frame
    frame.word_wrap = True
    write(frame.paragraphs[0], text, size, colour)


def write(paragraph, text, size, colour, *, bold=False):
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour


def add_goals(deck):
    slide = add_slide(deck, "Four goals for the year", TITLE_AND_CONTENT)
    body = slide.placeholders[1]
    body.left, body.top, body.width, body.height = LEFT, Inches(1.75), WIDTH, Inches(4.9)
    for i, (goal, detail) in enumerate(GOALS):
        frame = body.text_frame
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(16)
        write(paragraph, goal, 24, INK, bold=True)
        paragraph.add_line_break()
        write(paragraph, detail, 18, QUIET)


def add_chart(deck):
    data = CategoryChartData(number_format="0.0")
    data.categories = QUARTERS
    for name, values in REVENUE.items():
        data.add_series(name, values)

    slide = add_slide(deck, "Revenue grows by 16 %, in million euros")
    box = LEFT, Inches(1.6), WIDTH, Inches(5.2)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data).chart
    chart.font.size, chart.font.color.rgb = Pt(16), QUIET
    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = 0
    chart.category_axis.format.line.color.rgb = PALE
    plot = chart.plots[0]
    plot.gap_width, plot.overlap, plot.has_data_labels = 60, -5, True
    for series, colour in zip(plot.series, (PALE, ACCENT), strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour


def add_milestones(deck):
    slide = add_slide(deck, "Milestones and what they cost")
    box = LEFT, Inches(1.75), WIDTH, Inches(4.5)
    table = slide.shapes.add_table(len(MILESTONES), len(MILESTONES[0]), *box).table
    for column, inches in enumerate((5.23, 2.5, 2.2, 1.8)):
        table.columns[column].width = Inches(inches)

    for r, row in enumerate(MILESTONES):
        fill = ACCENT if r == 0 else WHITE if r % 2 else BAND
        for c, text in enumerate(row):
            cell = table.cell(r, c)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = fill
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if c == 3 else PP_ALIGN.LEFT
            write(paragraph, text, 18, WHITE if r == 0 else INK, bold=r == 0)


deck = Presentation()
deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
deck.core_properties.title, deck.core_properties.author = TITLE, "Harbour Coffee Roasters"

steps = {"cover": add_cover, "goals": add_goals, "chart": add_chart, "milestones": add_milestones}
for i, (name, step) in enumerate(steps.items()):
    progress(10 + 20 * i, f"Slide {i + 1} of {len(steps)}: {name}")
    step(deck)

progress(90, "Saving the deck")
deck.save(OUTPUT_PATH)
