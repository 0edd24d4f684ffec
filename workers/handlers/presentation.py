"""Slide decks: .pptx by python-pptx."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="presentation",
        suffix=".pptx",
        mime_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        check="""
import json, os, pptx, zipfile
os.chdir(INPUT_DIR)
zipfile.ZipFile(DATA).close()
deck = pptx.Presentation(DATA)
print(json.dumps({"slides": len(deck.slides)}))
""",
    )
)
