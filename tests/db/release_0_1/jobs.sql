-- Every statement about jobs, in the order a job lives. One statement, one name, one caller
-- in db/queue.py. Instants are the database's own; callers send durations.

-- name: enqueue
-- A key that is already there inserts nothing; the caller then reads the job that has it.
INSERT INTO document_jobs (
    user_id, session_id, message_id, batch_id, job_type, title, payload, priority, max_retries,
    timeout, retention, scheduled_at, start_before, idempotency_key, request_digest,
    trace_context)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9,
    $10, $11, coalesce($12, now() + $13), $14, $15, $16, $17)
ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING *

-- name: find_by_idempotency_key
SELECT * FROM document_jobs WHERE user_id = $1 AND idempotency_key = $2

-- name: claim
-- The CTE is materialized so that the planner cannot fold it into the join and lock more rows
-- than the limit. One row comes back even when nothing was claimed: it says when the next
-- scheduled job falls due, because nobody notifies then.
WITH candidate AS MATERIALIZED (
    SELECT id
    FROM document_jobs
    WHERE status = 'pending'
      AND scheduled_at <= now()
      AND job_type = ANY ($2::text[])
      AND (start_before IS NULL OR start_before > now())
    ORDER BY priority DESC, scheduled_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE document_jobs AS job
    SET status = 'processing', attempt = job.attempt + 1, worker_id = $1, started_at = now(),
        stage = 'starting', progress = 0, progress_message = NULL,
        total_files = NULL, processed_files = NULL, error = NULL
    FROM candidate
    WHERE job.id = candidate.id
    RETURNING job.*
)
SELECT claimed.*, next.due_in
FROM (
    SELECT min(scheduled_at) - now() AS due_in
    FROM document_jobs
    WHERE status = 'pending' AND scheduled_at > now()
) AS next
LEFT JOIN claimed ON true

-- name: heartbeat
-- One row a worker, whatever it holds. What comes back are the claims that it holds no longer.
-- The other way round, a claim whose answer never reached the worker is released: it knows
-- nothing of it, and its heart goes on. A lease is long enough for an answer that is on its way.
WITH beat AS (
    INSERT INTO document_workers (id, hostname, pid, slots, sandbox, lease)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()
), held AS MATERIALIZED (
    SELECT id, attempt FROM unnest($7::uuid[], $8::integer[]) AS held (id, attempt)
), unknown AS (
    UPDATE document_jobs AS job
    SET status = 'pending', progress = 0, progress_message = NULL
    WHERE job.worker_id = $1 AND job.status = 'processing' AND job.started_at < now() - $6
      AND NOT EXISTS (SELECT FROM held WHERE held.id = job.id AND held.attempt = job.attempt)
)
SELECT held.id AS job_id, held.attempt
FROM held
LEFT JOIN document_jobs AS job
    ON job.id = held.id AND job.attempt = held.attempt AND job.status = 'processing'
WHERE job.id IS NULL

-- name: report_progress
UPDATE document_jobs
SET progress = greatest(progress, coalesce($3, progress)),
    progress_message = coalesce($4, progress_message),
    stage = coalesce($5, stage),
    total_files = coalesce($6, total_files),
    processed_files = coalesce($7, processed_files)
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING seq

-- The settles. The trigger document_jobs_record closes the attempt with them.

-- name: complete
UPDATE document_jobs
SET status = 'completed', result = $3, error = NULL, progress = 100
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING status

-- name: retry
-- Pending again after the delay while the budget lasts, failed when it is spent.
UPDATE document_jobs
SET status = CASE WHEN retry_count < max_retries THEN 'pending' ELSE 'failed' END,
    retry_count = least(retry_count + 1, max_retries),
    scheduled_at = now() + $4, error = $3, progress = 0, progress_message = NULL
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING status

-- name: snooze
UPDATE document_jobs
SET status = 'pending', scheduled_at = now() + $3, progress = 0, progress_message = NULL
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING status

-- name: release
-- scheduled_at stays, so the job keeps its place in the line.
UPDATE document_jobs
SET status = 'pending', progress = 0, progress_message = NULL
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING status

-- name: fail
UPDATE document_jobs
SET status = 'failed', error = $3
WHERE id = $1 AND attempt = $2 AND status = 'processing'
RETURNING status

-- name: cancel
-- Whoever takes the row's lock first wins: a completed job is not touched.
UPDATE document_jobs
SET status = 'cancelled', error = $2
WHERE id = $1 AND status IN ('pending', 'processing')
RETURNING *

