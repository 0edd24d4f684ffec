"""alembic; each revision runs the .up.sql and .down.sql files beside it."""
