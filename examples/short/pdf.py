from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

styles = getSampleStyleSheet()
rows = [["Item", "Amount"], ["Rent", "1,200.00"], ["Heating", "140.50"], ["Total", "1,340.50"]]


def footer(canvas, template):
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(A4[0] - 56, 30, f"Page {template.page}")


table = Table(rows, colWidths=[300, 100], hAlign="LEFT")
table.setStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#2F5BD7")),
        ("TEXTCOLOR", (0, 0), (-1, 0), colors.white),
        ("FONTNAME", (0, -1), (-1, -1), "Helvetica-Bold"),
        ("ALIGN", (1, 0), (1, -1), "RIGHT"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.lightgrey),
    ]
)
story = [
    Paragraph(TITLE, styles["Title"]),
    Paragraph("For <b>the flat in Lyon</b>, תל אביב and 東京.", styles["BodyText"]),
    Spacer(1, 12),
    table,
]
progress(60, "Setting the pages")
pages = SimpleDocTemplate(OUTPUT_PATH, pagesize=A4, title=TITLE)
pages.build(story, onFirstPage=footer, onLaterPages=footer)
