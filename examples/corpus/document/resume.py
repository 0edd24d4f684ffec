import docx
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.shared import OxmlElement
from docx.shared import Inches, Mm, Pt, RGBColor


def add_hyperlink(paragraph, text, url):
    r_id = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), r_id)
    run = OxmlElement("w:r")
    text_element = OxmlElement("w:t")
    text_element.text = text
    run.append(text_element)
    link.append(run)
    paragraph._p.append(link)


document = docx.Document()
for section in document.sections:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Inches(0.7)

name = document.add_paragraph()
run = name.add_run("Priya Raman")
run.font.size = Pt(26)
run.font.color.rgb = RGBColor(0x2E, 0x74, 0xB5)
contact = document.add_paragraph("Senior Data Engineer · Amsterdam · ")
add_hyperlink(contact, "priya@example.com", "mailto:priya@example.com")

layout = document.add_table(rows=1, cols=2)
left, right = layout.rows[0].cells
left.width, right.width = Inches(2.0), Inches(4.8)

left.paragraphs[0].add_run("Skills").bold = True
for skill in ["Python", "PostgreSQL", "Kafka", "dbt", "Kubernetes"]:
    left.add_paragraph(f"• {skill}")
left.add_paragraph().add_run("Languages").bold = True
left.add_paragraph("English (C2)\nDutch (B2)\nதமிழ் (native)")

right.paragraphs[0].add_run("Experience").bold = True
jobs = (
    ("Lead Data Engineer", "Polder Energy", "2022 – now", ["Cut nightly loads from 6 h to 40 min", "Mentored a team of five"]),
    ("Data Engineer", "Canal Bikes", "2018 – 2022", ["Built the pricing pipeline", "Introduced data contracts"]),
)
for role, company, years, points in jobs:
    line = right.add_paragraph()
    line.paragraph_format.tab_stops.add_tab_stop(Inches(4.6), WD_TAB_ALIGNMENT.RIGHT)
    line.add_run(f"{role}, {company}").bold = True
    line.add_run(f"\t{years}").italic = True
    for point in points:
        item = right.add_paragraph(style="List Bullet")
        item.add_run(point)

document.save("Priya_Raman_CV.docx")
