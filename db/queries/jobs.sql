-- Every statement about jobs, in the order a job lives. One statement, one name, one caller
-- in db/queue.py. Instants are the database's own; callers send durations.

-- name: enqueue
-- One statement for one job and for thousands, in the order of the arrays. A key that is already
-- there inserts nothing; the caller then reads the job that has it. Nor does a user whose jobs
-- would be more than may wait, all of this statement counted.
WITH asked AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::smallint[], $10::integer[], $11::interval[], $12::interval[],
        $13::timestamptz[], $14::interval[], $15::timestamptz[], $16::text[], $17::text[],
        $18::text[]
    ) AS asked (
        id, user_id, job_type, payload, title, session_id, message_id,
        batch_id, priority, max_retries, timeout, retention,
        scheduled_at, delay, start_before, idempotency_key, request_digest,
        trace_context)
)
INSERT INTO document_jobs (
    id, user_id, job_type, payload, title, session_id, message_id, batch_id, priority,
    max_retries, timeout, retention, scheduled_at, start_before, idempotency_key,
    request_digest, trace_context)
SELECT
    id, user_id, job_type, payload, title, session_id, message_id, batch_id, priority,
    max_retries, timeout, retention, coalesce(scheduled_at, now() + delay), start_before,
    idempotency_key, request_digest, trace_context
FROM asked
WHERE user_id NOT IN (
    SELECT user_id
    FROM asked
    WHERE $19::integer IS NOT NULL
    GROUP BY user_id
    HAVING count(*) + (SELECT count(*)
                       FROM (SELECT FROM document_jobs
                             WHERE user_id = asked.user_id AND status = 'pending'
                               AND job_type <> 'preview'
                             LIMIT $19) AS waiting) > $19)
ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING *

-- name: find_by_idempotency_key
SELECT * FROM document_jobs WHERE user_id = $1 AND idempotency_key = $2

