ALTER TABLE document_job_attempts RESET (fillfactor);
CREATE INDEX document_jobs_claim ON document_jobs (priority DESC, scheduled_at, id)
    WHERE status = 'pending';
CREATE INDEX document_jobs_due ON document_jobs (scheduled_at) WHERE status = 'pending';

CREATE OR REPLACE FUNCTION document_jobs_step() RETURNS trigger LANGUAGE plpgsql AS $$
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

    NEW.seq := OLD.seq + 1;
    NEW.updated_at := now();
    IF NEW.status <> 'processing' THEN
        NEW.worker_id := NULL;
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

CREATE OR REPLACE FUNCTION document_jobs_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'processing' THEN
        INSERT INTO document_job_attempts (job_id, attempt, worker_id, sandbox)
        VALUES (NEW.id, NEW.attempt, NEW.worker_id,
                (SELECT sandbox FROM document_workers WHERE id = NEW.worker_id));
    ELSIF OLD.status = 'processing' THEN
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
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER open ON document_jobs;
DROP FUNCTION document_jobs_open;
DROP TRIGGER record ON document_jobs;
CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION document_jobs_record();

DROP TRIGGER enter ON document_jobs;
DROP FUNCTION document_jobs_enter;
ALTER TABLE document_jobs DROP COLUMN turn, DROP COLUMN ranked_at, DROP COLUMN slot;
DROP FUNCTION document_jobs_next_turn;
DROP SEQUENCE document_jobs_clock, document_jobs_line_begin;
