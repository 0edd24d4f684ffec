-- What there is to look at of an artifact: the job that makes it, and its parts.

-- name: find_preview
SELECT * FROM document_jobs WHERE user_id = $1 AND idempotency_key = $2

-- name: enqueue_preview
-- Of two that look at the same moment one inserts. A preview goes with what it shows: its
-- retention begins when it is made, a moment from now, and ends with the document's. Somebody sits
-- before the screen, so it goes before what this user queued in the last hour.
INSERT INTO document_jobs (
    user_id, job_type, priority, title, payload, retention, idempotency_key, trace_context)
SELECT job.user_id, 'preview', 60, artifact.file_name,
       jsonb_build_object('artifact_id', artifact.id),
       greatest(job.expires_at - now(), interval '1 minute'), $2, $3
FROM document_artifacts AS artifact
JOIN document_jobs AS job ON job.id = artifact.job_id
WHERE artifact.id = $1
ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING *

-- name: get_part
-- The parts are artifacts of the preview's own job, so they too are visible once it completed.
SELECT part.*
FROM document_jobs AS preview
JOIN document_job_artifacts AS part ON part.job_id = preview.id AND part.position = $3
WHERE preview.user_id = $1 AND preview.idempotency_key = $2
