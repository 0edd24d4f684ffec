-- Jobs that complete in one statement have their attempts closed by one, and not by one each. A job
-- has no other open attempt than the one that completes. The plan outlives the empty table, so it may
-- not scan.
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

-- Every other end says by what has changed how the attempt went.
DROP TRIGGER record ON document_jobs;
CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (
        OLD.status = 'processing' AND NEW.status NOT IN ('processing', 'completed'))
    EXECUTE FUNCTION document_jobs_record();

-- As before, but what settles does not look for claims.
CREATE OR REPLACE FUNCTION document_jobs_open() RETURNS trigger LANGUAGE plpgsql AS $$
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
