-- What an operator has paused: its jobs are accepted and wait, and those that run end.
CREATE TABLE document_paused_job_types (
    job_type  text PRIMARY KEY CHECK (job_type <> ''),
    paused_at timestamptz NOT NULL DEFAULT now()
);

-- The jobs that have waited are due at once.
CREATE FUNCTION document_paused_job_types_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('document_jobs_wake', '');
    RETURN NULL;
END $$;

CREATE TRIGGER notify AFTER DELETE ON document_paused_job_types
    FOR EACH ROW EXECUTE FUNCTION document_paused_job_types_notify();
