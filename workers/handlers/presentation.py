"""Slide decks: .pptx by python-pptx."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="presentation",
        suffix=".pptx",
        mime_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
    )
)
