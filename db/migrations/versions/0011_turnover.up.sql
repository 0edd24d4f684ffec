-- History is written once, when an attempt ends; until then its job's own row tells of it. Opened by
-- an insert, checked against its job, and closed by an update, it took half of what a claim took.
ALTER TABLE document_job_attempts RENAME TO document_job_history;
ALTER TABLE document_job_history DROP CONSTRAINT document_job_attempts_job_id_fkey;
DELETE FROM document_job_history WHERE ended_at IS NULL;
-- Only the trigger below writes it. A CHECK is parsed anew by each statement, NOT NULL is not.
ALTER TABLE document_job_history
    DROP CONSTRAINT document_job_attempts_ended,
    DROP CONSTRAINT document_job_attempts_attempt_check,
    DROP CONSTRAINT document_job_attempts_outcome_check,
    ALTER COLUMN ended_at SET NOT NULL,
    ALTER COLUMN outcome SET NOT NULL;
ALTER TABLE document_job_history SET (fillfactor = 100);

CREATE VIEW document_job_attempts AS
SELECT job_id, attempt, worker_id, started_at, ended_at, outcome, error, sandbox
FROM document_job_history
UNION ALL
SELECT job.id, job.attempt, job.worker_id, job.started_at, NULL, NULL, NULL, worker.sandbox
FROM document_jobs AS job
LEFT JOIN document_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'processing';

-- It goes with its jobs.
CREATE FUNCTION document_jobs_forget() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM document_job_history WHERE job_id = ANY (ARRAY(SELECT id FROM gone));
    RETURN NULL;
END $$;

CREATE TRIGGER forget AFTER DELETE ON document_jobs
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_forget();

CREATE FUNCTION document_jobs_forget_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE document_job_history;
    RETURN NULL;
END $$;

CREATE TRIGGER forget_all AFTER TRUNCATE ON document_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_forget_all();

-- A user at the limit of running jobs has nothing to look for in the line, and a claim does not read
-- through what they have there: it puts it aside, behind every turn that a clock will ever show, and what
-- they enqueue now comes behind that by itself. Whenever one of their slots becomes free, their best job
-- of each type is let in again, for some types may be paused, at their limit, or nobody's. A claim that
-- knows no limit finds what stands aside at the end of the line.
CREATE INDEX document_jobs_aside ON document_jobs (user_id, job_type, ranked_at)
    WHERE status = 'pending' AND turn >= 1000000000000000;

CREATE FUNCTION document_jobs_let_in(whose text, most integer) RETURNS void
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
    SET turn = (SELECT last_value FROM document_jobs_clock) + best.number
    FROM (SELECT id, row_number() OVER (ORDER BY ranked_at) AS number FROM best) AS best
    WHERE job.id = best.id;

    IF FOUND THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;
END $$;

-- Where a job type is paused or at its limit, the line is read by type.
CREATE INDEX document_jobs_line_of_type ON document_jobs (job_type, turn, ranked_at)
    WHERE status = 'pending' AND turn IS NOT NULL;

-- What follows from a change, whoever writes, all rows of a statement at once: who is told, the clock
-- moves to the turns that were taken, what ended is history. A claim is known by its date. A raised
-- job did not wait for its turn, so it moves the clock by one: after as many of them as they have
-- points, everybody else is next.
CREATE FUNCTION document_jobs_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    notices text[];
    is_due boolean;
    has_ended boolean;
    latest bigint;
    raised bigint;
BEGIN
    SELECT array_agg(concat_ws(' ', id, seq, status, document_jobs_route(user_id),
                               coalesce(document_jobs_route(session_id), '-'))),
           bool_or(status = 'pending' AND scheduled_at <= now()),
           bool_or(status <> 'processing'),
           max(turn) FILTER (WHERE status = 'processing' AND started_at = now()
                               AND turn < 1000000000000000),
           count(*) FILTER (WHERE status = 'processing' AND started_at = now() AND priority > 0)
    INTO notices, is_due, has_ended, latest, raised
    FROM changed
    WHERE updated_at = now();  -- nobody sees a turn

    FOR n IN 1 .. coalesce(cardinality(notices), 0) BY 90 LOOP
        PERFORM pg_notify('document_jobs_changes',
                          array_to_string(notices[n : n + 89], E'\n'));
    END LOOP;
    IF is_due THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;

    IF latest IS NOT NULL THEN
        PERFORM setval('document_jobs_clock', greatest(latest, last_value) + raised)
        FROM document_jobs_clock
        WHERE last_value < greatest(latest, last_value) + raised;
    END IF;

    IF has_ended THEN
        INSERT INTO document_job_history
            (job_id, attempt, worker_id, started_at, ended_at, outcome, error, sandbox)
        SELECT held.id, held.attempt, held.worker_id,
               coalesce(held.started_at, held.updated_at), now(),
               CASE
                   WHEN job.lost_count > held.lost_count THEN 'lost'
                   WHEN job.status <> 'pending' THEN job.status
                   WHEN job.retry_count > held.retry_count THEN 'retried'
                   WHEN job.scheduled_at > held.scheduled_at THEN 'snoozed'
                   ELSE 'released'
               END,
               job.error, worker.sandbox
        FROM before AS held
        JOIN changed AS job ON job.id = held.id
        LEFT JOIN document_workers AS worker ON worker.id = held.worker_id
        WHERE held.status = 'processing' AND job.status <> 'processing';

        PERFORM document_jobs_let_in(user_id, count(*)::integer)
        FROM before
        WHERE slot IS NOT NULL AND id IN (SELECT id FROM changed WHERE slot IS NULL)
        GROUP BY user_id;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER open ON document_jobs;
DROP TRIGGER close ON document_jobs;
DROP TRIGGER record ON document_jobs;
DROP TRIGGER notify_update ON document_jobs;
DROP FUNCTION document_jobs_open;
DROP FUNCTION document_jobs_close;
DROP FUNCTION document_jobs_record;
CREATE TRIGGER changed AFTER UPDATE ON document_jobs
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_changed();

-- As before, and: a claim has its date, and is a new attempt, whoever makes it. Whether anything has
-- changed is asked here, where an arrow need not be compared column by column, and no longer in the
-- trigger's condition, which was parsed anew for each statement.
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
            NEW.turn := greatest(OLD.turn, (SELECT last_value FROM document_jobs_line_begin));
        ELSIF OLD.status <> 'pending' OR OLD.turn IS NULL THEN
            NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.priority);
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

DROP TRIGGER step ON document_jobs;
CREATE TRIGGER step BEFORE UPDATE ON document_jobs
    FOR EACH ROW EXECUTE FUNCTION document_jobs_step();
