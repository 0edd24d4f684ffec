"""Invoice for a quarter of deliveries."""

from datetime import date, timedelta
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

INK, QUIET, ACCENT, BAND = map(HexColor, ("#1d1c1a", "#6b6860", "#2f5bd7", "#f3f2ee"))
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=14, textColor=INK)
RIGHT = ParagraphStyle("right", BODY, alignment=TA_RIGHT)
HEADING = ParagraphStyle("heading", BODY, fontName="Helvetica-Bold", fontSize=24, leading=30)
(WIDTH, HEIGHT), MARGIN, PADDING = A4, 20 * mm, 6

SELLER, NUMBER, ISSUED = "Harbour Coffee Roasters", "2026-0117", date(2026, 1, 5)
CUSTOMER = (DATA or {}).get("customer", "Lindqvist Cafés AB")
VAT = Decimal("0.25")
SHOPS = ["Gamla stan", "Södermalm", "Vasastan", "Uppsala"]
PRODUCTS = [
    ("House espresso, 1 kg", Decimal("18.40")),
    ("Kenya Nyeri filter, 1 kg", Decimal("24.90")),
    ("Decaf Huila, 1 kg", Decimal("21.75")),
    ("Oat drink for baristas, 12 × 1 l", Decimal("23.50")),
    ("Paper cups 240 ml, 1,000", Decimal("64.00")),
    ("Drinking chocolate, 2 kg", Decimal("31.20")),
]


class NumberedCanvas(Canvas):
    """Holds the pages back until their number is known, then writes "page x of y" on each."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.pages = []

    def showPage(self):
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for number, page in enumerate(self.pages, start=1):
            self.__dict__.update(page)
            self.setFont("Helvetica", 8)
            self.setFillColor(QUIET)
            self.drawRightString(WIDTH - MARGIN, 11 * mm, f"Page {number} of {len(self.pages)}")
            super().showPage()

        super().save()


def delivered():
    for week in range(13):
        day = date(2025, 10, 1) + timedelta(weeks=week)
        for i, shop in enumerate(SHOPS):
            for j in range(2):
                item, price = PRODUCTS[(week + 2 * i + 3 * j) % len(PRODUCTS)]
                yield day, shop, item, 2 + (week * 5 + i * 3 + j) % 9, price


def letterhead():
    address = f"<b>{CUSTOMER}</b><br/>Accounts payable<br/>Storgatan 14<br/>111 51 Stockholm"
    terms = (
        f"<b>Invoice {NUMBER}</b><br/>Issued {ISSUED:%d %B %Y}<br/>"
        f"Due {ISSUED + timedelta(days=30):%d %B %Y}<br/>Deliveries October to December 2025"
    )
    columns = Table([[Paragraph(address, BODY), Paragraph(terms, RIGHT)]], colWidths=[85 * mm] * 2)
    columns.setStyle([("LEFTPADDING", (0, 0), (0, 0), 0), ("RIGHTPADDING", (1, 0), (1, 0), 0)])

    return [Paragraph(TITLE, HEADING), Spacer(0, 5 * mm), columns, Spacer(0, 8 * mm)]


def lines_table(lines):
    rows = [["Date", "Shop", "Item", "Quantity", "Price €", "Amount €"]]
    for day, shop, item, quantity, price in lines:
        rows.append([f"{day:%d %b}", shop, item, quantity, price, f"{quantity * price:,}"])

    widths = [width * mm for width in (18, 28, 62, 18, 20, 24)]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        [
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8.5),
            ("FONT", (0, 1), (-1, -1), "Helvetica", 8.5),
            ("TEXTCOLOR", (0, 0), (-1, 0), white),
            ("TEXTCOLOR", (0, 1), (-1, -1), INK),
            ("BACKGROUND", (0, 0), (-1, 0), ACCENT),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, BAND]),
            ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
        ]
    )

    return table


def totals_table(net):
    vat = round(net * VAT, 2)
    rows = [["Net", f"{net:,}"], [f"VAT {VAT:.0%}", f"{vat:,}"], ["Total €", f"{net + vat:,}"]]
    table = Table(rows, colWidths=[36 * mm, 30 * mm], hAlign="RIGHT")
    table.setStyle(
        [
            ("FONT", (0, 0), (-1, -2), "Helvetica", 9.5),
            ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", 12),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("ALIGN", (1, 0), (1, -1), "RIGHT"),
            ("LINEABOVE", (0, -1), (-1, -1), 1, INK),
        ]
    )

    return table


def draw_page(canvas, document):
    progress(min(25 + 15 * document.page, 90), f"Laying out page {document.page}")
    canvas.setFillColor(ACCENT)
    canvas.rect(0, HEIGHT - 4 * mm, WIDTH, 4 * mm, stroke=0, fill=1)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(MARGIN, HEIGHT - 14 * mm, SELLER)
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(QUIET)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 14 * mm, f"Invoice {NUMBER}")
    canvas.drawString(MARGIN, 11 * mm, f"{SELLER} · Kajen 3, 411 04 Göteborg")


progress(10, "Collecting the deliveries")
lines = list(delivered())
totals = totals_table(sum(quantity * price for *_, quantity, price in lines))
payment = Paragraph(f"Please pay within 30 days and name the invoice {NUMBER}.", RIGHT)

progress(25, f"Setting {len(lines)} lines")
sides = dict.fromkeys(("leftMargin", "rightMargin"), MARGIN - PADDING)
document = SimpleDocTemplate(
    OUTPUT_PATH, **sides, topMargin=22 * mm, bottomMargin=20 * mm, title=TITLE, author=SELLER
)
ending = KeepTogether([Spacer(0, 6 * mm), totals, Spacer(0, 4 * mm), payment])
story = [*letterhead(), lines_table(lines), ending]
document.build(story, onFirstPage=draw_page, onLaterPages=draw_page, canvasmaker=NumberedCanvas)
progress(95, f"Saved {document.page} pages")
