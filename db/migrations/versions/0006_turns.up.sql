-- Whose turn it is. Every job in the line has a turn: the first of each user's jobs is in the next
-- round, their second one in the round after it, and so on, so that a thousand jobs of one user
-- stand behind one job of another. Workers go by turn; which of the user's jobs a turn goes to is
-- decided by rank when it comes. Nothing is counted or locked for it: a turn is found in an index.

ALTER TABLE document_jobs
    -- NULL: not in the line, for it is scheduled or has ended.
    ADD COLUMN turn bigint,
    -- When it came, less a minute for each point of priority; so whoever waits rises.
    ADD COLUMN ranked_at timestamptz,
    -- Which of its user's running slots it has; NULL where nothing limits them.
    ADD COLUMN slot smallint CHECK (slot > 0);

-- The latest turn that was taken. A sequence: it waits for nobody, and never goes back by much.
CREATE SEQUENCE document_jobs_clock;
-- No job in the line has a turn below it, or a worker will say so within a second. It spares the
-- claims what the index still holds of jobs that are gone, while an old snapshot keeps it there.
CREATE SEQUENCE document_jobs_line_begin MINVALUE -1000000000;

-- Raising is the right of services: a turn earlier for each point, and ahead of other users.
-- The plan outlives the table's growth: one that was made when the table was empty would read all
-- of it for each row of a large insert.
CREATE FUNCTION document_jobs_next_turn(whose text, priority integer) RETURNS bigint
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    clock bigint := (SELECT last_value FROM document_jobs_clock);
BEGIN
    IF priority > 0 THEN
        RETURN clock + 1 - priority;
    END IF;

    -- The order names the user too, or an index without them would do.
    RETURN 1 + greatest(clock, (
        SELECT turn FROM document_jobs
        WHERE user_id = whose AND status = 'pending' AND turn > clock
        ORDER BY user_id DESC, turn DESC
        LIMIT 1));
END $$;

CREATE FUNCTION document_jobs_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ranked_at := NEW.scheduled_at - make_interval(mins => NEW.priority);
    NEW.turn := NULL;
    IF NEW.status = 'pending' AND NEW.scheduled_at <= now() THEN
        NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.priority);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER enter BEFORE INSERT ON document_jobs
    FOR EACH ROW EXECUTE FUNCTION document_jobs_enter();

-- As before, and: the place in the line, and the running slot.
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

-- A claim opens attempts, all in one insert: one by one the check of the foreign key took most of
-- the claim. And it moves the clock to its turns. A raised job did not wait for its turn, so it moves
-- the clock by one: after as many of them as they have points, everybody else is next.
CREATE FUNCTION document_jobs_open() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER open AFTER UPDATE ON document_jobs
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_jobs_open();

-- Whatever ends an attempt closes it.
CREATE OR REPLACE FUNCTION document_jobs_record() RETURNS trigger LANGUAGE plpgsql AS $$
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

DROP TRIGGER record ON document_jobs;
CREATE TRIGGER record AFTER UPDATE OF status ON document_jobs
    FOR EACH ROW WHEN (OLD.status = 'processing' AND NEW.status <> 'processing')
    EXECUTE FUNCTION document_jobs_record();

-- Jobs that wait now get their turns in the order of their ranks.
ALTER TABLE document_jobs DISABLE TRIGGER USER;
UPDATE document_jobs SET ranked_at = scheduled_at - make_interval(mins => priority)
WHERE status IN ('pending', 'processing');
UPDATE document_jobs AS job SET turn = placed.turn
FROM (
    SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY ranked_at) AS turn
    FROM document_jobs WHERE status = 'pending' AND scheduled_at <= now()
) AS placed
WHERE job.id = placed.id;
ALTER TABLE document_jobs ENABLE TRIGGER USER;

-- The claim reads this one from its begin.
CREATE INDEX document_jobs_line ON document_jobs (turn, ranked_at)
    WHERE status = 'pending' AND turn IS NOT NULL;
-- Where does the next job of this user stand, and how many wait?
CREATE INDEX document_jobs_user_line ON document_jobs (user_id, turn) WHERE status = 'pending';
-- Does this user rank their jobs at all?
CREATE INDEX document_jobs_ranked ON document_jobs (user_id)
    WHERE status = 'pending' AND priority <> 0;
-- What is not in the line yet, and when does it fall due?
CREATE INDEX document_jobs_scheduled ON document_jobs (scheduled_at)
    WHERE status = 'pending' AND turn IS NULL;
-- A limit that holds whoever claims: two jobs cannot have one slot.
CREATE UNIQUE INDEX document_jobs_slot ON document_jobs (user_id, slot) WHERE slot IS NOT NULL;
DROP INDEX document_jobs_claim;
DROP INDEX document_jobs_due;

-- Each attempt is closed once, where it lies, if there is room on the page.
ALTER TABLE document_job_attempts SET (fillfactor = 80);
