"""What comes late into the line of all gets new turns, and no line takes every slot for long."""

from db.migrations import neighbours

revision = "0013"
down_revision = "0012"

upgrade, downgrade = neighbours.of(__file__)
