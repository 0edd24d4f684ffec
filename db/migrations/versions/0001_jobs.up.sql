-- The whole schema, in reading order: jobs, attempts, workers, artifacts, what keeps a job
-- honest, who is told. What must hold whoever writes is a CHECK or a trigger here; the verbs
-- are in db/queries.

-- One row a job. A plain INSERT of (user_id, job_type, payload) enqueues it.
CREATE TABLE document_jobs (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id          text NOT NULL CHECK (user_id <> ''),
    session_id       text,
    message_id       text,
    batch_id         text,
    job_type         text NOT NULL CHECK (job_type <> ''),
    title            text,
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN (
                         'pending',      -- waits for a worker, from scheduled_at on
                         'processing',   -- a worker holds the claim (id, attempt)
                         'completed',    -- final: result is set, artifacts are visible
                         'failed',       -- final: error is set
                         'cancelled'     -- final: somebody asked for it
                     )),
    payload          jsonb NOT NULL DEFAULT '{}',
    result           jsonb,
    error            jsonb,
    progress         smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    progress_message text,
    stage            text,
    total_files      integer CHECK (total_files >= 0),
    processed_files  integer CHECK (processed_files >= 0),
    priority         smallint NOT NULL DEFAULT 0,
    attempt          integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    retry_count      integer NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    max_retries      integer NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    lost_count       integer NOT NULL DEFAULT 0 CHECK (lost_count >= 0),
    seq              bigint NOT NULL DEFAULT 1,
    idempotency_key  text,
    request_digest   text, -- of the request that brought the key, to tell a repeat from a clash
    worker_id        uuid,
    timeout          interval CHECK (timeout > interval '0'),            -- NULL: the worker's setting
    retention        interval NOT NULL DEFAULT '7 days' CHECK (retention > interval '0'),
    scheduled_at     timestamptz NOT NULL DEFAULT now(),
    start_before     timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz, -- of the present attempt
    completed_at     timestamptz,
    updated_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz,

    CONSTRAINT document_jobs_claimed CHECK ((status = 'processing') = (worker_id IS NOT NULL)),
    CONSTRAINT document_jobs_final CHECK (
        (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)
        AND (completed_at IS NULL) = (expires_at IS NULL)),
    CONSTRAINT document_jobs_error CHECK (status <> 'failed' OR error IS NOT NULL),
    CONSTRAINT document_jobs_result CHECK (result IS NULL OR status = 'completed')
) WITH (
    -- Every job is updated a dozen times and then rests: room on the page, and early vacuums.
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);

-- The claim reads this one from its left end.
CREATE INDEX document_jobs_claim ON document_jobs (priority DESC, scheduled_at, id)
    WHERE status = 'pending';
-- When does the next scheduled job fall due?
CREATE INDEX document_jobs_due ON document_jobs (scheduled_at) WHERE status = 'pending';
CREATE INDEX document_jobs_start_before ON document_jobs (start_before)
    WHERE status = 'pending' AND start_before IS NOT NULL;
-- What does a worker hold? (heartbeat, rescue)
CREATE INDEX document_jobs_held ON document_jobs (worker_id) WHERE status = 'processing';
CREATE INDEX document_jobs_expired ON document_jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX document_jobs_user ON document_jobs (user_id, created_at DESC, id DESC);
CREATE INDEX document_jobs_session ON document_jobs (session_id, created_at DESC, id DESC)
    WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX document_jobs_idempotency ON document_jobs (user_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- One row a claim: the history of a job.
CREATE TABLE document_job_attempts (
    job_id     uuid NOT NULL REFERENCES document_jobs ON DELETE CASCADE,
    attempt    integer NOT NULL CHECK (attempt > 0),
    worker_id  uuid NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    outcome    text CHECK (outcome IN (
                   'completed', 'retried', 'snoozed', 'released', 'failed', 'cancelled', 'lost')),
    error      jsonb,
    sandbox    jsonb,
    PRIMARY KEY (job_id, attempt),
    CONSTRAINT document_job_attempts_ended CHECK ((ended_at IS NULL) = (outcome IS NULL))
);

-- One row a worker. Its heartbeat is the only sign of life, and the only thing that is
-- written every second: few columns, no index but the key, so that every beat is a HOT update.
CREATE TABLE document_workers (
    id           uuid PRIMARY KEY,
    hostname     text NOT NULL,
    pid          integer NOT NULL,
    slots        integer NOT NULL CHECK (slots > 0),
    sandbox      jsonb,
    lease        interval NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Immutable bytes that an attempt made; cut into chunks so that they can be streamed.
CREATE TABLE document_artifacts (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id     uuid NOT NULL REFERENCES document_jobs ON DELETE CASCADE,
    attempt    integer NOT NULL,
    position   integer NOT NULL,
    file_name  text NOT NULL CHECK (file_name <> ''),
    mime_type  text NOT NULL,
    file_size  bigint NOT NULL CHECK (file_size > 0),
    sha256     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (job_id, attempt, position)
);

CREATE TABLE document_artifact_chunks (
    artifact_id uuid NOT NULL REFERENCES document_artifacts ON DELETE CASCADE,
    position    integer NOT NULL,
    data        bytea NOT NULL,
    PRIMARY KEY (artifact_id, position)
);
-- Documents are compressed already; an external value can be read in slices.
ALTER TABLE document_artifact_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

-- What an attempt wrote becomes visible by the commit that completes its job, and only then.
CREATE VIEW document_job_artifacts AS
SELECT artifact.*, job.user_id, job.session_id
FROM document_artifacts AS artifact
JOIN document_jobs AS job
    ON job.id = artifact.job_id AND job.attempt = artifact.attempt AND job.status = 'completed';

CREATE VIEW document_job_stats AS
SELECT job_type,
       status,
       count(*) AS jobs,
       count(*) FILTER (WHERE status = 'pending' AND scheduled_at > now()) AS scheduled,
       extract(epoch FROM now() - min(scheduled_at)
           FILTER (WHERE status = 'pending' AND scheduled_at <= now()))::float8
           AS oldest_wait_seconds,
       extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY completed_at - started_at)
           FILTER (WHERE status = 'completed'))::float8 AS median_run_seconds
FROM document_jobs
GROUP BY job_type, status;

-- What keeps a job honest: the legal arrows, the change counter, the dates of the end.
CREATE FUNCTION document_jobs_step() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER step BEFORE UPDATE ON document_jobs
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION document_jobs_step();

-- The history writes itself: a claim opens an attempt, whatever ends it closes it.
CREATE FUNCTION document_jobs_record() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION document_jobs_record();

-- Who is told. A notice is a hint (id seq status user session), the row is the truth. The
-- hashes let a hub route without reading; 100 notices fit into the 8,000 bytes of one payload,
-- and one more byte would abort the writer.
CREATE FUNCTION document_jobs_route(word text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT left(md5(word), 8) $$;

CREATE FUNCTION document_jobs_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('document_jobs_changes', string_agg(notice, E'\n'))
    FROM (
        SELECT concat_ws(' ', id, seq, status, document_jobs_route(user_id),
                         coalesce(document_jobs_route(session_id), '-')) AS notice,
               (row_number() OVER () - 1) / 90 AS chunk
        FROM changed
    ) AS notices
    GROUP BY chunk;

    IF EXISTS (SELECT FROM changed WHERE status = 'pending' AND scheduled_at <= now()) THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER notify_insert AFTER INSERT ON document_jobs
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_notify();

CREATE TRIGGER notify_update AFTER UPDATE ON document_jobs
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_notify();
