from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.util import Inches, Pt

SLIDES = {
    "מערכת השמש": ["שמונה כוכבי לכת", "השמש היא כוכב", "כדור הארץ – השלישי מהשמש"],
    "כוכבי הלכת הפנימיים": ["כוכב חמה", "נוגה", "כדור הארץ", "מאדים (Mars)"],
    "שאלות לסיכום": ["איזה כוכב לכת הוא הגדול ביותר?", "מדוע יש עונות?"],
}


def make_rtl(paragraph):
    paragraph.alignment = PP_ALIGN.RIGHT
    paragraph._p.get_or_add_pPr().set("rtl", "1")


prs = Presentation()
for title, lines in SLIDES.items():
    slide = prs.slides.add_slide(prs.slide_layouts[1])
    slide.shapes.title.text = title
    make_rtl(slide.shapes.title.text_frame.paragraphs[0])
    frame = slide.placeholders[1].text_frame
    frame.clear()
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.font.size = Pt(26)
        make_rtl(paragraph)
    slide.notes_slide.notes_text_frame.text = "לעצור לשאלות אחרי כל שקף"
prs.core_properties.title = "שיעור אסטרונומיה"
prs.save(OUTPUT_PATH)
