"""Word documents: .docx by python-docx."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="Word document",
        suffix=".docx",
        mime_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )
)
