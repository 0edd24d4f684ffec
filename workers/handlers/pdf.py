"""PDF: by reportlab."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="PDF",
        suffix=".pdf",
        mime_type="application/pdf",
    )
)
