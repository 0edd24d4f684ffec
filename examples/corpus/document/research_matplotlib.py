import io

import matplotlib.pyplot as plt
import numpy as np
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Inches

rng = np.random.default_rng(2026)
dose = np.linspace(0, 10, 40)
response = 100 / (1 + np.exp(-(dose - 5))) + rng.normal(0, 4, dose.size)


def figure_to_stream(fig):
    stream = io.BytesIO()
    fig.savefig(stream, format="png", dpi=120, bbox_inches="tight")
    plt.close(fig)
    stream.seek(0)
    return stream


doc = Document()
doc.add_heading("Dose–Response Study", 0)
doc.add_paragraph("Abstract. We observed a sigmoidal response with an EC50 near 5 mg.", style="Intense Quote")

fig, ax = plt.subplots(figsize=(6, 3.5))
ax.scatter(dose, response, s=18, alpha=0.7)
ax.plot(dose, 100 / (1 + np.exp(-(dose - 5))), color="crimson", label=r"$f(x)=\frac{100}{1+e^{-(x-5)}}$")
ax.set(xlabel="Dose (mg)", ylabel="Response (%)")
ax.legend()
doc.add_picture(figure_to_stream(fig), width=Inches(5.5))
caption = doc.add_paragraph("Figure 1. Response by dose.", style="Caption")
caption.alignment = WD_ALIGN_PARAGRAPH.CENTER

fig, axes = plt.subplots(1, 2, figsize=(7, 3))
axes[0].hist(response, bins=12, edgecolor="white")
axes[0].set_title("Histogram")
axes[1].boxplot([response[:20], response[20:]], tick_labels=["low", "high"])
axes[1].set_title("Groups")
doc.add_picture(figure_to_stream(fig), width=Inches(6))

doc.add_heading("Results", 1)
table = doc.add_table(rows=1, cols=2)
for cell, text in zip(table.rows[0].cells, ("Statistic", "Value")):
    cell.text = text
for name, value in {"Mean": response.mean(), "Std": response.std(ddof=1), "Max": response.max()}.items():
    row = table.add_row().cells
    row[0].text, row[1].text = name, f"{value:.2f}"
doc.save(OUTPUT_PATH)
