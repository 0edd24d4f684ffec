"""What every statement checks of a job is parsed in half the time."""

from db.migrations import neighbours

revision = "0014"
down_revision = "0013"

upgrade, downgrade = neighbours.of(__file__)
