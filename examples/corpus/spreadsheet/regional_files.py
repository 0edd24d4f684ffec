"""One workbook per region, built in parallel."""
import json
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

data = json.loads("""
{"EMEA": [["Berlin", 120], ["Paris", 98], ["Tel Aviv", 77]],
 "APAC": [["Tokyo", 140], ["Sydney", 66]],
 "AMER": [["Austin", 101], ["São Paulo", 88], ["Toronto", 59]]}
""")
out = Path("/tmp/outputs")
out.mkdir(parents=True, exist_ok=True)
lock = threading.Lock()


def build(region, rows):
    wb = Workbook()
    ws = wb.active
    ws.title = region
    ws.append(["Office", "Headcount"])
    for row in rows:
        ws.append(row)
    ws["A1"].font = ws["B1"].font = Font(bold=True)
    ws.append(["Sum", f"=SUM(B2:B{len(rows) + 1})"])
    target = out / f"headcount_{region.lower()}.xlsx"
    wb.save(target)
    with lock:
        print(f"{threading.current_thread().name}: {target.name}")
    return target


with ThreadPoolExecutor(max_workers=4) as pool:
    futures = [pool.submit(build, region, rows) for region, rows in data.items()]
    done = [future.result() for future in as_completed(futures)]

assert all(path.exists() and path.stat().st_size > 0 for path in done)
print(sorted(p.name for p in out.glob("*.xlsx")))
