-- Who asked, as a W3C traceparent: the attempts go on with that trace. A hint like any other;
-- what is no traceparent begins a trace of its own.
ALTER TABLE document_jobs ADD COLUMN trace_context text;
