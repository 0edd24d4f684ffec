from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor


def add_page_number(paragraph):
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)


def shade(cell, color):
    properties = cell._tc.get_or_add_tcPr()
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:color"), "auto")
    shading.set(qn("w:fill"), color)
    properties.append(shading)


doc = Document()
section = doc.sections[0]
section.left_margin = section.right_margin = Cm(2.5)
style = doc.styles["Normal"]
style.font.name = "Calibri"
style.font.size = Pt(11)

header = section.header.paragraphs[0]
header.text = "Northwind Analytics\tProposal\tConfidential"
footer = section.footer.paragraphs[0]
footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
footer.add_run("Page ")
add_page_number(footer)

title = doc.add_heading("Customer Data Platform", level=0)
title.runs[0].font.color.rgb = RGBColor(0x1F, 0x38, 0x64)
doc.add_paragraph("A proposal for Contoso Retail, November 2026").italic = True

doc.add_heading("Executive summary", level=1)
p = doc.add_paragraph("We propose to unify ")
p.add_run("eleven customer sources").bold = True
p.add_run(" into one profile within ")
p.add_run("16 weeks").underline = True
p.add_run(".")

doc.add_heading("Goals", level=1)
for goal in ("One identity per customer", "Consent honoured everywhere", "Segments within minutes"):
    doc.add_paragraph(goal, style="List Bullet")
doc.add_heading("Phases", level=1)
for phase in ("Inventory of sources", "Identity resolution", "Activation", "Handover"):
    doc.add_paragraph(phase, style="List Number")

doc.add_heading("Budget", level=1)
table = doc.add_table(rows=1, cols=3)
table.style = "Table Grid"
table.alignment = WD_TABLE_ALIGNMENT.CENTER
for cell, text in zip(table.rows[0].cells, ("Phase", "Weeks", "Cost (€)")):
    cell.text = text
    cell.paragraphs[0].runs[0].font.bold = True
    shade(cell, "D9E2F3")
total = 0
for phase, weeks, cost in (("Inventory", 3, 24000), ("Identity", 6, 61000), ("Activation", 5, 47500), ("Handover", 2, 12000)):
    row = table.add_row().cells
    row[0].text, row[1].text, row[2].text = phase, str(weeks), f"{cost:,}"
    row[2].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    total += cost
last = table.add_row().cells
merged = last[0].merge(last[1])
merged.text = "Total"
last[2].text = f"{total:,}"

doc.save("/mnt/data/proposal.docx")
print("Proposal created successfully!")
