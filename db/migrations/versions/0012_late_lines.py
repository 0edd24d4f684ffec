"""A line that is late has a clock of its own; what was paused comes back as if it came now."""

from db.migrations import neighbours

revision = "0012"
down_revision = "0011"

upgrade, downgrade = neighbours.of(__file__)
