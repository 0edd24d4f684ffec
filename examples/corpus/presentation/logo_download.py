import io
import urllib.request

from pptx import Presentation
from pptx.util import Inches

prs = Presentation()
slide = prs.slides.add_slide(prs.slide_layouts[5])
slide.shapes.title.text = "Our partner"
with urllib.request.urlopen("https://upload.wikimedia.org/wikipedia/commons/a/a9/Example.jpg") as response:
    slide.shapes.add_picture(io.BytesIO(response.read()), Inches(2), Inches(2))
prs.save("partner.pptx")
