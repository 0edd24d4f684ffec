-- A job as lists and streams read it: without the payload, which never changes and may be a
-- megabyte.
CREATE VIEW document_job_states AS
SELECT id, user_id, session_id, message_id, batch_id, job_type, title, status,
       '{}'::jsonb AS payload, result, error, progress, progress_message, stage, total_files,
       processed_files, priority, attempt, retry_count, max_retries, lost_count, seq,
       idempotency_key, request_digest, worker_id, timeout, retention, scheduled_at,
       start_before, created_at, started_at, completed_at, updated_at, expires_at,
       trace_context
FROM document_jobs;
