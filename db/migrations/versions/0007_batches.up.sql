-- How far a batch is, and the list of its jobs.
CREATE INDEX document_jobs_batch ON document_jobs (batch_id, created_at DESC, id DESC)
    WHERE batch_id IS NOT NULL;
