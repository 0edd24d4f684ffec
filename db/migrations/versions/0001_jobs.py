"""Jobs, attempts, workers, artifacts."""

from db.migrations import neighbours

revision = "0001"
down_revision = None

upgrade, downgrade = neighbours.of(__file__)
