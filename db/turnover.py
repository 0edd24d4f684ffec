"""What is ready together is written together: results, and the claim of what takes their place."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from db import sql
from db.jobs import Claim, Job
from db.pool import Pool

_SQL = sql.statements("turnover.sql")

log = logging.getLogger(__name__)

# What was claimed, and how long until it is worth looking again.
Claimed = tuple[list[Job], timedelta | None]


def _answer() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True)
class _Result:
    claim: Claim
    value: dict[str, Any]
    answer: "asyncio.Future[bool]" = field(default_factory=_answer)


@dataclass(frozen=True, slots=True)
class _Free:
    """Slots that are free, and what may take them."""

    worker_id: UUID | None = None
    job_types: Sequence[str] = ()
    slots: int = 0
    answer: "asyncio.Future[Claimed | None]" = field(default_factory=_answer)


class Turnover:
    """Gathers what is ready in the same tick of the loop; what comes alone waits for nobody."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._results: list[_Result] = []
        self._free: _Free | None = None

    async def complete(self, claim: Claim, value: dict[str, Any]) -> bool:
        """Write a result with others; False leaves it to the caller to write it alone."""
        result = _Result(claim, value)
        self._results.append(result)
        return bool(await self._gathered(result.answer))

    async def claim(self, worker_id: UUID, job_types: Sequence[str], slots: int) -> Claimed | None:
        """Claim by tickets alone; None leaves it to the caller to mind more than those."""
        free = _Free(worker_id, job_types, slots)
        if self._free:  # of somebody else, who shares this queue
            return (await self._write_together([], free))[1]

        self._free = free
        claimed: Claimed | None = await self._gathered(free.answer)
        return claimed

    async def _gathered(self, answer: "asyncio.Future[Any]") -> Any:
        try:
            await asyncio.sleep(0)
            if self._results or self._free:  # the first to come back takes all
                results, free = self._results, self._free
                self._results, self._free = [], None
                await self._write(_first_of_each(results), free)
        except asyncio.CancelledError:
            answer.cancel()
            raise

        return await answer

    async def _write(self, results: list[_Result], free: _Free | None) -> None:
        written: set[Claim] = set()
        claimed: Claimed | None = None
        try:
            if free or len(results) > 1:
                written, claimed = await self._write_together(results, free or _Free())
        except Exception as error:  # each finds out alone whether it is to blame
            log.info("turnover.apart results=%d error=%r", len(results), error)
        finally:
            for result in results:
                _tell(result.answer, result.claim in written)
            if free:
                _tell(free.answer, claimed)

    async def _write_together(
        self, results: list[_Result], free: _Free
    ) -> tuple[set[Claim], Claimed | None]:
        slots = 0 if free.answer.cancelled() else free.slots
        rows = await self._pool.fetch(
            sql.with_numbers(_SQL["turn_over"], 6, slots),
            [result.claim.job_id for result in results],
            [result.claim.attempt for result in results],
            [result.value for result in results],
            free.worker_id,
            free.job_types,
        )
        (said,) = (row for row in rows if row["id"] is None)
        completed = set(map(Claim, said["completed"], said["attempts"]))
        if said["is_special"]:
            return completed, None

        jobs = [Job.from_row(row) for row in rows if row is not said]
        return completed, (jobs, said["due_in"])


def _first_of_each(results: list[_Result]) -> list[_Result]:
    """Who settles a claim a second time is late, and finds that out alone."""
    firsts: dict[Claim, _Result] = {}
    for result in results:
        if result.answer.cancelled():
            continue
        if firsts.setdefault(result.claim, result) is not result:
            _tell(result.answer, False)

    return list(firsts.values())


def _tell(answer: "asyncio.Future[Any]", word: Any) -> None:
    if not answer.done():
        answer.set_result(word)
