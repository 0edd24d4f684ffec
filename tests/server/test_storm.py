"""The short storm; ./dev soak stream is the whole one."""

import signal

from db.pool import Pool
from tests.storm import gathering


async def test_every_client_sees_its_jobs_end_and_never_goes_back(database_url: str, pool: Pool):
    async with gathering(database_url, pool, jobs=8, changes=8) as storm:

        async def roll() -> None:
            storm.servers[0].process.send_signal(signal.SIGTERM)

        clients = await storm.rage(20, [storm.terminate, storm.terminate, roll], seed=1)

    assert all(client.is_over for client in clients)
    assert sum(client.connects for client in clients) > len(clients), "nobody had to come back"
