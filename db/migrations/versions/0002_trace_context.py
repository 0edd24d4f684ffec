"""The trace that a job belongs to."""

from db.migrations import neighbours

revision = "0002"
down_revision = "0001"

upgrade, downgrade = neighbours.of(__file__)
