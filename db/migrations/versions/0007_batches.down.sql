DROP INDEX document_jobs_batch;
