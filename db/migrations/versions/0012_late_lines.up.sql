-- What the workers say of each type's line, every second. No job in it has a turn below its begin, or they
-- will say so: a line that is late holds the begin of all, which `turn_over` goes by, and whoever reads by
-- type would read what an old snapshot keeps of the others since. Raised jobs may stand a hundred turns
-- before it. The clock is that of a line held up by the limit of its type; NULL where nothing holds it up,
-- which is when slots have been free for some seconds, for between two jobs one always is.
CREATE TABLE document_job_lines (
    job_type   text PRIMARY KEY,
    begin      bigint NOT NULL,
    found_at   timestamptz NOT NULL, -- the begin
    clock      bigint,
    free_since timestamptz
);

CREATE FUNCTION document_jobs_begin_of(kind text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT begin FROM document_job_lines WHERE job_type = kind),
                    (SELECT last_value FROM document_jobs_line_begin))
$$;

-- How the line is read must not depend on what waits when the plan is made: a plan from a quiet hour, when
-- every index was a page, read and sorted all of the next rush, 50,000 jobs for each claim. Here the order
-- is in the index or nowhere. A plan is kept until somebody analyzes the table, which a rush among a
-- million finished jobs need not bring about.
-- What is turned off costs so much before Postgres 18 that it would be compiled, for a second: no JIT.
-- Where the line begins with what the caller does not serve, there is one ticket, NULL.
CREATE FUNCTION document_jobs_tickets(job_types text[], begin bigint, most integer) RETURNS SETOF tid
    LANGUAGE plpgsql SET enable_bitmapscan = off SET enable_sort = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF (SELECT job_type
        FROM document_jobs
        WHERE status = 'pending' AND turn >= begin
        ORDER BY turn, ranked_at
        LIMIT 1) <> ALL (job_types) THEN
        RETURN NEXT NULL;
        RETURN;
    END IF;

    RETURN QUERY
    SELECT ctid
    FROM document_jobs
    WHERE status = 'pending'
      AND turn >= begin
      AND job_type = ANY (job_types)
      AND (start_before IS NULL OR start_before > now())
    ORDER BY turn, ranked_at
    LIMIT most
    FOR UPDATE SKIP LOCKED;
END $$;

-- The front of one type's line.
CREATE FUNCTION document_jobs_front_of(kind text, begin bigint, most integer)
    RETURNS TABLE (place tid, user_id text, turn bigint, ranked_at timestamptz) STABLE
    LANGUAGE plpgsql SET enable_bitmapscan = off SET enable_sort = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT job.ctid, job.user_id, job.turn, job.ranked_at
    FROM document_jobs AS job
    WHERE job.status = 'pending' AND job.turn IS NOT NULL
      AND (job.job_type, job.turn) >= (kind, begin)
      AND (job.job_type, job.turn) < (kind, 1000000000000000)
      AND (job.start_before IS NULL OR job.start_before > now())
    ORDER BY job.job_type, job.turn, job.ranked_at
    LIMIT most;
END $$;

