from docx import Document
from docx.shared import Pt

steps = {"Prepare": "Read the list of guests.", "Cook": "Begin two hours before."}

document = Document()
document.styles["Normal"].font.size = Pt(11)
document.sections[0].footer.paragraphs[0].text = TITLE
document.add_heading(TITLE, level=0)
for number, (name, text) in enumerate(steps.items(), start=1):
    document.add_heading(f"{number}. {name}", level=1)
    document.add_paragraph(text)
progress(60, "Adding the table")

table = document.add_table(rows=1, cols=2, style="Table Grid")
table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Dish", "Guests"
for dish, guests in (("Soup", 8), ("Tart", 12)):
    cells = table.add_row().cells
    cells[0].text, cells[1].text = dish, str(guests)

document.save(OUTPUT_PATH)
