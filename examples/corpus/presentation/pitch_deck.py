from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.util import Inches, Pt

prs = Presentation()
prs.slide_width = Inches(13.333)
prs.slide_height = Inches(7.5)

NAVY = RGBColor(0x0B, 0x25, 0x45)
CORAL = RGBColor(0xFF, 0x6B, 0x6B)


def add_title_slide(title, subtitle):
    slide = prs.slides.add_slide(prs.slide_layouts[6])
    background = slide.background.fill
    background.solid()
    background.fore_color.rgb = NAVY
    box = slide.shapes.add_textbox(Inches(1), Inches(2.5), Inches(11), Inches(2))
    frame = box.text_frame
    frame.text = title
    frame.paragraphs[0].font.size = Pt(54)
    frame.paragraphs[0].font.bold = True
    frame.paragraphs[0].font.color.rgb = RGBColor(255, 255, 255)
    p = frame.add_paragraph()
    p.text = subtitle
    p.font.size = Pt(24)
    p.font.color.rgb = CORAL


def add_bullets(title, bullets):
    slide = prs.slides.add_slide(prs.slide_layouts[1])
    slide.shapes.title.text = title
    body = slide.placeholders[1].text_frame
    for index, (text, level) in enumerate(bullets):
        paragraph = body.paragraphs[0] if index == 0 else body.add_paragraph()
        paragraph.text = text
        paragraph.level = level


add_title_slide("LoopCup", "Reusable cups, returned anywhere")
add_bullets("The problem", [("500 billion single-use cups a year", 0), ("Less than 1% are recycled", 1), ("Cafés want out of it", 0)])
add_bullets("Our answer", [("Borrow with your phone", 0), ("Return at any of 900 points", 0), ("€0.10 per use for the café", 1)])
add_bullets("Traction", [("42 cafés", 0), ("61,000 uses", 0), ("98.3% returned", 0)])

ask = prs.slides.add_slide(prs.slide_layouts[5])
ask.shapes.title.text = "The ask: €750k"
box = ask.shapes.add_textbox(Inches(3), Inches(3), Inches(7), Inches(1.5))
box.text_frame.text = "18 months · 4 cities · break-even in Q2 2028"
box.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
box.text_frame.paragraphs[0].font.size = Pt(28)

prs.save("loopcup_pitch.pptx")
print("Deck saved: loopcup_pitch.pptx")
