from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph

for name in ("STSong-Light", "HeiseiKakuGo-W5"):
    pdfmetrics.registerFont(UnicodeCIDFont(name))

PHRASES = [
    ("Hello", "你好", "こんにちは", "안녕하세요"),
    ("Thank you", "谢谢", "ありがとうございます", "감사합니다"),
    ("Where is the station?", "车站在哪里？", "駅はどこですか。", "역이 어디예요?"),
    ("How much is it?", "多少钱？", "いくらですか。", "얼마예요?"),
]

c = canvas.Canvas("/tmp/phrasebook.pdf", pagesize=A4)
c.setFont("Helvetica-Bold", 20)
c.drawString(2 * cm, 27 * cm, "Pocket Phrasebook")
c.setFont("STSong-Light", 14)
c.drawString(2 * cm, 26 * cm, "旅行会话手册")
y = 24.5 * cm
for english, chinese, japanese, korean in PHRASES:
    c.setFont("Helvetica", 11)
    c.drawString(2 * cm, y, english)
    c.setFont("STSong-Light", 12)
    c.drawString(7.5 * cm, y, chinese)
    c.setFont("HeiseiKakuGo-W5", 12)
    c.drawString(11 * cm, y, japanese)
    c.setFont("Helvetica", 12)
    c.drawString(16.5 * cm, y, korean)
    y -= 1.1 * cm

note = Paragraph("发音提示：汉语有四个声调，同一个音节因声调不同而意义不同。" * 4,
                 ParagraphStyle("note", fontSize=11, leading=18, wordWrap="CJK"))
note.wrapOn(c, 17 * cm, 10 * cm)
note.drawOn(c, 2 * cm, y - 4 * cm)
c.save()
