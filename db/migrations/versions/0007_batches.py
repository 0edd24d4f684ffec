"""Jobs that belong together are found by their batch."""

from db.migrations import neighbours

revision = "0007"
down_revision = "0006"

upgrade, downgrade = neighbours.of(__file__)
