"""How many jobs of one type run at once: a numbered slot for each."""

from db.migrations import neighbours

revision = "0009"
down_revision = "0008"

upgrade, downgrade = neighbours.of(__file__)
