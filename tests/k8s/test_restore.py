"""What RUNBOOK.md says of a restored backup, seen with pg_dump and pg_restore."""

import subprocess
from datetime import timedelta

import pytest

from db.artifacts import Artifacts
from db.embedded import binaries
from db.errors import ClaimLost, DatabaseMissing
from db.jobs import Status
from db.pool import connect_pool
from db.queue import Queue
from tests.factories import a_worker, until


def run(program: str, *arguments: str) -> None:
    try:
        folder = binaries.find()
    except DatabaseMissing as error:
        pytest.skip(str(error))
    if not (folder / program).exists():
        pytest.skip(f"needs {program}")

    subprocess.run([folder / program, *arguments], check=True)


async def test_a_restored_backup_keeps_files_and_runs_again_what_ran(
    queue, artifacts, enqueue, database_url, empty_url, tmp_path
):
    dump, worker = str(tmp_path / "pressroom.dump"), a_worker(lease=timedelta(milliseconds=1))
    await queue.heartbeat(worker, [])
    done, running, waiting = [await enqueue() for _ in range(3)]
    await queue.claim(worker, ["pdf"], 2)
    claim = (await queue.get(done.id)).claim
    file = await artifacts.put(claim, 0, "a.pdf", "application/pdf", b"%PDF")
    await queue.complete(claim, {"artifact_id": str(file)})
    lost = (await queue.get(running.id)).claim

    run("pg_dump", "--format=custom", f"--file={dump}", database_url)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty_url}", dump)

    async with await connect_pool(empty_url, name="test", size=2) as pool:
        restored = Queue(pool)
        assert await Artifacts(pool).get(file)
        assert (await restored.get(waiting.id)).status is Status.PENDING
        while not await restored.rescue():  # as soon as Postgres is up for longer than a lease
            pass
        again = await until(restored, running.id, lambda job: job.status is Status.PENDING)
        with pytest.raises(ClaimLost):
            await restored.complete(lost, {})

    assert (again.lost_count, again.retry_count) == (1, 0)
