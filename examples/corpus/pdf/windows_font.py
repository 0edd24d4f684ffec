from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

pdfmetrics.registerFont(TTFont("Arial", "arial.ttf"))
c = canvas.Canvas("letter.pdf")
c.setFont("Arial", 12)
c.drawString(72, 750, "Dear customer,")
c.save()
