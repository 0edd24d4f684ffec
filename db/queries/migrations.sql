-- name: lock
-- One number for "somebody migrates this database". Tried, not waited for: a waiting query
-- would hold back vacuum meanwhile.
SELECT pg_try_advisory_lock(7236001)

-- name: is_migrated
SELECT to_regclass('alembic_version') IS NOT NULL

-- name: revisions
SELECT array_agg(version_num) FROM alembic_version
