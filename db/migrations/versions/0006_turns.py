"""Turns: whose job is next; and slots: how many of one user's run at once."""

from db.migrations import neighbours

revision = "0006"
down_revision = "0005"

upgrade, downgrade = neighbours.of(__file__)
