"""Job types that no worker claims for the time being."""

from db.migrations import neighbours

revision = "0004"
down_revision = "0003"

upgrade, downgrade = neighbours.of(__file__)
