"""What has just ended is found by its moment."""

from db.migrations import neighbours

revision = "0008"
down_revision = "0007"

upgrade, downgrade = neighbours.of(__file__)
