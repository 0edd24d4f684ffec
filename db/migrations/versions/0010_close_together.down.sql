CREATE OR REPLACE FUNCTION document_jobs_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    clock bigint := (SELECT last_value FROM document_jobs_clock);
    latest bigint;
BEGIN
    INSERT INTO document_job_attempts (job_id, attempt, worker_id, sandbox)
    SELECT job.id, job.attempt, job.worker_id, worker.sandbox
    FROM changed AS job
    JOIN before ON before.id = job.id AND before.status <> 'processing'
    LEFT JOIN document_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'processing';

    IF FOUND THEN
        latest := (SELECT greatest(max(turn), clock) + count(*) FILTER (WHERE priority > 0)
                   FROM changed WHERE status = 'processing');
        IF latest > clock THEN
            PERFORM setval('document_jobs_clock', latest);
        END IF;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER record ON document_jobs;
CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (OLD.status = 'processing' AND NEW.status <> 'processing')
    EXECUTE FUNCTION document_jobs_record();

DROP TRIGGER close ON document_jobs;
DROP FUNCTION document_jobs_close;
