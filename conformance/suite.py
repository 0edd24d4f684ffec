"""The checks by name, how one is run, and what came of it."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from conformance.target import Broken, Skipped, Target

Body = Callable[[Target], Awaitable[None]]
MOST_SECONDS = 60
AT_ONCE = 6
# These fill the server, take it away, or need a worker whom nothing else keeps busy.
ALONE = ("limit.", "restart.", "final.completes")


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: its name, and the sentence that holds."""

    name: str
    promise: str
    body: Body
    is_slow: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a check: passed, failed or skipped, and why."""

    check: Check
    outcome: str
    reason: str
    seconds: float


CHECKS: list[Check] = []


def check(group: str, *, slow: bool = False) -> Callable[[Body], Body]:
    """Enter a function as a check: its name is the check's, its docstring the promise."""

    def enter(body: Body) -> Body:
        name = f"{group}.{body.__name__.replace('_', '-')}"
        CHECKS.append(Check(name, inspect.getdoc(body) or "", body, slow))
        return body

    return enter


def require(holds: object, seen: str) -> None:
    """Raise Broken with what was seen, unless it holds."""
    if not holds:
        raise Broken(seen)


async def run(target: Target, *, only: str = "", slow: bool = False) -> AsyncIterator[Verdict]:
    """Make first the checks that need the server for themselves, then the rest, a few at once."""
    chosen = [one for one in CHECKS if only in one.name]
    for one in filter(_is_alone, chosen):
        yield await _verdict(one, target, slow=slow)

    turns = asyncio.Semaphore(AT_ONCE)

    async def take_turn(one: Check) -> Verdict:
        async with turns:
            return await _verdict(one, target, slow=slow)

    making = [asyncio.create_task(take_turn(one)) for one in chosen if not _is_alone(one)]
    try:
        for verdict in making:
            yield await verdict
    finally:
        for verdict in making:
            verdict.cancel()
    await target.tidy()


def _is_alone(one: Check) -> bool:
    return one.name.startswith(ALONE)


async def _verdict(one: Check, target: Target, *, slow: bool) -> Verdict:
    begun = time.monotonic()
    outcome, reason = "passed", ""
    try:
        if one.is_slow and not slow:
            raise Skipped("takes long; --slow makes it")
        async with asyncio.timeout(MOST_SECONDS):
            await one.body(target)
    except Skipped as skipped:
        outcome, reason = "skipped", str(skipped)
    except Broken as broken:
        outcome, reason = "failed", str(broken)
    except Exception as error:
        # Whatever a broken server makes of us is its answer.
        outcome, reason = "failed", f"could not make sense of the answer: {error!r}"

    return Verdict(one, outcome, reason, time.monotonic() - begun)
