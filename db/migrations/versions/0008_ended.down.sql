DROP INDEX document_jobs_ended;
