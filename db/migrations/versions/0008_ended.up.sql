-- For streams of many jobs: what has ended while a notice was lost. Written once a job.
CREATE INDEX document_jobs_ended ON document_jobs (completed_at) WHERE completed_at IS NOT NULL;
