-- What holds whatever happened. Each row that comes back is a broken promise.
SELECT 'a processing job has no open attempt' AS broken, job.id
FROM document_jobs AS job
WHERE status = 'processing' AND NOT EXISTS (
    SELECT FROM document_job_attempts
    WHERE job_id = job.id AND attempt = job.attempt AND ended_at IS NULL)
UNION ALL
SELECT 'an attempt is open that the job does not hold', history.job_id
FROM document_job_attempts AS history
JOIN document_jobs AS job ON job.id = history.job_id
WHERE history.ended_at IS NULL
  AND NOT (job.status = 'processing' AND job.attempt = history.attempt)
UNION ALL
SELECT 'the history does not hold every attempt', job.id
FROM document_jobs AS job
WHERE attempt <> (SELECT count(*) FROM document_job_attempts WHERE job_id = job.id)
UNION ALL
SELECT 'there is history of no job', history.job_id
FROM document_job_history AS history
WHERE NOT EXISTS (SELECT FROM document_jobs WHERE id = history.job_id)
UNION ALL
SELECT 'a job completed without a completed attempt', job.id
FROM document_jobs AS job
WHERE status = 'completed' AND NOT EXISTS (
    SELECT FROM document_job_attempts
    WHERE job_id = job.id AND attempt = job.attempt AND outcome = 'completed')
UNION ALL
SELECT 'more retries than allowed', id FROM document_jobs WHERE retry_count > max_retries
UNION ALL
SELECT 'an artifact is not whole', artifact.id
FROM document_artifacts AS artifact
WHERE file_size <> (SELECT coalesce(sum(length(data)), 0) FROM document_artifact_chunks
                    WHERE artifact_id = artifact.id)
