import os

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import inch
from reportlab.pdfgen import canvas
from reportlab.platypus import KeepTogether, ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle


class NumberedCanvas(canvas.Canvas):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._saved = []

    def showPage(self):
        self._saved.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for state in self._saved:
            self.__dict__.update(state)
            self.setFont("Helvetica", 8)
            self.setFillColor(colors.grey)
            self.drawRightString(7.5 * inch, 0.5 * inch, f"Page {self._pageNumber} of {len(self._saved)}")
            super().showPage()
        super().save()


styles = getSampleStyleSheet()
styles.add(ParagraphStyle(name="Cover", parent=styles["Title"], fontSize=32, leading=38, spaceBefore=2.5 * inch))
styles.add(ParagraphStyle(name="Justify", parent=styles["BodyText"], alignment=TA_JUSTIFY, leading=15))
styles.add(ParagraphStyle(name="Centered", parent=styles["Normal"], alignment=TA_CENTER))

story = [
    Paragraph("Annual Report 2025", styles["Cover"]),
    Paragraph("The Green Valley Cooperative", styles["Centered"]),
    PageBreak(),
    Paragraph("Letter from the chair", styles["Heading1"]),
]
for _ in range(3):
    story.append(Paragraph(
        "This year we planted <b>12,400 trees</b>, opened a second farm shop and, <i>for the first time</i>, "
        "covered all of our energy from the sun. Members voted to invest the surplus of "
        "<font color='#2e7d32'>€86,000</font> in cold storage. " * 3, styles["Justify"]))
    story.append(Spacer(1, 10))
story.append(ListFlowable([ListItem(Paragraph(t, styles["Normal"])) for t in ("611 members", "94 % organic", "3 new crops")], bulletType="bullet"))

rows = [["", "2023", "2024", "2025"], ["Revenue", "1.91", "2.07", "2.34"], ["Costs", "1.78", "1.95", "2.11"], ["Surplus", "0.13", "0.12", "0.23"]]
table = Table(rows, colWidths=[2 * inch] + [1.2 * inch] * 3)
table.setStyle(TableStyle([
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#2e7d32")),
    ("TEXTCOLOR", (0, 0), (-1, 0), colors.whitesmoke),
    ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, colors.HexColor("#f1f8e9")]),
    ("LINEABOVE", (0, -1), (-1, -1), 1, colors.black),
    ("GRID", (0, 0), (-1, -1), 0.25, colors.lightgrey),
]))
story += [PageBreak(), KeepTogether([Paragraph("Figures in € million", styles["Heading2"]), table])]

output = "/mnt/data/annual_report.pdf"
os.makedirs(os.path.dirname(output), exist_ok=True)
SimpleDocTemplate(output, pagesize=letter, title="Annual Report 2025", author="Green Valley").build(story, canvasmaker=NumberedCanvas)
print(f"Report generated: {output}")
