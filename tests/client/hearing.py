"""One job, and what a client hears of it: each state, whole and in order, and then nothing more."""

import asyncio
import json
from typing import Any

from db.queue import Queue
from tests.browser.wire import Wire
from tests.client.readers import Client

TITLE = "a\u2028b\u2029c\u0085d\r\ne שלום 🎉"
STEPS = (30, 60)
PATIENCE_SECONDS = 30


async def hear(
    client: Client, base: str, queue: Queue, claim: Any, wire: Wire | None = None
) -> str:
    """Nothing, or what the client missed; with a wire, it breaks between two states."""
    job = await claim(title=TITLE)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with client.open(f"{base}/api/jobs/{job.id}/events") as heard:
                states = [await anext(heard)]
                for percent in STEPS:
                    if wire:
                        wire.cut()
                    await queue.report_progress(job.claim, percent=percent, message=TITLE)
                    if wire:
                        wire.mend()
                    states.append(await anext(heard))
                await queue.complete(job.claim, {"file_name": TITLE})
                states += [state async for state in heard]
    except (TimeoutError, StopAsyncIteration) as error:
        return type(error).__name__

    return _missed(states)


def _missed(states: list[dict[str, str]]) -> str:
    jobs = [json.loads(state["data"]) for state in states]
    expected = {
        "events": ["status", "status", "status", "job-complete"],
        "ids": ["2", "3", "4", "5"],
        "titles": [TITLE] * 4,
        "progress": [0, 30, 60, 100],
    }
    found = {
        "events": [state["event"] for state in states],
        "ids": [state["id"] for state in states],
        "titles": [job["title"] for job in jobs],
        "progress": [job["progress"] for job in jobs],
    }

    return "; ".join(f"{name}: {found[name]}" for name in expected if found[name] != expected[name])
