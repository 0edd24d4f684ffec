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

ALTER TABLE document_jobs DROP COLUMN type_slot;
