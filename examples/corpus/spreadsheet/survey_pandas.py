import numpy as np
import pandas as pd

np.random.seed(0)

n = 240
df = pd.DataFrame({
    "respondent": np.arange(1, n + 1),
    "region": np.random.choice(["North", "South", "East", "West"], n),
    "age_group": np.random.choice(["18-29", "30-44", "45-59", "60+"], n, p=[0.3, 0.3, 0.25, 0.15]),
    "satisfaction": np.clip(np.random.normal(7.2, 1.6, n).round(), 1, 10).astype(int),
    "answered": pd.date_range("2026-09-01", periods=n, freq="3h"),
})

summary = (
    df.groupby(["region", "age_group"])["satisfaction"]
    .agg(["count", "mean", "std"])
    .round(2)
    .reset_index()
)
pivot = df.pivot_table(index="region", columns="age_group", values="satisfaction", aggfunc="mean").round(2)

with pd.ExcelWriter("survey_results.xlsx", engine="openpyxl") as writer:
    df.to_excel(writer, sheet_name="Responses", index=False)
    summary.to_excel(writer, sheet_name="Summary", index=False)
    pivot.to_excel(writer, sheet_name="Pivot")
    for name, sheet in writer.sheets.items():
        sheet.freeze_panes = "A2"
        for column in sheet.columns:
            longest = max(len(str(cell.value)) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = min(longest + 2, 40)

print(summary.to_string())
print("Overall mean:", df["satisfaction"].mean())
