DROP VIEW document_job_states;
