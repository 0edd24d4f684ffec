DROP TRIGGER step ON document_jobs;
CREATE TRIGGER step BEFORE UPDATE ON document_jobs
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION document_jobs_step();

CREATE OR REPLACE FUNCTION document_jobs_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen document_jobs;
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('pending', 'processing'),    -- claim
        ('pending', 'failed'),        -- expire
        ('pending', 'cancelled'),     -- cancel
        ('processing', 'pending'),    -- retry, snooze, release, rescue
        ('processing', 'completed'),  -- complete
        ('processing', 'failed'),     -- fail, and rescue of a job that keeps killing workers
        ('processing', 'cancelled'),  -- cancel
        ('failed', 'pending'),        -- retry by its owner
        ('cancelled', 'pending')
    ) THEN
        RAISE EXCEPTION 'a % job cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_jobs_arrow';
    END IF;
    IF NEW.attempt < OLD.attempt OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the attempt of a job only grows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_jobs_attempt';
    END IF;

    IF NEW.status = 'pending' THEN
        IF NEW.scheduled_at > now() THEN
            NEW.turn := NULL;
        ELSIF OLD.status <> 'pending' OR OLD.turn IS NULL THEN
            NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.priority);
        END IF;
    END IF;
    IF NEW.status = OLD.status AND NEW.turn IS DISTINCT FROM OLD.turn THEN
        seen := NEW;
        seen.turn := OLD.turn;
        IF seen IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;  -- nobody sees a turn
        END IF;
    END IF;

    NEW.seq := OLD.seq + 1;
    NEW.updated_at := now();
    IF NEW.status <> 'processing' THEN
        NEW.worker_id := NULL;
        NEW.slot := NULL;
        NEW.type_slot := NULL;
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;

    IF NEW.status IN ('completed', 'failed', 'cancelled') THEN
        NEW.completed_at := now();
        NEW.expires_at := now() + NEW.retention;
    ELSE
        NEW.completed_at := NULL;
        NEW.expires_at := NULL;
    END IF;
    IF NEW.status <> 'processing' AND OLD.status = 'processing' THEN
        NEW.stage := NULL;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER changed ON document_jobs;
DROP FUNCTION document_jobs_changed;
DROP FUNCTION document_jobs_let_in;
DROP INDEX document_jobs_aside;
DROP INDEX document_jobs_line_of_type;
DROP TRIGGER forget ON document_jobs;
DROP FUNCTION document_jobs_forget;
DROP TRIGGER forget_all ON document_jobs;
DROP FUNCTION document_jobs_forget_all;
DROP VIEW document_job_attempts;
ALTER TABLE document_job_history RENAME TO document_job_attempts;
ALTER TABLE document_job_attempts
    ALTER COLUMN ended_at DROP NOT NULL,
    ALTER COLUMN outcome DROP NOT NULL,
    ADD CONSTRAINT document_job_attempts_attempt_check CHECK (attempt > 0),
    ADD CONSTRAINT document_job_attempts_outcome_check CHECK (outcome IN (
        'completed', 'retried', 'snoozed', 'released', 'failed', 'cancelled', 'lost')),
    ADD CONSTRAINT document_job_attempts_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    ADD CONSTRAINT document_job_attempts_job_id_fkey
        FOREIGN KEY (job_id) REFERENCES document_jobs ON DELETE CASCADE;
ALTER TABLE document_job_attempts SET (fillfactor = 80);
INSERT INTO document_job_attempts (job_id, attempt, worker_id, started_at, sandbox)
SELECT job.id, job.attempt, job.worker_id, coalesce(job.started_at, job.updated_at), worker.sandbox
FROM document_jobs AS job
LEFT JOIN document_workers AS worker ON worker.id = job.worker_id
WHERE job.status = 'processing';

CREATE FUNCTION document_jobs_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    clock bigint;
    latest bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE status = 'processing') THEN
        RETURN NULL;
    END IF;

    INSERT INTO document_job_attempts (job_id, attempt, worker_id, sandbox)
    SELECT job.id, job.attempt, job.worker_id, worker.sandbox
    FROM changed AS job
    JOIN before ON before.id = job.id AND before.status <> 'processing'
    LEFT JOIN document_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'processing';

    IF FOUND THEN
        clock := (SELECT last_value FROM document_jobs_clock);
        latest := (SELECT greatest(max(turn), clock) + count(*) FILTER (WHERE priority > 0)
                   FROM changed WHERE status = 'processing');
        IF latest > clock THEN
            PERFORM setval('document_jobs_clock', latest);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER open AFTER UPDATE ON document_jobs
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_open();

CREATE FUNCTION document_jobs_close() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    UPDATE document_job_attempts
    SET ended_at = now(), outcome = 'completed'
    WHERE job_id = ANY (ARRAY(SELECT id FROM changed WHERE status = 'completed'))
      AND ended_at IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER close AFTER UPDATE ON document_jobs
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_close();

CREATE FUNCTION document_jobs_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE document_job_attempts
    SET ended_at = now(), error = NEW.error,
        outcome = CASE
            WHEN NEW.lost_count > OLD.lost_count THEN 'lost'
            WHEN NEW.status <> 'pending' THEN NEW.status
            WHEN NEW.retry_count > OLD.retry_count THEN 'retried'
            WHEN NEW.scheduled_at > OLD.scheduled_at THEN 'snoozed'
            ELSE 'released'
        END
    WHERE job_id = NEW.id AND attempt = NEW.attempt;
    RETURN NULL;
END $$;

CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (
        OLD.status = 'processing' AND NEW.status NOT IN ('processing', 'completed'))
    EXECUTE FUNCTION document_jobs_record();

CREATE TRIGGER notify_update AFTER UPDATE ON document_jobs
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_notify();

-- What stood aside comes at the end of the line, one after the other.
ALTER TABLE document_jobs DISABLE TRIGGER USER;
UPDATE document_jobs AS job
SET turn = (SELECT last_value FROM document_jobs_clock) + placed.number
FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY ranked_at) AS number
      FROM document_jobs WHERE status = 'pending' AND turn >= 1000000000000000) AS placed
WHERE job.id = placed.id;
ALTER TABLE document_jobs ENABLE TRIGGER USER;
