-- name: backend_pid
SELECT pg_backend_pid()

-- name: use_indexes
-- A plan is kept, and one from when the table was empty would read all of it ever after. What we ask has
-- an index. A plan that scans all the same, a sequence, say, costs so much before Postgres 18 that it would
-- be compiled, for a second. Where a pooler stands between, each statement is planned anew, and nothing
-- can be set.
SELECT set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)
