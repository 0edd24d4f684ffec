from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

WIDTH, HEIGHT = A4
LINES = [("Website redesign", 1, 3200.0), ("Hosting, 12 months", 12, 18.5), ("Stock photos", 8, 12.0)]


def draw_header(c):
    c.setFillColorRGB(0.13, 0.29, 0.53)
    c.rect(0, HEIGHT - 40 * mm, WIDTH, 40 * mm, fill=1, stroke=0)
    c.setFillColor(colors.white)
    c.setFont("Helvetica-Bold", 26)
    c.drawString(20 * mm, HEIGHT - 25 * mm, "INVOICE")
    c.setFont("Helvetica", 10)
    c.drawRightString(WIDTH - 20 * mm, HEIGHT - 20 * mm, "Invoice no. 2026-0117")
    c.drawRightString(WIDTH - 20 * mm, HEIGHT - 26 * mm, "Date: 23/11/2026")


def draw_lines(c, y):
    c.setFillColor(colors.black)
    c.setFont("Helvetica-Bold", 10)
    for x, text in ((20, "Description"), (115, "Qty"), (140, "Unit"), (170, "Amount")):
        c.drawString(x * mm, y, text)
    c.line(20 * mm, y - 2 * mm, WIDTH - 20 * mm, y - 2 * mm)
    c.setFont("Helvetica", 10)
    total = 0
    for text, quantity, unit in LINES:
        y -= 8 * mm
        total += quantity * unit
        c.drawString(20 * mm, y, text)
        c.drawRightString(122 * mm, y, str(quantity))
        c.drawRightString(152 * mm, y, f"{unit:,.2f}")
        c.drawRightString(190 * mm, y, f"{quantity * unit:,.2f}")
    return y, total


def main():
    c = canvas.Canvas("invoice.pdf", pagesize=A4)
    c.setTitle("Invoice 2026-0117")
    draw_header(c)
    y, total = draw_lines(c, HEIGHT - 70 * mm)
    y -= 14 * mm
    c.setFont("Helvetica-Bold", 12)
    c.drawRightString(190 * mm, y, f"Total: € {total:,.2f}")
    c.setDash(3, 2)
    c.roundRect(20 * mm, 25 * mm, 170 * mm, 20 * mm, 3 * mm)
    c.setFont("Helvetica-Oblique", 9)
    c.drawCentredString(WIDTH / 2, 34 * mm, "Payable within 30 days – thank you for your business!")
    c.showPage()
    c.save()


if __name__ == "__main__":
    main()
