from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Inches

CHAPTERS = {
    "Getting started": ["Unpacking", "Connecting the water tank", "First rinse"],
    "Daily use": ["Brewing", "Steaming milk", "Energy saving"],
    "Maintenance": ["Descaling", "Cleaning the group head", "Replacing the gasket"],
    "Troubleshooting": ["No water comes out", "The pump is loud"],
}

document = Document()
document.core_properties.title = "BaristaPro 500 – User Manual"
document.core_properties.author = "Technical Writing"
document.add_paragraph("BaristaPro 500", style="Title")
document.add_paragraph("User manual, revision 7", style="Subtitle")
document.add_page_break()

document.add_heading("Contents", level=1)
toc = parse_xml(
    f'<w:p {nsdecls("w")}><w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
    '<w:r><w:instrText xml:space="preserve">TOC \\o "1-2" \\h \\z \\u</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    '<w:r><w:t>Right-click to update the table of contents.</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
document._body._body.insert(len(document._body._body) - 1, toc)
document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)

for number, (chapter, parts) in enumerate(CHAPTERS.items(), start=1):
    document.add_heading(f"{number}. {chapter}", level=1)
    for index, part in enumerate(parts, start=1):
        document.add_heading(f"{number}.{index} {part}", level=2)
        document.add_paragraph(
            "Switch the machine off and let it cool down before you begin. " * 4
        )
        if part == "Descaling":
            document.add_paragraph("Never use vinegar.", style="Intense Quote")

wide = document.add_section(WD_SECTION.NEW_PAGE)
wide.orientation = WD_ORIENT.LANDSCAPE
wide.page_width, wide.page_height = wide.page_height, wide.page_width
document.add_heading("Appendix: technical data", level=1)
table = document.add_table(rows=0, cols=4, style="Light Grid Accent 1")
for row in (("Voltage", "230 V", "Pump", "15 bar"), ("Power", "1450 W", "Tank", "2.1 l"), ("Width", "28 cm", "Weight", "9.4 kg")):
    for cell, text in zip(table.add_row().cells, row):
        cell.text = text
        cell.width = Inches(2)

document.save("manual.docx")
