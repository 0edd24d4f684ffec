#!/usr/bin/env python3
import argparse
import csv
import io
import logging
import os
import statistics
import sys

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("grades")

CSV = """student,homework,midterm,final
Amina Diallo,88,91,94
Bruno Costa,72,65,70
Chiara Rossi,95,89,97
Deepak Nair,61,58,66
Elif Yilmaz,84,79,88
"""


def parse_args():
    parser = argparse.ArgumentParser(description="Build a grade book")
    parser.add_argument("--output", default="~/Desktop/grades.xlsx", help="where to save")
    parser.add_argument("--weights", nargs=3, type=float, default=[0.3, 0.3, 0.4])
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def main():
    args = parse_args()
    if args.verbose:
        log.setLevel(logging.DEBUG)
    rows = list(csv.DictReader(io.StringIO(CSV)))
    wb = Workbook()
    ws = wb.active
    ws.title = "Grades"
    ws.append(["Student", "Homework", "Midterm", "Final", "Weighted"])
    for row in rows:
        scores = [int(row[k]) for k in ("homework", "midterm", "final")]
        ws.append([row["student"], *scores, round(sum(s * w for s, w in zip(scores, args.weights)), 1)])
    ws.append(["Median", *(statistics.median(c.value for c in col) for col in ws.iter_cols(2, 5, 2, len(rows) + 1))])
    ws.conditional_formatting.add("B2:D6", ColorScaleRule(
        start_type="min", start_color="F8696B", mid_type="percentile", mid_value=50, mid_color="FFEB84",
        end_type="max", end_color="63BE7B"))
    ws.conditional_formatting.add("E2:E6", DataBarRule("num", 0, "num", 100, color="638EC6"))

    path = os.path.expanduser(args.output)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    wb.save(path)
    log.info("saved %s", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
