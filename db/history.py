"""What the attempts of late tell: how long jobs run, how fast the work goes."""

from dataclasses import dataclass

from db import sql
from db.pool import Pool

_SQL = sql.statements("history.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How long the jobs of a type ran, in seconds, and how many of them that tells of."""

    p50: float
    p90: float
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """The last minutes; None where there was nothing to measure."""

    per_minute: int
    wait_p95_seconds: float | None
    run_p95_seconds: float | None


class History:
    """Asks the attempts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ran(self) -> dict[str, Ran]:
        """Return what is known of each job type that has completed."""
        return {
            row["job_type"]: Ran(
                p50=row["seconds"][0], p90=row["seconds"][1], samples=row["samples"]
            )
            for row in await self._pool.fetch(_SQL["ran"])
        }

    async def lately(self) -> Lately:
        """Return the figures of the last ten minutes."""
        return Lately(**dict(await self._pool.fetchrow(_SQL["lately"])))
