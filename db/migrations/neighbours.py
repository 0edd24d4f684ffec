"""Runs the SQL files beside a revision, as they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import op


def of(revision_file: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return the upgrade and the downgrade of a revision."""
    path = Path(revision_file)
    return (lambda: _run(path.with_suffix(".up.sql"))), (
        lambda: _run(path.with_suffix(".down.sql"))
    )


def _run(path: Path) -> None:
    script = path.read_text(encoding="utf-8")

    async def execute(driver_connection: Any) -> None:
        await driver_connection.execute(script)

    # SQLAlchemy prepares every statement, and a prepared one cannot hold several;
    # the driver's own simple query can.
    op.get_bind().exec_driver_sql("SELECT 1")  # opens the transaction that alembic will commit
    op.get_bind().connection.dbapi_connection.run_async(execute)  # type: ignore[union-attr]
