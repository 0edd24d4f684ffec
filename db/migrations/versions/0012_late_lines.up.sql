-- The clock goes on with what is claimed. The line of a job type at its limit, or one that no worker
-- serves, stays behind, and whoever came to it by the clock would stand behind all that one user has
-- there. So a line that is late has a time of its own, the turn at its front.
-- Raised jobs stand before their time and say nothing of it; where the first hundred are raised, the
-- clock will do. Its callers have said that nothing is scanned.
CREATE FUNCTION document_jobs_clock_of(kind text, clock bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce((
        SELECT turn
        FROM (SELECT turn, priority
              FROM document_jobs
              WHERE status = 'pending' AND turn IS NOT NULL
                AND (job_type, turn) >= (kind, (SELECT last_value FROM document_jobs_line_begin))
                AND (job_type, turn) < (kind, clock)
              ORDER BY job_type, turn
              LIMIT 100) AS front
        WHERE priority <= 0
        LIMIT 1), clock);
END $$;

-- As before, and: in a late line, a user's turn follows the last one that they have there, for what they
-- have in the others came by another time. Who has a hundred others waiting comes after all of them.
DROP FUNCTION document_jobs_next_turn(text, integer);
CREATE FUNCTION document_jobs_next_turn(whose text, kind text, priority integer) RETURNS bigint
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    clock bigint := (SELECT last_value FROM document_jobs_clock);
    front bigint;
BEGIN
    IF priority > 0 THEN
        RETURN clock + 1 - priority;
    END IF;

    front := document_jobs_clock_of(kind, clock);
    IF front < clock THEN
        RETURN 1 + greatest(front, (
            SELECT coalesce(max(turn) FILTER (WHERE job_type = kind),
                            CASE count(*) WHEN 100 THEN max(turn) END)
            FROM (SELECT turn, job_type FROM document_jobs
                  WHERE user_id = whose AND status = 'pending' AND turn > front
                  ORDER BY user_id DESC, turn DESC
                  LIMIT 100) AS latest));
    END IF;

    -- The order names the user too, or an index without them would do.
    RETURN 1 + greatest(clock, (
        SELECT turn FROM document_jobs
        WHERE user_id = whose AND status = 'pending' AND turn > clock
        ORDER BY user_id DESC, turn DESC
        LIMIT 1));
END $$;

CREATE OR REPLACE FUNCTION document_jobs_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ranked_at := NEW.scheduled_at - make_interval(mins => NEW.priority);
    NEW.turn := NULL;
    IF NEW.status = 'pending' AND NEW.scheduled_at <= now() THEN
        NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.job_type, NEW.priority);
    END IF;
    RETURN NEW;
END $$;

-- As before, by the time of its line.
CREATE OR REPLACE FUNCTION document_jobs_let_in(whose text, most integer) RETURNS void
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
    SET turn = document_jobs_clock_of(job.job_type, (SELECT last_value FROM document_jobs_clock)) + best.number
    FROM (SELECT id, row_number() OVER (ORDER BY ranked_at) AS number FROM best) AS best
    WHERE job.id = best.id;

    IF FOUND THEN
        PERFORM pg_notify('document_jobs_wake', '');
    END IF;
END $$;

-- As before, and in the line of its type.
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
            NEW.turn := document_jobs_next_turn(NEW.user_id, NEW.job_type, NEW.priority);
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

-- What was paused has the turns of then, and would come before all that others have now. It gets new
-- ones, as if all of it came in this moment, one user's after the other; what stands aside stays there.
CREATE FUNCTION document_paused_job_types_resume() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
BEGIN
    UPDATE document_jobs AS job
    SET turn = (SELECT last_value FROM document_jobs_clock)
               + CASE WHEN job.priority > 0 THEN 1 - job.priority ELSE waiting.number END
    FROM (SELECT id, row_number() OVER (PARTITION BY user_id, priority > 0
                                        ORDER BY turn, ranked_at) AS number
          FROM document_jobs
          WHERE job_type = OLD.job_type AND status = 'pending' AND turn < 1000000000000000
         ) AS waiting
    WHERE job.id = waiting.id AND job.status = 'pending';
    RETURN NULL;
END $$;

CREATE TRIGGER resume AFTER DELETE ON document_paused_job_types
    FOR EACH ROW EXECUTE FUNCTION document_paused_job_types_resume();
