from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

MILESTONES = [
    {"when": "Jan", "what": "Research", "done": True},
    {"when": "Mar", "what": "Prototype", "done": True},
    {"when": "Jun", "what": "Beta", "done": False},
    {"when": "Sep", "what": "Launch", "done": False},
    {"when": "Dec", "what": "Scale", "done": False},
]

presentation = Presentation()
slide = presentation.slides.add_slide(presentation.slide_layouts[6])
heading = slide.shapes.add_textbox(Inches(0.5), Inches(0.3), Inches(9), Inches(0.8))
heading.text_frame.text = "Product roadmap 2027"
heading.text_frame.paragraphs[0].font.size = Pt(32)

top = Inches(3.2)
step = Emu(int(presentation.slide_width / (len(MILESTONES) + 1)))
line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Inches(0.5), top, presentation.slide_width - Inches(0.5), top)
line.line.width = Pt(4)
line.line.color.theme_color = MSO_THEME_COLOR.ACCENT_1

for index, item in enumerate(MILESTONES, start=1):
    size = Inches(0.5)
    dot = slide.shapes.add_shape(MSO_SHAPE.OVAL, step * index - size // 2, top - size // 2, size, size)
    dot.fill.solid()
    dot.fill.fore_color.rgb = RGBColor(0x27, 0xAE, 0x60) if item["done"] else RGBColor(0xBD, 0xC3, 0xC7)
    dot.line.fill.background()
    card = slide.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE, step * index - Inches(0.7), top + Inches(0.6) if index % 2 else top - Inches(1.6), Inches(1.4), Inches(1))
    card.shadow.inherit = False
    frame = card.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.text = f'{item["when"]}\n{item["what"]}'
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.CENTER
        paragraph.font.size = Pt(14)

group = slide.shapes.add_group_shape()
for offset in range(3):
    star = group.shapes.add_shape(MSO_SHAPE.STAR_5_POINT, Inches(8 + offset * 0.4), Inches(0.4), Inches(0.3), Inches(0.3))
    star.fill.solid()
    star.fill.fore_color.rgb = RGBColor(0xF1, 0xC4, 0x0F)

presentation.save("roadmap.pptx")