-- The clock goes on with what is claimed, and a line that its limit holds up does not go along: whoever
-- came to it by the clock would stand behind all that one user has there. It goes by the latest turn that
-- was taken in it, which workers write down every second, that of what runs now, and the front of what
-- waits: by any of these alone, somebody passed. A raised job's turn is before its time by its priority.
CREATE FUNCTION document_jobs_clock_of(kind text, clock bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    held_up bigint := (SELECT line.clock FROM document_job_lines AS line WHERE job_type = kind);
BEGIN
    IF held_up IS NULL THEN
        RETURN clock;
    END IF;

    RETURN least(clock, greatest(
        held_up,
        (SELECT max(turn + greatest(priority, 0))
         FROM document_jobs
         WHERE job_type = kind AND type_slot IS NOT NULL),
        (SELECT turn - 1 FROM document_jobs_front_of(kind, document_jobs_begin_of(kind), 1))));
END $$;

-- As before, and: in a line that is held up, a user's turn follows the last one that they have there, for
-- what they have in the others came by another clock. Who has a hundred others waiting comes after them.
DROP FUNCTION document_jobs_next_turn(text, integer);
CREATE FUNCTION document_jobs_next_turn(whose text, kind text, priority integer) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    of_all bigint := (SELECT last_value FROM document_jobs_clock);
    clock bigint := document_jobs_clock_of(kind, of_all);
BEGIN
    IF priority > 0 THEN
        RETURN clock + 1 - priority;
    END IF;

    IF clock < of_all THEN
        RETURN 1 + greatest(clock, (
            SELECT coalesce(max(turn) FILTER (WHERE job_type = kind),
                            CASE count(*) WHEN 100 THEN max(turn) END)
            FROM (SELECT turn, job_type FROM document_jobs
                  WHERE user_id = whose AND status = 'pending' AND turn > clock
                  ORDER BY user_id DESC, turn DESC
                  LIMIT 100) AS latest));
    END IF;

    -- The order names the user too, or an index without them would do.
    RETURN 1 + greatest(clock, (
        SELECT turn FROM document_jobs
        WHERE user_id = whose AND status = 'pending' AND turn > clock
        ORDER BY user_id DESC, turn DESC
        LIMIT 1));
END $$;

CREATE OR REPLACE FUNCTION document_jobs_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ranked_at := NEW.scheduled_at - make_interval(mins => NEW.priority);
    NEW.turn := NULL;
    IF NEW.status = 'pending' AND NEW.scheduled_at <= now() THEN
        NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.job_type, NEW.priority);
    END IF;
    RETURN NEW;
END $$;

-- As before, by the time of its line.
CREATE OR REPLACE FUNCTION document_jobs_let_in(whose text, most integer) RETURNS void
    LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    WITH RECURSIVE aside AS (
        SELECT min(job_type) AS job_type
        FROM document_jobs
        WHERE user_id = whose AND status = 'pending' AND turn >= 1000000000000000
        UNION ALL
        SELECT (SELECT min(job_type)
                FROM document_jobs
                WHERE user_id = whose AND status = 'pending' AND turn >= 1000000000000000
                  AND job_type > aside.job_type)
        FROM aside
        WHERE job_type IS NOT NULL
    ), best AS MATERIALIZED (
        SELECT best.*
        FROM aside
        CROSS JOIN LATERAL (
            SELECT id, ranked_at
            FROM document_jobs
            WHERE user_id = whose AND job_type = aside.job_type
              AND status = 'pending' AND turn >= 1000000000000000
            ORDER BY ranked_at
            LIMIT most
            FOR UPDATE SKIP LOCKED
        ) AS best
    )
    UPDATE document_jobs AS job
    SET turn = document_jobs_clock_of(job.job_type, (SELECT last_value FROM document_jobs_clock)) + best.number
    FROM (SELECT id, row_number() OVER (ORDER BY ranked_at) AS number FROM best) AS best
    WHERE job.id = best.id;

    IF FOUND THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;
END $$;

