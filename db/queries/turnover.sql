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
-- One UPDATE is both, for what checks and follows a change is set up once for each: that of a result says
-- the worker and the stage of a claim, which the trigger takes away from what is final.
WITH ready AS MATERIALIZED (
    SELECT job.ctid, ready.result
    FROM unnest((SELECT $1::uuid[]), (SELECT $2::integer[]), (SELECT $3::jsonb[]))
        AS ready (id, attempt, result)
    JOIN document_jobs AS job
        ON job.id = ready.id AND job.attempt = ready.attempt AND job.worker_id IS NOT NULL
    FOR UPDATE OF job SKIP LOCKED
), line AS MATERIALIZED (
    SELECT begin.last_value AS begin, scheduled.due_in,
           coalesce(scheduled.due_in <= interval '0', false)
               OR EXISTS (SELECT FROM document_jobs WHERE status = 'pending' AND priority <> 0)
               OR EXISTS (SELECT FROM document_paused_job_types) AS is_special
    FROM document_jobs_line_begin AS begin,
         (SELECT min(scheduled_at) - now() AS due_in
          FROM document_jobs WHERE status = 'pending' AND turn IS NULL) AS scheduled
), ticket AS MATERIALIZED (
    SELECT ticket.ctid
    FROM line
    CROSS JOIN LATERAL document_jobs_tickets($5::text[], line.begin, $6) AS ticket (ctid)
    WHERE NOT is_special
), written AS (
    UPDATE document_jobs AS job
    SET status = next.status, result = next.result, error = NULL, worker_id = $4,
        progress = CASE next.status WHEN 'completed' THEN 100 ELSE 0 END,
        attempt = job.attempt + claims, stage = 'starting',
        progress_message = CASE claims WHEN 0 THEN job.progress_message END,
        total_files = CASE claims WHEN 0 THEN job.total_files END,
        processed_files = CASE claims WHEN 0 THEN job.processed_files END
    FROM (SELECT ctid, result, 'completed' AS status, 0 AS claims FROM ready
          UNION ALL
          SELECT ctid, NULL, 'processing', 1 FROM ticket) AS next
    WHERE job.ctid = next.ctid
    RETURNING job.*
)
SELECT claimed.*, said.due_in, said.is_special, said.completed, said.attempts
FROM (SELECT * FROM written WHERE status = 'processing') AS claimed
FULL JOIN (SELECT due_in, is_special OR EXISTS (SELECT FROM ticket WHERE ctid IS NULL) AS is_special,
                  ARRAY(SELECT id FROM written WHERE status = 'completed') AS completed,
                  ARRAY(SELECT attempt FROM written WHERE status = 'completed') AS attempts
           FROM line) AS said ON false
