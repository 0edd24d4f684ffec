import os
import numpy as np
import pandas as pd
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from pptx import Presentation
from pptx.util import Inches

np.random.seed(3)
frame = pd.DataFrame({
    "day": pd.date_range("2026-10-01", periods=31),
    "visits": np.random.poisson(480, 31).cumsum() / 31,
    "signups": np.random.binomial(480, 0.04, 31),
}).set_index("day")

os.makedirs("charts", exist_ok=True)
for column in frame:
    ax = frame[column].plot(kind="line" if column == "visits" else "bar", figsize=(9, 4), title=column.title())
    ax.set_xlabel("")
    plt.tight_layout()
    plt.savefig(f"charts/{column}.png", dpi=100)
    plt.clf()

prs = Presentation()
for name in sorted(os.listdir("charts")):
    slide = prs.slides.add_slide(prs.slide_layouts[5])
    slide.shapes.title.text = name.removesuffix(".png").title()
    slide.shapes.add_picture(os.path.join("charts", name), Inches(0.5), Inches(1.8), width=Inches(9))
summary = prs.slides.add_slide(prs.slide_layouts[1])
summary.shapes.title.text = "October in numbers"
summary.placeholders[1].text = frame.describe().round(1).to_string()
prs.save("metrics.pptx")
