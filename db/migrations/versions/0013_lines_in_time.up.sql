-- What the clock of all was when the begin was found, which is the time of a line that nothing holds up; and
-- since when nothing else runs while others could.
ALTER TABLE document_job_lines
    ADD COLUMN of_all bigint,
    ADD COLUMN alone_since timestamptz;

-- As before, but what nobody has looked at for minutes is not believed: its workers have gone, or know
-- nothing of it.
CREATE OR REPLACE FUNCTION document_jobs_clock_of(kind text, clock bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    held_up bigint := (SELECT line.clock FROM document_job_lines AS line
                       WHERE job_type = kind AND found_at > now() - interval '5 min');
BEGIN
    IF held_up IS NULL OR held_up >= clock THEN
        RETURN clock;
    END IF;

    RETURN least(clock, greatest(
        held_up,
        (SELECT max(turn + greatest(priority, 0))
         FROM document_jobs
         WHERE job_type = kind AND type_slot IS NOT NULL),
        (SELECT turn - 1 FROM document_jobs_front_of(kind, document_jobs_begin_of(kind), 1))));
END $$;

-- As before, and a raised job is before its time there, too.
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
    SET turn = document_jobs_clock_of(job.job_type, (SELECT last_value FROM document_jobs_clock))
               + best.number - greatest(job.priority, 0)
    FROM (SELECT id, row_number() OVER (ORDER BY ranked_at) AS number FROM best) AS best
    WHERE job.id = best.id;

    IF FOUND THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;
END $$;

-- As before, and here.
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
            NEW.turn := greatest(OLD.turn, document_jobs_begin_of(NEW.job_type) - greatest(NEW.priority, 0));
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

-- The turns of a line that has waited for something else than its turn (a pause, or its limit) are late, and
-- it would come before all that others have. Whoever has late ones there gets new ones, as if all of theirs
-- came in this moment, by the clock of the line: where that is the one of all, after what they have in the
-- other lines that are open. What stands aside stays there; what somebody has locked keeps its turn, for to
-- wait for each other is a deadlock. Some users at a time, each with all that they have, in its order.
-- Nothing here is joined, for the plan is made when there is nothing, and the next rush is long.
CREATE FUNCTION document_jobs_renew(kind text, clock bigint, most integer) RETURNS integer LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    is_in_time boolean := clock >= (SELECT last_value - 10 FROM document_jobs_clock);
    whose text;
    latest bigint;
    count integer;
    renewed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('document_jobs renew')) THEN
        RETURN 0; -- of two, each would find a part of somebody's jobs
    END IF;

    FOR whose IN
        SELECT DISTINCT user_id
        FROM (SELECT user_id
              FROM document_jobs
              WHERE status = 'pending' AND turn + greatest(priority, 0) < clock - 10
                AND (job_type, turn) >= (kind, -1000000000000000)
                AND (job_type, turn) < (kind, clock - 10)
              ORDER BY job_type, turn
              LIMIT most
              FOR UPDATE SKIP LOCKED) AS late
    LOOP
        latest := (SELECT turn
                   FROM document_jobs
                   WHERE is_in_time AND status = 'pending' AND job_type <> kind
                     AND (user_id, turn) > (whose, clock)
                     AND (user_id, turn) < (whose, 1000000000000000)
                     AND job_type NOT IN (SELECT job_type FROM document_paused_job_types)
                   ORDER BY user_id DESC, turn DESC
                   LIMIT 1);

        WITH waiting AS MATERIALIZED (
            SELECT ctid AS place, priority, turn, ranked_at
            FROM document_jobs
            WHERE job_type = kind AND status = 'pending'
              AND (user_id, turn) >= (whose, -1000000000000000)
              AND (user_id, turn) < (whose, 1000000000000000)
            ORDER BY user_id, turn
            FOR UPDATE SKIP LOCKED
        )
        UPDATE document_jobs AS job
        SET turn = CASE WHEN job.priority > 0 THEN clock + 1 - job.priority
                        ELSE coalesce(latest, clock) + numbered.number END
        FROM (SELECT place, row_number() OVER (PARTITION BY priority > 0
                                               ORDER BY turn, ranked_at) AS number
              FROM waiting) AS numbered
        WHERE job.ctid = numbered.place;

        GET DIAGNOSTICS count = ROW_COUNT;
        renewed := renewed + count;
        EXIT WHEN renewed >= most;
    END LOOP;
    RETURN renewed;
END $$;

-- What is resumed goes by the clock of all from now on; what is late of it, the workers renew when they next
-- look. Until then nobody knows where it begins.
CREATE OR REPLACE FUNCTION document_paused_job_types_resume() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_of_all bigint := (SELECT last_value FROM document_jobs_clock);
BEGIN
    INSERT INTO document_job_lines (job_type, begin, found_at, of_all, clock)
    SELECT job_type, -1000000000, '-infinity', now_of_all, now_of_all
    FROM gone
    ORDER BY job_type
    ON CONFLICT (job_type) DO UPDATE
        SET begin = EXCLUDED.begin, found_at = EXCLUDED.found_at,
            of_all = EXCLUDED.of_all, clock = EXCLUDED.clock;
    IF FOUND THEN
        PERFORM setval('document_jobs_line_begin', -1000000000);
    END IF;
    RETURN NULL;
END $$;
