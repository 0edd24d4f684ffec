-- What the feeds of a server look for: which jobs there are, and at which seq. The states
-- themselves are read by get_newer of jobs.sql, once for all who watch.

-- name: find
-- The newest unfinished jobs of each scope, at most $6 of each: of the users $1, of the
-- sessions $3 (of the users $2, where one is named), of everybody when $4; and, when $5 is
-- given, what has ended within it: a lost notice may have hidden that.
WITH live AS (
    SELECT job.id, job.seq, job.user_id, job.session_id
    FROM unnest($1::text[]) AS followed (user_id)
    CROSS JOIN LATERAL (
        SELECT id, seq, user_id, session_id
        FROM document_jobs
        WHERE user_id = followed.user_id AND status IN ('pending', 'processing')
        ORDER BY created_at DESC
        LIMIT $6
    ) AS job
    UNION
    SELECT job.id, job.seq, job.user_id, job.session_id
    FROM unnest($2::text[], $3::text[]) AS followed (user_id, session_id)
    CROSS JOIN LATERAL (
        SELECT id, seq, user_id, session_id
        FROM document_jobs
        WHERE session_id = followed.session_id
          AND (followed.user_id IS NULL OR user_id = followed.user_id)
          AND status IN ('pending', 'processing')
        ORDER BY created_at DESC
        LIMIT $6
    ) AS job
    UNION
    (SELECT id, seq, user_id, session_id
     FROM document_jobs
     WHERE $4 AND status IN ('pending', 'processing')
     ORDER BY created_at DESC
     LIMIT $6)
)
SELECT id, seq, user_id, session_id FROM live
UNION ALL
SELECT id, seq, user_id, session_id
FROM document_jobs
WHERE completed_at > now() - $5::interval
  AND ($4 OR user_id = ANY ($1::text[]) OR session_id = ANY ($3::text[]))
