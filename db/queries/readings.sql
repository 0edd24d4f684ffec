-- What people look at: lists, counts, the history of a job, who works.

-- name: list
-- Newest first, from behind the cursor (created_at, id) on; a NULL filter does not filter.
-- Previews are ours: nobody asked for such a job.
SELECT *
FROM document_job_states
WHERE ($1::text IS NULL OR user_id = $1)
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR session_id = $3)
  AND ($4::text IS NULL OR job_type = $4)
  AND ($5::text IS NULL OR batch_id = $5)
  AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7::uuid))
  AND job_type <> 'preview'
  AND ($9::text IS NULL OR strpos(lower(title), lower($9)) > 0 OR starts_with(id::text, lower($9)))
ORDER BY created_at DESC, id DESC
LIMIT $8

-- name: batch
SELECT status, count(*) AS jobs,
       sum(CASE WHEN status IN ('completed', 'failed', 'cancelled') THEN 100 ELSE progress END)
           AS progress
FROM document_jobs
WHERE batch_id = $1 AND ($2::text IS NULL OR user_id = $2)
GROUP BY status

-- name: paused
SELECT job_type, paused_at FROM document_paused_job_types ORDER BY job_type

-- name: attempts
SELECT * FROM document_job_attempts WHERE job_id = $1 ORDER BY attempt

-- name: stats
SELECT * FROM document_job_stats ORDER BY job_type, status

-- name: census
-- For the scrape, which comes every few seconds: what has not ended, by the indexes of that alone. What
-- has is soon a thousand times as much, and is counted where it happens.
SELECT job_type, 'pending' AS status, count(*) AS jobs,
       count(*) FILTER (WHERE scheduled_at <= now()) AS due,
       extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE scheduled_at <= now()))::float8
           AS oldest_wait_seconds
FROM document_jobs
WHERE status = 'pending'
GROUP BY job_type
UNION ALL
SELECT job_type, 'processing', count(*), 0, NULL
FROM document_jobs
WHERE status = 'processing'
GROUP BY job_type

-- name: workers
SELECT worker.id, hostname, pid, slots, started_at, heartbeat_at, sandbox,
       heartbeat_at > now() - lease AS is_alive,
       (SELECT count(*) FROM document_jobs
        WHERE worker_id = worker.id AND status = 'processing') AS running
FROM document_workers AS worker
ORDER BY started_at

-- name: server_version
SHOW server_version