-- name: claim
-- The whole claim, where `turn_over` finds that tickets are not all there is to mind.
-- Tickets say whose turn it is. A user who ranks their jobs gets their best one of the next
-- thousand for it, and the job that gave the ticket gets that one's turn: one job a statement, for
-- the next choice depends on it. The line is read by job type, so that what is paused, or of a type of
-- which as many run as may, is not read at all; and no further than some more than there are slots, for
-- others may have locked some. What belongs to a user with all slots taken is put aside, while one of
-- their running jobs is held: what ends then waits for this, sees it, and lets one in again.
-- Two claims that give one slot collide on the unique index; the caller tries again. What falls due
-- enters the line here, and is claimed by the next claim. One row comes back even when nothing was
-- claimed: it says when the next scheduled job falls due, because nobody notifies then.
WITH due AS (
    UPDATE document_jobs
    SET turn = 0 -- the trigger knows which
    WHERE id = ANY (ARRAY(
        SELECT id
        FROM document_jobs
        WHERE status = 'pending' AND turn IS NULL AND scheduled_at <= now()
        LIMIT 100
        FOR UPDATE SKIP LOCKED))
    RETURNING id
), open AS MATERIALIZED (
    SELECT ARRAY(
        SELECT unnest($2::text[])
        EXCEPT SELECT job_type FROM document_paused_job_types
        EXCEPT SELECT job_type
               FROM unnest($3::text[], $4::integer[]) AS limited (job_type, most)
               WHERE most <= (SELECT count(*) FROM document_jobs
                              WHERE job_type = limited.job_type AND type_slot IS NOT NULL)
    ) AS job_types,
    CASE WHEN EXISTS (SELECT FROM document_jobs WHERE status = 'pending' AND priority <> 0)
         THEN 100 ELSE 0 END AS raised_by
), next AS MATERIALIZED (
    SELECT next.*
    FROM (SELECT job_type, document_jobs_begin_of(job_type) - raised_by AS begin
          FROM open, unnest(job_types) AS job_type
          OFFSET 0) AS line
    CROSS JOIN LATERAL document_jobs_front_of(line.job_type, line.begin, $5 + 50) AS next
), at_limit AS MATERIALIZED (
    SELECT user_id
    FROM document_jobs
    WHERE $6::integer IS NOT NULL AND slot IS NOT NULL
    GROUP BY user_id
    HAVING count(*) >= $6
), held AS MATERIALIZED (
    SELECT user_id
    FROM (SELECT DISTINCT user_id FROM next JOIN at_limit USING (user_id)) AS met
    CROSS JOIN LATERAL (
        SELECT
        FROM document_jobs
        WHERE user_id = met.user_id AND slot IS NOT NULL AND status = 'processing'
        LIMIT 1
        FOR SHARE SKIP LOCKED
    ) AS running
), aside AS (
    UPDATE document_jobs
    SET turn = 1000000000000000 + greatest(turn, 0) -- a raised job's can be below 0
    WHERE id = ANY (ARRAY(
        SELECT waiting.id
        FROM held
        CROSS JOIN LATERAL (
            SELECT id
            FROM document_jobs
            WHERE status = 'pending'
              AND (user_id, turn) >= (held.user_id, -1000000000000000)
              AND (user_id, turn) < (held.user_id, 1000000000000000)
            ORDER BY user_id, turn
            LIMIT 100
            FOR UPDATE SKIP LOCKED
        ) AS waiting
        LIMIT 100))
    RETURNING id
), ticket AS MATERIALIZED (
    SELECT ticket.*
    FROM (SELECT place FROM next
          WHERE user_id <> ALL (ARRAY(SELECT user_id FROM at_limit))
          ORDER BY turn, ranked_at) AS next
    CROSS JOIN LATERAL (
        SELECT id, user_id, job_type, turn
        FROM document_jobs
        WHERE ctid = next.place AND status = 'pending' -- by id, a kept plan reads all that wait
        FOR UPDATE SKIP LOCKED
    ) AS ticket
    LIMIT $5
), numbered AS (
    SELECT *,
           row_number() OVER (PARTITION BY user_id ORDER BY turn) AS number,
           EXISTS (SELECT FROM document_jobs
                   WHERE user_id = ticket.user_id AND status = 'pending' AND priority <> 0)
               AS is_ranked
    FROM ticket
), ranked AS (
    SELECT coalesce(best.id, ticket.id) AS id, ticket.turn, free.slot,
           ticket.id AS ticket_id, best.turn AS other_turn,
           coalesce(best.job_type, ticket.job_type) AS job_type
    FROM numbered AS ticket
    LEFT JOIN LATERAL (
        SELECT id, job_type, turn
        FROM document_jobs
        WHERE is_ranked
          AND status = 'pending'
          AND (user_id, turn) >= (ticket.user_id, ticket.turn)
          AND (user_id, turn) <= (ticket.user_id, ticket.turn + 1000)
          AND job_type = ANY ((SELECT job_types FROM open)::text[])
          AND (start_before IS NULL OR start_before > now())
        ORDER BY ranked_at, turn
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) AS best ON true
    LEFT JOIN LATERAL (
        SELECT slot
        FROM generate_series(1, $6) AS slot
        WHERE slot NOT IN (SELECT slot FROM document_jobs
                           WHERE user_id = ticket.user_id AND slot IS NOT NULL)
          AND number <= $6 - (SELECT count(*) FROM document_jobs -- of a higher limit, too
                              WHERE user_id = ticket.user_id AND slot IS NOT NULL)
        ORDER BY slot
        OFFSET number - 1 LIMIT 1
    ) AS free ON true
    WHERE (number = 1 OR NOT is_ranked) AND ($6 IS NULL OR free.slot IS NOT NULL)
), chosen AS MATERIALIZED (
    SELECT ranked.*, free.type_slot
    FROM (SELECT *, row_number() OVER (PARTITION BY job_type ORDER BY turn) AS number
          FROM ranked) AS ranked
    LEFT JOIN unnest($3, $4) AS limited (job_type, most) USING (job_type)
    LEFT JOIN LATERAL (
        SELECT type_slot
        FROM generate_series(1, most) AS type_slot
        WHERE type_slot NOT IN (SELECT type_slot FROM document_jobs
                                WHERE job_type = ranked.job_type AND type_slot IS NOT NULL)
          AND number <= most - (SELECT count(*) FROM document_jobs
                                WHERE job_type = ranked.job_type AND type_slot IS NOT NULL)
        ORDER BY type_slot
        OFFSET number - 1 LIMIT 1
    ) AS free ON true
    WHERE most IS NULL OR free.type_slot IS NOT NULL
), swapped AS (
    UPDATE document_jobs AS job
    SET turn = chosen.other_turn
    FROM chosen
    WHERE job.id = chosen.ticket_id AND chosen.id <> chosen.ticket_id
), claimed AS (
    UPDATE document_jobs AS job
    SET status = 'processing', attempt = job.attempt + 1, worker_id = $1, started_at = now(),
        turn = chosen.turn, slot = chosen.slot, type_slot = chosen.type_slot,
        stage = 'starting', progress = 0, progress_message = NULL,
        total_files = NULL, processed_files = NULL, error = NULL
    FROM chosen
    WHERE job.id = chosen.id
    RETURNING job.*
)
SELECT claimed.*, next.due_in, next.has_more
FROM (
    SELECT CASE
               WHEN (SELECT count(*) FROM ticket) < $5 AND (SELECT count(*) FROM next) >= $5 + 50
               THEN interval '50 ms' -- what was read is locked by others, and there may be more
               ELSE min(scheduled_at) - now()
           END AS due_in,
           EXISTS (SELECT FROM due) OR EXISTS (SELECT FROM aside)
               OR (SELECT count(*) FROM chosen) < (SELECT count(*) FROM ticket) AS has_more
    FROM document_jobs
    WHERE status = 'pending' AND turn IS NULL AND scheduled_at > now()
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
-- that comes now waits. An outage of Postgres silences every worker, and kills none: the clock is
-- trusted when it has been up for so long that the healthy have beaten again, which takes them no
-- more than 0.6 of a lease (workers/heart.py).
-- Every worker keeps house, and one at a time does: the lock lasts as long as the statement.
WITH alone AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext('document_jobs rescue')) AS mine
), dead AS MATERIALIZED (
    SELECT id
    FROM document_workers
    WHERE (SELECT mine FROM alone)
      AND heartbeat_at < now() - lease AND pg_postmaster_start_time() < now() - 0.6 * lease
    FOR UPDATE SKIP LOCKED
), lost AS MATERIALIZED (
    SELECT job.id, job.attempt
    FROM document_jobs AS job
    WHERE (SELECT mine FROM alone)
      AND job.status = 'processing'
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

-- name: find_lines
-- Where does each line begin? At the smallest turn that a job still has, one that was enqueued by a long
-- transaction, say; or some turns before the clock, for those that are being inserted now. What is paused
-- does not hold the begin of all. And what is the time of those that their limit holds up, while any of
-- it waits behind the clock?
-- It is held up while as many run as may, or did some seconds ago, for between two jobs a slot is always
-- free. And it is not where for seconds nothing else runs, or what does has run for a minute, though others
-- could: then it has every slot, and who comes by its time would pass them without end. What was held up and
-- is no more goes by the clock of all, and is renewed until nothing in it is late.
-- From one job type to the next, for to read through what waits would take longer with each job of it;
-- and of those that this worker serves, which are not found where none waits. A begin is written down
-- every five seconds, for an old snapshot keeps each version.
WITH RECURSIVE alone AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext('document_jobs find_lines')) AS mine
), waiting AS (
    SELECT min(job_type) AS job_type
    FROM document_jobs WHERE status = 'pending' AND turn IS NOT NULL
    UNION ALL
    SELECT (SELECT min(job_type)
            FROM document_jobs
            WHERE status = 'pending' AND turn IS NOT NULL AND job_type > waiting.job_type)
    FROM waiting
    WHERE job_type IS NOT NULL
), limited AS MATERIALIZED (
    SELECT limited.job_type, running.latest,
           CASE WHEN running.count < most THEN coalesce(known.free_since, now()) END AS free_since
    FROM unnest($2::text[], $3::integer[]) AS limited (job_type, most)
    LEFT JOIN document_job_lines AS known USING (job_type)
    CROSS JOIN LATERAL (
        SELECT count(*), max(turn + greatest(priority, 0)) AS latest
        FROM document_jobs
        WHERE job_type = limited.job_type AND type_slot IS NOT NULL
    ) AS running
), front AS MATERIALIZED (
    SELECT job_type,
           (SELECT turn FROM document_jobs_front_of(job_type, -1000000000000000, 1)) AS turn,
           job_type = ANY ($1) AND paused.job_type IS NULL AS is_open,
           paused.job_type IS NOT NULL AS is_paused,
           limited.job_type IS NOT NULL AS is_limited, limited.latest,
           CASE WHEN job_type = ANY ($1) THEN limited.free_since ELSE lines.free_since END
               AS free_since,
           lines AS before
    FROM (SELECT job_type FROM waiting UNION SELECT unnest($1::text[])) AS known
    LEFT JOIN document_paused_job_types AS paused USING (job_type)
    LEFT JOIN limited USING (job_type)
    LEFT JOIN document_job_lines AS lines USING (job_type)
    WHERE (SELECT mine FROM alone) AND job_type IS NOT NULL
), others AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM front
                   WHERE is_open AND turn IS NOT NULL
                     AND (NOT is_limited OR free_since < now() - interval '3 s'
                          OR (free_since IS NOT NULL AND (before).clock IS NULL))) AS could_run,
           EXISTS (SELECT FROM document_jobs
                   WHERE status = 'processing' AND started_at > now() - interval '1 min'
                     AND job_type = ANY ($1)
                     AND job_type NOT IN (SELECT job_type FROM document_job_lines
                                          WHERE clock IS NOT NULL)) AS run
), looked_at AS (
    SELECT front.*, clock.last_value AS of_all,
           CASE WHEN NOT is_open THEN (before).alone_since
                WHEN is_limited AND could_run AND NOT run
                THEN coalesce((before).alone_since, now())
           END AS alone_since
    FROM front, others, document_jobs_clock AS clock
), judged AS (
    SELECT *, is_limited AND coalesce(free_since, now()) > now() - interval '3 s'
              AND coalesce(alone_since, now()) > now() - interval '3 s' AS is_held_up
    FROM looked_at
), timed AS (
    SELECT *,
           CASE WHEN NOT is_open THEN (before).clock
                WHEN is_held_up AND turn <= of_all
                THEN least(of_all, greatest(coalesce((before).clock, (before).of_all),
                                            latest, turn - 1))
                WHEN (before).clock IS NOT NULL AND turn < of_all - 10 THEN of_all
           END AS clock
    FROM judged
), begun AS (
    SELECT *, least(of_all - 10, clock, turn) AS begin,
           is_open AND turn < clock - 10 AS is_late
    FROM timed
), line AS MATERIALIZED (
    SELECT *, (before).begin IS NULL OR begin < (before).begin
              OR (before).found_at < now() - interval '5 s' AS moves
    FROM begun
), written AS (
    INSERT INTO document_job_lines
        (job_type, begin, found_at, of_all, clock, free_since, alone_since)
    SELECT job_type, CASE WHEN moves THEN begin ELSE (before).begin END,
           CASE WHEN moves THEN now() ELSE (before).found_at END,
           CASE WHEN moves THEN of_all ELSE (before).of_all END, clock, free_since, alone_since
    FROM line
    WHERE NOT is_paused -- its resume, perhaps in this moment, says what it is
      AND ((clock, free_since, alone_since)
               IS DISTINCT FROM ((before).clock, (before).free_since, (before).alone_since)
           OR (moves AND (clock IS NOT NULL -- it is believed for minutes only
                          OR (begin, of_all) IS DISTINCT FROM ((before).begin, (before).of_all))))
    ORDER BY job_type
    ON CONFLICT (job_type) DO UPDATE
        SET begin = EXCLUDED.begin, found_at = EXCLUDED.found_at, of_all = EXCLUDED.of_all,
            clock = EXCLUDED.clock, free_since = EXCLUDED.free_since,
            alone_since = EXCLUDED.alone_since
)
SELECT setval('document_jobs_line_begin', min(begin)),
       array_agg(job_type) FILTER (WHERE is_late) AS late,
       array_agg(clock) FILTER (WHERE is_late) AS clocks
