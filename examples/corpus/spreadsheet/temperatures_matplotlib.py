import math
import os
import tempfile

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from openpyxl import Workbook
from openpyxl.drawing.image import Image as XLImage

cities = {"Oslo": (5.7, 11.5), "Lisbon": (17.2, 6.1), "北京": (12.9, 15.4)}
months = range(1, 13)

wb = Workbook()
ws = wb.active
ws.title = "Temperatures"
ws.append(["Month", *cities])
for month in months:
    ws.append([month] + [
        round(mean - swing * math.cos((month - 1) * math.pi / 6), 1) for mean, swing in cities.values()
    ])

with tempfile.TemporaryDirectory() as tmp:
    plt.style.use("ggplot")
    fig, ax = plt.subplots(figsize=(8, 4.5))
    for index, city in enumerate(cities, start=2):
        values = [ws.cell(row=m + 1, column=index).value for m in months]
        ax.plot(list(months), values, marker="o", label=city)
    ax.set_title("Average temperature (°C)")
    ax.set_xlabel("Month")
    ax.legend()
    fig.tight_layout()
    chart_file = os.path.join(tmp, "chart.png")
    fig.savefig(chart_file, dpi=110)
    plt.close(fig)

    picture = XLImage(chart_file)
    picture.width, picture.height = 640, 360
    ws.add_image(picture, "F2")
    # openpyxl reads the picture while saving, so save inside of the with block
    wb.save(OUTPUT_PATH)

plt.show()
