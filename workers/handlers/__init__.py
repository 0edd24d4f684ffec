"""One file a job type; a handler turns a payload into an outcome and knows nothing of the queue."""

from workers.handlers import document, pdf, presentation, spreadsheet
from workers.handlers.documents import Handler

HANDLERS: dict[str, Handler] = {
    "spreadsheet": spreadsheet.handle,
    "document": document.handle,
    "pdf": pdf.handle,
    "presentation": presentation.handle,
}
