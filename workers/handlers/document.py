"""Word documents: .docx by python-docx."""

from workers.handlers.documents import Format, handler

handle = handler(
    Format(
        noun="Word document",
        suffix=".docx",
        mime_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        check="""
import docx, json, os, zipfile
os.chdir(INPUT_DIR)
zipfile.ZipFile(DATA).close()
document = docx.Document(DATA)
print(json.dumps({"paragraphs": len(document.paragraphs), "tables": len(document.tables)}))
""",
    )
)
