"""${message}"""

from db.migrations import neighbours

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

upgrade, downgrade = neighbours.of(__file__)