-- As before, and in the line of its type.
CREATE OR REPLACE FUNCTION document_jobs_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen document_jobs;
BEGIN
    IF NEW.attempt < OLD.attempt OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the attempt of a job only grows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_jobs_attempt';
    END IF;
    IF NEW.status = 'pending' THEN
        IF NEW.scheduled_at > now() THEN
            NEW.turn := NULL;
        ELSIF OLD.status = 'processing' AND OLD.turn IS NOT NULL
              AND (NEW.retry_count, NEW.lost_count) = (OLD.retry_count, OLD.lost_count) THEN
            -- Released: its turn has come already. Before the begin of the line nobody looks.
            NEW.turn := greatest(OLD.turn, document_jobs_begin_of(NEW.job_type));
        ELSIF OLD.status <> 'pending' OR OLD.turn IS NULL THEN
            NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.job_type, NEW.priority);
        END IF;
    END IF;

    IF NEW.status = OLD.status THEN
        seen := NEW;
        seen.turn := OLD.turn;
        IF seen IS DISTINCT FROM OLD THEN  -- nobody sees a turn
            NEW.seq := OLD.seq + 1;
            NEW.updated_at := now();
        END IF;
        RETURN NEW;
    END IF;

    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'processing'),    -- claim
        ('processing', 'completed'),  -- complete
        ('processing', 'pending'),    -- retry, snooze, release, rescue
        ('processing', 'failed'),     -- fail, and rescue of a job that keeps killing workers
        ('processing', 'cancelled'),  -- cancel
        ('pending', 'failed'),        -- expire
        ('pending', 'cancelled'),     -- cancel
        ('failed', 'pending'),        -- retry by its owner
        ('cancelled', 'pending')
    ) THEN
        RAISE EXCEPTION 'a % job cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_jobs_arrow';
    END IF;

    NEW.seq := OLD.seq + 1;
    NEW.updated_at := now();
    IF NEW.status = 'processing' THEN
        IF NEW.attempt = OLD.attempt THEN
            RAISE EXCEPTION 'a claim is a new attempt'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'document_jobs_attempt';
        END IF;
        NEW.started_at := now();
        RETURN NEW;
    END IF;

    NEW.worker_id := NULL;
    NEW.slot := NULL;
    NEW.type_slot := NULL;
    NEW.stage := NULL;
    IF NEW.status = 'pending' THEN
        NEW.completed_at := NULL;
        NEW.expires_at := NULL;
    ELSE
        NEW.completed_at := now();
        NEW.expires_at := now() + NEW.retention;
    END IF;
    RETURN NEW;
END $$;

-- What was paused has the turns of then, and would come before all that others have now. It gets new
-- ones, as if all of it came in this moment: after what its user has in the lines that are open. What
-- stands aside stays there; what somebody has locked keeps its turn, for to wait for each other is a
-- deadlock. One resumes after the other, or a user had a share for each.
CREATE FUNCTION document_paused_job_types_resume() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET jit = off AS $$
DECLARE
    clock bigint;
    resumed text[] := ARRAY(SELECT job_type FROM gone);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('document_jobs resume'));
    clock := (SELECT last_value FROM document_jobs_clock);

    WITH waiting AS MATERIALIZED (
        SELECT id, user_id, priority, turn, ranked_at
        FROM document_jobs
        WHERE job_type = ANY (resumed) AND status = 'pending' AND turn < 1000000000000000
        FOR UPDATE SKIP LOCKED
    ), after AS MATERIALIZED (
        SELECT user_id, coalesce((
            SELECT turn
            FROM document_jobs
            WHERE user_id = users.user_id AND status = 'pending' AND turn > clock
              AND turn < 1000000000000000 AND job_type <> ALL (resumed)
              AND job_type NOT IN (SELECT job_type FROM document_paused_job_types)
            ORDER BY user_id DESC, turn DESC
            LIMIT 1), clock) AS turn
        FROM (SELECT DISTINCT user_id FROM waiting) AS users
    )
    UPDATE document_jobs AS job
    SET turn = CASE WHEN job.priority > 0 THEN clock + 1 - job.priority
                    ELSE after.turn + numbered.number END
    FROM (SELECT id, row_number() OVER (PARTITION BY user_id, priority > 0
                                        ORDER BY turn, ranked_at) AS number
          FROM waiting) AS numbered,
         after
    WHERE job.id = numbered.id AND after.user_id = job.user_id;
    RETURN NULL;
END $$;

CREATE TRIGGER resume AFTER DELETE ON document_paused_job_types
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION document_paused_job_types_resume();

ALTER FUNCTION document_jobs_forget SET jit = off;
