from reportlab.lib import colors
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

styles = getSampleStyleSheet()
menu = {
    "المقبلات": [("حمص بالطحينة", 18), ("متبل", 16), ("تبولة", 20)],
    "الأطباق الرئيسية": [("مقلوبة بالدجاج", 52), ("منسف", 68), ("كبة لبنية", 47)],
    "الحلويات": [("كنافة نابلسية", 25), ("بقلاوة", 22)],
}

story = [Paragraph("مطعم الياسمين", styles["Title"]), Paragraph("Jasmine Restaurant – Menu", styles["Italic"]), Spacer(1, 8)]
for section, dishes in menu.items():
    story.append(Paragraph(section, styles["Heading2"]))
    story.append(HRFlowable(width="100%", color=colors.goldenrod))
    rows = [[f"{price} ₪", dish] for dish, price in dishes]
    table = Table(rows, colWidths=[60, 240])
    table.setStyle([("ALIGN", (1, 0), (1, -1), "RIGHT"), ("TEXTCOLOR", (0, 0), (0, -1), colors.grey)])
    story.append(table)
story.append(Spacer(1, 10))
story.append(Paragraph("جميع الأسعار تشمل <b>ضريبة القيمة المضافة</b> 17%.", styles["Normal"]))

doc = SimpleDocTemplate("menu.pdf", pagesize=A5)
doc.build(story)
