"""Jobs without their payload, for lists and streams."""

from db.migrations import neighbours

revision = "0003"
down_revision = "0002"

upgrade, downgrade = neighbours.of(__file__)
