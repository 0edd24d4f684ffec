"""One trigger for what has changed; history is written once, when an attempt ends."""

from db.migrations import neighbours

revision = "0011"
down_revision = "0010"

upgrade, downgrade = neighbours.of(__file__)
