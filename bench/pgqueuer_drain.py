"""Drains no-op jobs with PgQueuer, as its users do; says when it begins, and its CPU seconds.

Arguments: url, jobs, batch size, connections. Runs in an environment of its own.
"""

import asyncio
import sys
import time

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.types import QueueExecutionMode

PAYLOAD = b"x" * 800


async def main(url: str, jobs: int, batch: int, connections: int) -> None:
    if connections > 1:
        driver = AsyncpgPoolDriver(await asyncpg.create_pool(url, min_size=1, max_size=connections))
    else:
        driver = AsyncpgDriver(await asyncpg.connect(url))
    queuer = PgQueuer(driver)
    await queuer.qm.queries.install()
    for first in range(0, jobs, 1000):
        count = min(1000, jobs - first)
        await queuer.qm.queries.enqueue(["noop"] * count, [PAYLOAD] * count, [0] * count)

    @queuer.entrypoint("noop")
    async def noop(job: object) -> None:
        pass

    print("begins", flush=True)
    begun = time.process_time()
    await queuer.run(batch_size=batch, mode=QueueExecutionMode.drain)
    print(time.process_time() - begun, flush=True)


if __name__ == "__main__":
    url, *numbers = sys.argv[1:]
    asyncio.run(main(url, *map(int, numbers)))
