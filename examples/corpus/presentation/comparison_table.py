import sys
import traceback

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches, Pt


def build(path):
    prs = Presentation()
    slide = prs.slides.add_slide(prs.slide_layouts[5])
    slide.shapes.title.text = "Which plan fits?"
    features = [
        ("", "Basic", "Team", "Enterprise"),
        ("Users", "1", "10", "unlimited"),
        ("Storage", "5 GB", "100 GB", "1 TB"),
        ("Support", "Email", "Chat", "24/7 phone"),
        ("Price / month", "€0", "€29", "ask us"),
    ]
    shape = slide.shapes.add_table(len(features), 4, Inches(0.5), Inches(1.8), Inches(9), Inches(3))
    table = shape.table
    table.columns[0].width = Inches(2.4)
    for r, row in enumerate(features):
        for c, value in enumerate(row):
            cell = table.cell(r, c)
            cell.text = value
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size = Pt(16)
                if r == 0:
                    paragraph.font.bold = True
            if c == 2 and r:
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor(0xE2, 0xF0, 0xD9)
    merged = slide.shapes.add_table(2, 3, Inches(0.5), Inches(5.4), Inches(9), Inches(1)).table
    merged.cell(0, 0).merge(merged.cell(0, 2))
    merged.cell(0, 0).text = "All plans: GDPR-compliant, cancel any time"
    prs.save(path)


if __name__ == "__main__":
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else "plans.pptx")
    except Exception:
        traceback.print_exc()
        sys.exit(1)
