-- What the attempts of late tell. The newest are read from the right end of their index, and never
-- more than a fixed number of them, however many there are.

-- name: ran
-- Seconds that completed attempts ran, by job type.
SELECT job.job_type, count(*) AS samples,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM latest.ran))::float8[]
           AS seconds
FROM (
    SELECT job_id, ended_at - started_at AS ran
    FROM document_job_history
    WHERE outcome = 'completed'
    ORDER BY started_at DESC
    LIMIT 1000
) AS latest
JOIN document_jobs AS job ON job.id = latest.job_id
GROUP BY job.job_type
ORDER BY job.job_type

-- name: lately
-- How fast the work goes, of the last ten minutes and of what runs: p95 in seconds, jobs that ended in
-- the last one.
WITH latest AS MATERIALIZED (
    (SELECT job_id, attempt, started_at, ended_at, outcome
     FROM document_job_history
     WHERE started_at > now() - interval '10 minutes'
     ORDER BY started_at DESC
     LIMIT 5000)
    UNION ALL
    SELECT id, attempt, started_at, NULL, NULL
    FROM document_jobs
    WHERE status = 'processing' AND started_at > now() - interval '10 minutes'
)
SELECT count(*) FILTER (
           WHERE latest.ended_at > now() - interval '1 minute'
             AND latest.outcome IN ('completed', 'failed', 'cancelled')) AS per_minute,
       percentile_cont(0.95) WITHIN GROUP (
           ORDER BY extract(epoch FROM latest.started_at - job.scheduled_at))
           FILTER (WHERE latest.attempt = job.attempt)::float8 AS wait_p95_seconds,
       percentile_cont(0.95) WITHIN GROUP (
           ORDER BY extract(epoch FROM latest.ended_at - latest.started_at))
           FILTER (WHERE latest.ended_at IS NOT NULL)::float8 AS run_p95_seconds
FROM latest
JOIN document_jobs AS job ON job.id = latest.job_id AND job.job_type <> 'preview'
