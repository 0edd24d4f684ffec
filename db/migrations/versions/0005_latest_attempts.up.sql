-- The newest attempts first: how long jobs run, how fast the work goes (db/queries/history.sql).
-- It grows at its right end only, and started_at never changes, so closing an attempt stays HOT.
CREATE INDEX document_job_attempts_latest ON document_job_attempts (started_at);