FROM line
WHERE NOT is_paused
HAVING count(*) > 0

-- name: renew
SELECT document_jobs_renew($1, $2, 10000)

-- name: let_in
-- Of users with free slots, who have nothing more of a type in the line than stands aside: a slot became
-- free as they were put there, what was let in was cancelled, or the limit is another now. By type, for
-- what nobody may claim now is no reason to keep out the rest.
WITH RECURSIVE aside AS (
    (SELECT user_id, job_type
     FROM document_jobs WHERE status = 'pending' AND turn >= 1000000000000000
     ORDER BY user_id, job_type
     LIMIT 1)
    UNION ALL
    SELECT next.*
    FROM aside
    CROSS JOIN LATERAL (
        SELECT user_id, job_type
        FROM document_jobs
        WHERE status = 'pending' AND turn >= 1000000000000000
          AND (user_id, job_type) > (aside.user_id, aside.job_type)
        ORDER BY user_id, job_type
        LIMIT 1
    ) AS next
)
SELECT document_jobs_let_in(user_id, max(room))
FROM (
    SELECT user_id,
           coalesce($1::integer, 1000)
               - (SELECT count(*)::integer FROM document_jobs
                  WHERE user_id = aside.user_id AND slot IS NOT NULL)
               - (SELECT count(*)::integer
                  FROM (SELECT job_type FROM document_jobs
                        WHERE user_id = aside.user_id AND status = 'pending'
                          AND turn < 1000000000000000
                        LIMIT 1000) AS in_line
                  WHERE in_line.job_type = aside.job_type) AS room
    FROM aside
) AS types
WHERE room > 0
GROUP BY user_id

-- name: expire
WITH late AS MATERIALIZED (
    SELECT id
    FROM document_jobs
    WHERE (SELECT pg_try_advisory_xact_lock(hashtext('document_jobs expire')))
      AND status = 'pending' AND start_before <= now()
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
    SELECT id
    FROM document_jobs
    WHERE (SELECT pg_try_advisory_xact_lock(hashtext('document_jobs prune')))
      AND expires_at < now()
    LIMIT $1
    FOR UPDATE SKIP LOCKED
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

-- name: pause
INSERT INTO document_paused_job_types (job_type) VALUES ($1) ON CONFLICT DO NOTHING

-- name: resume
DELETE FROM document_paused_job_types WHERE job_type = $1
