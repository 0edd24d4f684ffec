import requests
from openpyxl import Workbook

response = requests.get("https://api.exchangerate.host/latest", params={"base": "EUR"}, timeout=10)
response.raise_for_status()
rates = response.json()["rates"]

wb = Workbook()
ws = wb.active
ws.title = "EUR rates"
ws.append(["Currency", "Rate"])
for currency, rate in sorted(rates.items()):
    ws.append([currency, rate])
wb.save("rates.xlsx")
