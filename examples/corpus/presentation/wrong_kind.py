# The user asked for slides, the model wrote a PDF.
from reportlab.pdfgen import canvas

c = canvas.Canvas("slides.pdf", pagesize=(960, 540))
for title in ("One", "Two", "Three"):
    c.setFont("Helvetica-Bold", 48)
    c.drawCentredString(480, 270, title)
    c.showPage()
c.save()
