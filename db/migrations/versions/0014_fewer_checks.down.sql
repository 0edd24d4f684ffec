ALTER TABLE document_jobs
    DROP CONSTRAINT document_jobs_named,
    DROP CONSTRAINT document_jobs_counts,
    DROP CONSTRAINT document_jobs_slots,
    DROP CONSTRAINT document_jobs_spans,
    ADD CONSTRAINT document_jobs_user_id_check CHECK (user_id <> '') NOT VALID,
    ADD CONSTRAINT document_jobs_job_type_check CHECK (job_type <> '') NOT VALID,
    ADD CONSTRAINT document_jobs_total_files_check CHECK (total_files >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_processed_files_check CHECK (processed_files >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_attempt_check CHECK (attempt >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_retry_count_check CHECK (retry_count >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_max_retries_check CHECK (max_retries >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_lost_count_check CHECK (lost_count >= 0) NOT VALID,
    ADD CONSTRAINT document_jobs_slot_check CHECK (slot > 0) NOT VALID,
    ADD CONSTRAINT document_jobs_type_slot_check CHECK (type_slot > 0) NOT VALID,
    ADD CONSTRAINT document_jobs_timeout_check CHECK (timeout > interval '0') NOT VALID,
    ADD CONSTRAINT document_jobs_retention_check CHECK (retention > interval '0') NOT VALID;

CREATE OR REPLACE FUNCTION document_jobs_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
