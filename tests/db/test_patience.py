"""Waiting that a cancellation always ends."""

import asyncio
from datetime import timedelta

from db import patience

LONG = timedelta(seconds=30)


async def test_it_says_whether_the_event_came():
    event = asyncio.Event()

    in_vain = await patience.came(event, timedelta(milliseconds=1))
    event.set()

    assert (in_vain, await patience.came(event, LONG)) == (False, True)


async def test_a_cancellation_that_comes_with_the_event_is_not_swallowed():
    """A worker did not end its drain: the notice of its last job came with the order to stop."""
    event = asyncio.Event()

    async def keep_waiting() -> None:
        while True:
            await patience.came(event, LONG)
            event.clear()

    task = asyncio.create_task(keep_waiting())
    while not event._waiters:  # noqa: ASYNC110 (nothing tells of it)
        await asyncio.sleep(0)  # lets it begin to wait; no time passes
    event.set()
    task.cancel()

    await asyncio.wait({task}, timeout=2)
    ended = task.cancelled()
    task.cancel()
    assert ended
