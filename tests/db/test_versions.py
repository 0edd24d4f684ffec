"""The SQL on every other Postgres at hand: the whole life of a job, on a migrated schema."""

from pathlib import Path

import pytest

from db import migrate
from db.embedded import Cluster, binaries
from db.jobs import NewJob, Status
from db.pool import connect_pool
from db.queue import Queue
from tests.factories import a_worker

AT_HAND = {binaries.version(folder): folder for folder in binaries._candidates()}
OTHERS = sorted(v for v in AT_HAND if v and v >= binaries.OLDEST)[:-1]


@pytest.mark.parametrize(
    "version",
    OTHERS or [pytest.param(0, marks=pytest.mark.skip("there is one Postgres on this machine"))],
)
async def test_a_job_lives_its_life_on_an_older_postgres(version: int, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, AT_HAND[version])
    cluster.start(durable=False)
    try:
        await live(cluster.url, version)
    finally:
        cluster.stop()


async def live(url: str, version: int) -> None:
    await migrate.upgrade(url)
    await migrate.downgrade(url)
    await migrate.upgrade(url)
    worker = a_worker()

    async with await connect_pool(url, name="test", size=2) as pool:
        queue = Queue(pool)
        job = await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))
        await queue.heartbeat(worker, [])
        ((claimed,), _) = await queue.claim(worker, ["pdf"], 1)
        await queue.report_progress(claimed.claim, percent=50)
        await queue.complete(claimed.claim, {"pages": 1})
        await queue.rescue()
        await queue.expire()

        assert (await queue.get(job.id)).status is Status.COMPLETED
        assert (await queue.server_version()).startswith(f"{version}.")
