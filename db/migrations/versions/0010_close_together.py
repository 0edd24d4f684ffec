"""Attempts that complete together are closed together."""

from db.migrations import neighbours

revision = "0010"
down_revision = "0009"

upgrade, downgrade = neighbours.of(__file__)
