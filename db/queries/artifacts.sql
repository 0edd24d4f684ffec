-- name: put_artifact
-- Fenced like a settle: an attempt that lost its claim stores nothing. Putting the same again,
-- because the answer to the first time was lost, changes nothing.
INSERT INTO document_artifacts (job_id, attempt, position, file_name, mime_type, file_size, sha256)
SELECT id, attempt, $3, $4, $5, $6, $7
FROM document_jobs
WHERE id = $1 AND attempt = $2 AND status = 'processing'
ON CONFLICT (job_id, attempt, position) DO UPDATE SET file_name = excluded.file_name
RETURNING id

-- name: put_chunk
INSERT INTO document_artifact_chunks (artifact_id, position, data) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING

-- name: discard_artifacts
-- What an attempt wrote before it lost its claim.
DELETE FROM document_artifacts AS artifact
USING document_jobs AS job
WHERE artifact.job_id = $1 AND artifact.attempt = $2 AND job.id = artifact.job_id
  AND NOT (job.attempt = artifact.attempt AND job.status IN ('processing', 'completed'))

-- name: sweep_artifacts
-- What no attempt can still settle, and none has: its worker died between the two writes. Found by
-- the attempts of the last hours, for to read all artifacts each minute would be dear; what nobody
-- swept in that time goes with its job.
DELETE FROM document_artifacts AS artifact
USING document_job_history AS ended
WHERE (SELECT pg_try_advisory_xact_lock(hashtext('document_jobs sweep')))
  AND ended.started_at > now() - interval '3 hours' AND ended.outcome <> 'completed'
  AND artifact.job_id = ended.job_id AND artifact.attempt = ended.attempt

-- name: get_artifact
SELECT * FROM document_job_artifacts WHERE id = $1

-- name: read_chunk
SELECT substring(data FROM $3 FOR $4) FROM document_artifact_chunks
WHERE artifact_id = $1 AND position = $2
