from io import BytesIO

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

styles = getSampleStyleSheet()
cell = styles["BodyText"]
cell.fontSize = 8

header = ["Part", "Description", "Material", "Qty", "Supplier"]
materials = ["Steel", "Aluminium", "Brass", "Nylon", "Birch plywood"]
rows = [header]
for number in range(1, 301):
    rows.append([
        f"P-{number:04d}",
        Paragraph(f"Bracket type {number % 17} with {number % 5 + 2} holes, deburred", cell),
        materials[number % 5],
        number * 7 % 120,
        f"Supplier {chr(65 + number % 26)}",
    ])

buffer = BytesIO()
doc = SimpleDocTemplate(buffer, pagesize=landscape(A4), leftMargin=36, rightMargin=36)
table = LongTable(rows, colWidths=[60, 320, 110, 50, 110], repeatRows=1)
table.setStyle(TableStyle([
    ("BACKGROUND", (0, 0), (-1, 0), colors.darkslategray),
    ("TEXTCOLOR", (0, 0), (-1, 0), colors.white),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.silver),
]))
doc.build(
    [Paragraph("Parts list", styles["Heading1"]), table],
    onLaterPages=lambda c, d: c.drawString(36, 20, f"Page {d.page}"),
)

with open(OUTPUT_PATH, "wb") as out:
    out.write(buffer.getbuffer())
