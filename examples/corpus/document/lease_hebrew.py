from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt


def set_rtl(paragraph):
    pPr = paragraph._p.get_or_add_pPr()
    bidi = OxmlElement("w:bidi")
    bidi.set(qn("w:val"), "1")
    pPr.append(bidi)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for run in paragraph.runs:
        rPr = run._r.get_or_add_rPr()
        rtl = OxmlElement("w:rtl")
        rtl.set(qn("w:val"), "1")
        rPr.append(rtl)
        run.font.name = "David"
        rPr.rFonts.set(qn("w:cs"), "David")
        run.font.size = Pt(12)


doc = Document()
title = doc.add_heading("חוזה שכירות בלתי מוגנת", level=0)
set_rtl(title)

clauses = [
    "שנערך ונחתם בתל אביב ביום 23.11.2026",
    "בין: רונית שמש, ת.ז. 012345678 (להלן: \"המשכירה\")",
    "לבין: דניאל ברק, ת.ז. 876543210 (להלן: \"השוכר\")",
    "הואיל והמשכירה הינה הבעלים של דירה בת 3 חדרים ברחוב ביאליק 14, רמת גן;",
    "והואיל והשוכר מעוניין לשכור את הדירה למטרת מגורים בלבד;",
    "לפיכך הוסכם בין הצדדים כי דמי השכירות יעמדו על סך 5,800 ש\"ח לחודש.",
]
for clause in clauses:
    set_rtl(doc.add_paragraph(clause))

table = doc.add_table(rows=1, cols=2)
table.style = "Table Grid"
bidi_visual = OxmlElement("w:bidiVisual")
table._tbl.tblPr.append(bidi_visual)
table.rows[0].cells[0].text = "תשלום"
table.rows[0].cells[1].text = "תאריך"
for month in range(1, 7):
    cells = table.add_row().cells
    cells[0].text = "₪ 5,800"
    cells[1].text = f"01/{month:02d}/2027"
for row in table.rows:
    for cell in row.cells:
        set_rtl(cell.paragraphs[0])

set_rtl(doc.add_paragraph("\nחתימת המשכירה: ______________     חתימת השוכר: ______________"))
doc.save(OUTPUT_PATH)
