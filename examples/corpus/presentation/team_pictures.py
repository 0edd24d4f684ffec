import io
import os
import random

from PIL import Image, ImageDraw, ImageOps
from pptx import Presentation
from pptx.util import Inches, Pt

random.seed("team")
TEAM = [("Nadia", "Product"), ("Kofi", "Engineering"), ("Lin", "Design"), ("Sören", "Support")]

os.makedirs("/tmp/avatars", exist_ok=True)


def avatar(name):
    size = 256
    image = Image.linear_gradient("L").resize((size, size))
    colors = ["#%06x" % random.randint(0, 0xFFFFFF) for _ in range(2)]
    image = ImageOps.colorize(image, *colors)
    draw = ImageDraw.Draw(image)
    draw.ellipse((78, 50, 178, 150), fill="white")
    draw.pieslice((38, 160, 218, 340), 180, 360, fill="white")
    path = f"/tmp/avatars/{name.lower()}.png"
    image.save(path, optimize=True)
    return path


prs = Presentation()
layout = prs.slide_layouts[5]
slide = prs.slides.add_slide(layout)
slide.shapes.title.text = "Meet the team"
for index, (name, role) in enumerate(TEAM):
    left = Inches(0.6 + index * 2.3)
    slide.shapes.add_picture(avatar(name), left, Inches(2), width=Inches(1.9))
    caption = slide.shapes.add_textbox(left, Inches(4), Inches(1.9), Inches(1))
    caption.text_frame.text = name
    caption.text_frame.paragraphs[0].font.bold = True
    role_line = caption.text_frame.add_paragraph()
    role_line.text = role
    role_line.font.size = Pt(14)

cropped = slide.shapes.add_picture("/tmp/avatars/lin.png", Inches(8), Inches(5.5), height=Inches(1))
cropped.crop_left = 0.2

stream = io.BytesIO()
prs.save(stream)
with open(OUTPUT_PATH, "wb") as handle:
    handle.write(stream.getvalue())
