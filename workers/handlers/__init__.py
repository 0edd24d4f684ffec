"""One file a job type; a handler turns a payload into an outcome and knows nothing of the queue."""

from db.payloads import PREVIEW
from workers.handlers import document, pdf, presentation, preview, spreadsheet
from workers.handlers.documents import Handler

HANDLERS: dict[str, Handler] = {
    "spreadsheet": spreadsheet.handle,
    "document": document.handle,
    "pdf": pdf.handle,
    "presentation": presentation.handle,
    PREVIEW: preview.handle,
}
