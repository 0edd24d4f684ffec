-- name: backend_pid
SELECT pg_backend_pid()

-- name: use_indexes
-- A plan is kept, and one from when the table was empty would read all of it ever after. What we ask has
-- an index. Where a pooler stands between, each statement is planned anew, and nothing can be set.
SET enable_seqscan = off
