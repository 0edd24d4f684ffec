"""Which Postgres a program is to use."""

from pathlib import Path

from db import embedded
from db.errors import DatabaseMissing
from db.settings import Settings


def embedded_directory(settings: Settings) -> Path:
    """The folder of the embedded Postgres."""
    return settings.data_dir / "postgres"


def database_url(settings: Settings) -> str:
    """Return DATABASE_URL, else the running embedded Postgres; DatabaseMissing says what to do."""
    url = settings.database_url or embedded.running(embedded_directory(settings))
    if url is None:
        raise DatabaseMissing(
            "no database: set DATABASE_URL, or start the embedded Postgres with `pressroom up`"
        )

    return url
