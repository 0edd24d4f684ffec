ALTER TABLE document_jobs DROP COLUMN trace_context;
