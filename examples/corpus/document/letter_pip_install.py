import subprocess
import sys

# Make sure python-docx is available
subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "python-docx"])

try:
    from docx import Document
except ImportError:
    import os
    os.system("pip install python-docx")
    from docx import Document

from datetime import date

document = Document()
document.add_paragraph(date(2026, 11, 23).strftime("%d %B %Y"))
document.add_paragraph("To Whom It May Concern,")
document.add_paragraph(
    "I am pleased to recommend Tomás Herrera, who worked in our kitchen for three years. "
    "He is punctual, calm under pressure, and makes the best sourdough in town."
)
document.add_paragraph("Sincerely,\n\nMarta Silva\nHead Chef")
document.save("recommendation_letter.docx")
