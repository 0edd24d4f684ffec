-- name: backend_pid
SELECT pg_backend_pid()
