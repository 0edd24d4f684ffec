"""Results that are ready together are written together."""

import asyncio
import logging
from typing import Any

from db import sql
from db.jobs import Claim
from db.pool import Pool

_SQL = sql.statements("completions.sql")

log = logging.getLogger(__name__)

Ready = tuple[Claim, dict[str, Any], "asyncio.Future[bool]"]


class Completions:
    """Gathers what is ready in the same tick of the loop; a lone result waits for nobody."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._ready: list[Ready] = []

    async def write(self, claim: Claim, result: dict[str, Any]) -> bool:
        """Write a result with others; False leaves it to the caller to write it alone."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ready.append((claim, result, written))
        try:
            await asyncio.sleep(0)
            if self._ready:  # the first to come back takes all
                ready, self._ready = self._ready, []
                await self._write([one for one in ready if not one[2].cancelled()])
        except asyncio.CancelledError:
            written.cancel()
            raise

        return await written

    async def _write(self, ready: list[Ready]) -> None:
        written: set[Claim] = set()
        try:
            if len(ready) > 1:
                written = await self._write_together(ready)
        except Exception as error:  # each finds out alone whether it is to blame
            log.info("completions.apart count=%d error=%r", len(ready), error)
        finally:
            for claim, _, future in ready:
                if not future.done():
                    future.set_result(claim in written)
                written.discard(claim)  # to settle it a second time is to be late

    async def _write_together(self, ready: list[Ready]) -> set[Claim]:
        claims, results, _ = zip(*ready, strict=True)
        job_ids, attempts = zip(*claims, strict=True)
        rows = await self._pool.fetch(
            _SQL["complete_together"], list(job_ids), list(attempts), list(results)
        )
        return {Claim(row["id"], row["attempt"]) for row in rows}
