import io
import random
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

random.seed(11)


def artwork(width=300, height=300):
    """A random geometric composition standing in for a product photo."""
    img = Image.new("RGB", (width, height), (250, 247, 240))
    draw = ImageDraw.Draw(img, "RGBA")
    for _ in range(25):
        x, y = random.randint(0, width), random.randint(0, height)
        r = random.randint(10, 70)
        color = tuple(random.randint(60, 230) for _ in range(3)) + (150,)
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape([x - r, y - r, x + r, y + r], fill=color)
    return img


c = canvas.Canvas("catalogue.pdf", pagesize=A4)
width, height = A4
for page in range(2):
    c.setFont("Times-Bold", 22)
    c.drawCentredString(width / 2, height - 60, f"Autumn Prints, plate {page + 1}")
    for index in range(4):
        buffer = io.BytesIO()
        artwork().save(buffer, "JPEG" if index % 2 else "PNG")
        buffer.seek(0)
        x = 70 + (index % 2) * 240
        y = height - 330 - (index // 2) * 290
        c.drawImage(ImageReader(buffer), x, y, 210, 210)
        c.setFont("Times-Roman", 11)
        c.drawString(x, y - 16, f"No. {page * 4 + index + 1} — giclée on paper, £{45 + index * 10}")
    c.showPage()
c.save()
