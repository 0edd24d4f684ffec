-- name: check
-- Any answer will do; to an empty statement asyncpg 0.32 raises AttributeError.
SELECT
