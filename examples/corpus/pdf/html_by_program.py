import subprocess
from pathlib import Path

html = """<html><body><h1>Quarterly summary</h1><p>Revenue grew by 12%.</p></body></html>"""
Path("report.html").write_text(html)
subprocess.run(["wkhtmltopdf", "report.html", "report.pdf"], check=True)