-- name: reopen
-- The owner's retry: the budget starts anew, the history stays.
UPDATE document_jobs
SET status = 'pending', error = NULL, progress = 0, progress_message = NULL,
    retry_count = 0, lost_count = 0, scheduled_at = now(), start_before = NULL
WHERE id = $1 AND status IN ('failed', 'cancelled')
RETURNING *

-- name: rescue
-- A dead worker's row is locked first, so that of two rescuers one does the work and a heartbeat
-- that comes now waits. The clock is trusted only after a full lease of database uptime: an
-- outage of Postgres silences every worker, and kills none.
WITH dead AS MATERIALIZED (
    SELECT id
    FROM document_workers
    WHERE heartbeat_at < now() - lease AND pg_postmaster_start_time() < now() - lease
    FOR UPDATE SKIP LOCKED
), lost AS MATERIALIZED (
    SELECT job.id, job.attempt
    FROM document_jobs AS job
    WHERE job.status = 'processing'
      AND (job.worker_id IN (SELECT id FROM dead)
           OR (job.started_at < now() - interval '1 minute'
               AND NOT EXISTS (SELECT FROM document_workers WHERE id = job.worker_id)))
    LIMIT 100
    FOR UPDATE OF job SKIP LOCKED
), rescued AS (
    UPDATE document_jobs AS job
    SET lost_count = job.lost_count + 1,
        status = CASE WHEN job.lost_count + 1 < $1 THEN 'pending' ELSE 'failed' END,
        scheduled_at = now(), error = $2, progress = 0, progress_message = NULL
    FROM lost
    WHERE job.id = lost.id
    RETURNING job.id, job.attempt, job.status
), buried AS (
    DELETE FROM document_workers AS worker
    USING dead
    WHERE worker.id = dead.id
      AND NOT EXISTS (SELECT FROM document_jobs
                      WHERE worker_id = worker.id AND status = 'processing')
)
SELECT id AS job_id, attempt, status FROM rescued

-- name: expire
WITH late AS MATERIALIZED (
    SELECT id
    FROM document_jobs
    WHERE status = 'pending' AND start_before <= now()
    LIMIT 100
    FOR UPDATE SKIP LOCKED
)
UPDATE document_jobs AS job
SET status = 'failed', error = $1
FROM late
WHERE job.id = late.id
RETURNING job.id

-- name: prune
WITH expired AS MATERIALIZED (
    SELECT id FROM document_jobs WHERE expires_at < now() LIMIT $1 FOR UPDATE SKIP LOCKED
)
DELETE FROM document_jobs AS job USING expired WHERE job.id = expired.id RETURNING job.id

-- name: unregister
DELETE FROM document_workers AS worker
WHERE worker.id = $1
  AND NOT EXISTS (SELECT FROM document_jobs
                  WHERE worker_id = worker.id AND status = 'processing')

-- name: get
SELECT * FROM document_jobs WHERE id = $1

-- name: get_newer
-- What has changed since the caller looked.
SELECT job.*
FROM unnest($1::uuid[], $2::bigint[]) AS known (id, seq)
JOIN document_job_states AS job ON job.id = known.id AND job.seq > known.seq

-- name: list
-- Newest first, from behind the cursor (created_at, id) on; a NULL filter does not filter.
SELECT *
FROM document_job_states
WHERE ($1::text IS NULL OR user_id = $1)
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR session_id = $3)
  AND ($4::text IS NULL OR job_type = $4)
  AND ($5::text IS NULL OR batch_id = $5)
  AND ($6::timestamptz IS NULL OR (created_at, id) < ($6, $7::uuid))
ORDER BY created_at DESC, id DESC
LIMIT $8

-- name: attempts
SELECT * FROM document_job_attempts WHERE job_id = $1 ORDER BY attempt

-- name: stats
SELECT * FROM document_job_stats ORDER BY job_type, status

-- name: census
-- For the scrape, which comes every few seconds. The median of the view costs a sort; a column
-- that nobody reads is not computed.
SELECT job_type, status, jobs, oldest_wait_seconds,
       CASE status WHEN 'pending' THEN jobs - scheduled ELSE 0 END AS due
FROM document_job_stats

-- name: workers
SELECT worker.id, hostname, pid, slots, started_at, heartbeat_at, sandbox,
       heartbeat_at > now() - lease AS is_alive,
       (SELECT count(*) FROM document_jobs
        WHERE worker_id = worker.id AND status = 'processing') AS running
FROM document_workers AS worker
ORDER BY started_at

-- name: server_version
SHOW server_version
