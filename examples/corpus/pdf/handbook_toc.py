from hashlib import sha1

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle as PS
from reportlab.lib.units import cm
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph
from reportlab.platypus.tableofcontents import TableOfContents


class HandbookTemplate(BaseDocTemplate):
    def __init__(self, filename, **kwargs):
        super().__init__(filename, **kwargs)
        frame = Frame(2 * cm, 2 * cm, A4[0] - 4 * cm, A4[1] - 4.5 * cm, id="main")
        self.addPageTemplates([PageTemplate(id="all", frames=[frame], onPage=self.decorate)])

    def decorate(self, canvas, doc):
        canvas.saveState()
        canvas.setFont("Times-Italic", 9)
        canvas.drawString(2 * cm, A4[1] - 1.5 * cm, "Volunteer Handbook")
        canvas.drawRightString(A4[0] - 2 * cm, 1.2 * cm, str(doc.page))
        canvas.restoreState()

    def afterFlowable(self, flowable):
        if isinstance(flowable, Paragraph) and flowable.style.name in ("Heading1", "Heading2"):
            level = int(flowable.style.name[-1]) - 1
            text = flowable.getPlainText()
            key = sha1((text + flowable.style.name).encode()).hexdigest()
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level, closed=False)
            self.notify("TOCEntry", (level, text, self.page, key))


h1 = PS(name="Heading1", fontSize=18, leading=24, spaceAfter=10)
h2 = PS(name="Heading2", fontSize=13, leading=18, spaceBefore=8)
body = PS(name="body", fontName="Times-Roman", fontSize=11, leading=15)

toc = TableOfContents()
toc.levelStyles = [PS(name="toc1", fontSize=12, leading=18), PS(name="toc2", fontSize=10, leftIndent=16, leading=14)]

story = [Paragraph("<b>Contents</b>", PS(name="plain", fontSize=18, leading=24)), toc, PageBreak()]
for chapter, parts in {
    "Welcome": ["Who we are", "What you can expect"],
    "Your first week": ["People to meet", "Keys and alarms"],
    "Safety": ["Fire", "First aid", "Working alone"],
}.items():
    story.append(Paragraph(chapter, h1))
    for part in parts:
        story.append(Paragraph(part, h2))
        story += [Paragraph("Please read this part together with your buddy and ask about anything unclear. " * 6, body)] * 2
    story.append(PageBreak())

HandbookTemplate(OUTPUT_PATH, pagesize=A4, title="Volunteer Handbook").multiBuild(story)
