CREATE OR REPLACE FUNCTION document_jobs_clock_of(kind text, clock bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION document_paused_job_types_resume() RETURNS trigger LANGUAGE plpgsql
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

DROP FUNCTION document_jobs_renew;
ALTER TABLE document_job_lines DROP COLUMN of_all, DROP COLUMN alone_since;
