import os
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Inches, Pt
from PIL import Image, ImageDraw, ImageFont, ImageFilter

SEAL = "/tmp/seal.png"


def draw_seal(path):
    size = 400
    image = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, size - 10, size - 10), fill=(184, 134, 11), outline=(120, 80, 0), width=8)
    draw.ellipse((50, 50, size - 50, size - 50), outline="white", width=5)
    try:
        font = ImageFont.truetype("arial.ttf", 64)
    except OSError:
        try:
            font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", 64)
        except OSError:
            font = ImageFont.load_default()
    text = "2026"
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    draw.text(((size - right + left) / 2, (size - bottom + top) / 2 - 10), text, font=font, fill="white")
    image.filter(ImageFilter.SMOOTH).save(path)


draw_seal(SEAL)
assert os.path.exists(SEAL)

doc = Document()
section = doc.sections[0]
section.orientation = WD_ORIENT.LANDSCAPE
section.page_width, section.page_height = section.page_height, section.page_width

for text, size, bold in (
    ("Certificate of Completion", 36, True),
    ("This certifies that", 16, False),
    ("Łukasz Żółkowski", 30, True),
    ("has completed the course “Foundations of Beekeeping” (40 hours)", 16, False),
):
    paragraph = doc.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold = bold
    run.font.name = "Georgia"

picture = doc.add_paragraph()
picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
picture.add_run().add_picture(SEAL, width=Inches(1.6))
doc.save(os.path.join(os.path.dirname(os.path.abspath(__file__)), "certificate.docx"))
