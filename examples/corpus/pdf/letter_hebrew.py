# -*- coding: utf-8 -*-
from bidi.algorithm import get_display
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

pdfmetrics.registerFont(TTFont("Hebrew", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))

body = ParagraphStyle("body", fontName="Hebrew", fontSize=12, leading=18, alignment=TA_RIGHT)
title = ParagraphStyle("title", parent=body, fontSize=20, leading=28)


def heb(text, style=body):
    return Paragraph(get_display(text), style)


story = [
    heb("מכתב תודה", title),
    Spacer(1, 12),
    heb("לכבוד צוות בית החולים,"),
    heb("אני מבקש להודות לכם על הטיפול המסור."),
    heb("בברכה, אבי לוין"),
]
SimpleDocTemplate(OUTPUT_PATH, pagesize=A4).build(story)
