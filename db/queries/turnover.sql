-- What every worker does all day, in one statement: attempts complete, and jobs take their places.

-- name: turn_over
-- One commit, one notice and one round trip for both; either may be nothing. Nobody waits here: a row
-- that somebody has locked is left to be written alone, or to be claimed by another.
-- It claims by tickets alone, as `claim` in jobs.sql does where there is more to mind: a user who
-- ranks their jobs, a type that is paused, a job that falls due, a line that begins with what this worker
-- does not serve. Then it claims nothing, and says so.
-- Arrays come by way of a SELECT: where the planner sees how long they are, it plans anew each time.
-- What it has to say is a row of its own, without a job.
-- A row that it has locked is found again by its place. Who holds a job is what it asks instead of the
-- status: by the index of those that run, the planner would read all of them for each.
WITH ready AS MATERIALIZED (
    SELECT job.ctid, ready.result
    FROM unnest((SELECT $1::uuid[]), (SELECT $2::integer[]), (SELECT $3::jsonb[]))
        AS ready (id, attempt, result)
    JOIN document_jobs AS job
        ON job.id = ready.id AND job.attempt = ready.attempt AND job.worker_id IS NOT NULL
    FOR UPDATE OF job SKIP LOCKED
), completed AS (
    UPDATE document_jobs AS job
    SET status = 'completed', result = ready.result, error = NULL, progress = 100
    FROM ready
    WHERE job.ctid = ready.ctid
    RETURNING job.id, job.attempt
), line AS MATERIALIZED (
    SELECT begin.last_value AS begin, scheduled.due_in,
           coalesce(scheduled.due_in <= interval '0', false)
               OR EXISTS (SELECT FROM document_jobs WHERE status = 'pending' AND priority <> 0)
               OR EXISTS (SELECT FROM document_paused_job_types)
               OR (SELECT job_type
                   FROM document_jobs
                   WHERE status = 'pending' AND turn >= begin.last_value
                   ORDER BY turn, ranked_at
                   LIMIT 1) <> ALL ((SELECT $5::text[])::text[]) AS is_special
    FROM document_jobs_line_begin AS begin,
         (SELECT min(scheduled_at) - now() AS due_in
          FROM document_jobs WHERE status = 'pending' AND turn IS NULL) AS scheduled
), ticket AS MATERIALIZED (
    SELECT ctid
    FROM document_jobs
    WHERE NOT (SELECT is_special FROM line)
      AND status = 'pending'
      AND turn >= (SELECT begin FROM line)
      AND job_type = ANY ((SELECT $5::text[])::text[])
      AND (start_before IS NULL OR start_before > now())
    ORDER BY turn, ranked_at
    LIMIT $6
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE document_jobs AS job
    SET status = 'processing', attempt = job.attempt + 1, worker_id = $4,
        stage = 'starting', progress = 0, progress_message = NULL,
        total_files = NULL, processed_files = NULL, error = NULL
    FROM ticket
    WHERE job.ctid = ticket.ctid
    RETURNING job.*
)
SELECT claimed.*, said.due_in, said.is_special, said.completed, said.attempts
FROM claimed
FULL JOIN (SELECT *, ARRAY(SELECT id FROM completed) AS completed,
                  ARRAY(SELECT attempt FROM completed) AS attempts
           FROM line) AS said ON false
