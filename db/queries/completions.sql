-- name: complete_together
-- A row that somebody has locked is left to be written alone, so that nobody waits for it here.
WITH ready AS MATERIALIZED (
    SELECT job.id, job.attempt, ready.result
    FROM unnest($1::uuid[], $2::integer[], $3::jsonb[]) AS ready (id, attempt, result)
    JOIN document_jobs AS job
        ON job.id = ready.id AND job.attempt = ready.attempt AND job.status = 'processing'
    FOR UPDATE OF job SKIP LOCKED
)
UPDATE document_jobs AS job
SET status = 'completed', result = ready.result, error = NULL, progress = 100
FROM ready
WHERE job.id = ready.id
RETURNING job.id, job.attempt
