"""The newest attempts are found without a sort."""

from db.migrations import neighbours

revision = "0005"
down_revision = "0004"

upgrade, downgrade = neighbours.of(__file__)
