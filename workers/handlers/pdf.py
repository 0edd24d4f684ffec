"""PDF: by reportlab."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="PDF",
        suffix=".pdf",
        mime_type="application/pdf",
        check="""
import json, pypdfium2
pdf = pypdfium2.PdfDocument(INPUT_DIR + "/" + DATA)
if not len(pdf):
    raise ValueError("it has no pages")
print(json.dumps({"pages": len(pdf)}))
""",
    )
)
