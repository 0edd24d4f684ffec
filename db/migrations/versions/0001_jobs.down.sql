DROP VIEW document_job_stats, document_job_artifacts;
DROP TABLE document_artifact_chunks, document_artifacts, document_workers,
    document_job_attempts, document_jobs;
DROP FUNCTION document_jobs_notify(), document_jobs_route(text), document_jobs_record(),
    document_jobs_step();
