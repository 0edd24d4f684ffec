"""Bytes in, invisible until the job completed, bytes out."""

from uuid import uuid4

import pytest

from db.artifacts import CHUNK_BYTES
from db.errors import ArtifactNotFound, ClaimLost
from db.jobs import Claim

DATA = bytes(range(256)) * (CHUNK_BYTES // 128)  # two chunks


async def test_it_is_invisible_until_the_job_completes(queue, artifacts, claim):
    job = await claim()
    artifact_id = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)

    with pytest.raises(ArtifactNotFound):
        await artifacts.get(artifact_id)

    await queue.complete(job.claim, {})
    artifact = await artifacts.get(artifact_id)
    assert (artifact.file_size, artifact.user_id) == (len(DATA), "ada")


async def test_a_broken_fence_stores_nothing(pool, queue, artifacts, claim):
    job = await claim()
    await queue.cancel(job.id)

    with pytest.raises(ClaimLost):
        await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)

    assert await pool.fetchval("SELECT count(*) FROM document_artifacts") == 0


async def test_putting_the_same_again_changes_nothing(queue, artifacts, claim):
    job = await claim()

    first = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)
    again = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)

    assert first == again


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, len(DATA)),
        (0, 1),
        (len(DATA) - 1, len(DATA)),
        (CHUNK_BYTES - 2, CHUNK_BYTES + 2),
        (CHUNK_BYTES, CHUNK_BYTES + 1),
        (5, 5),
    ],
)
async def test_any_range_can_be_read(queue, artifacts, claim, start, stop):
    job = await claim()
    artifact_id = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)
    await queue.complete(job.claim, {})
    artifact = await artifacts.get(artifact_id)

    read = [piece async for piece in artifacts.read(artifact, start, stop)]

    assert b"".join(read) == DATA[start:stop]


async def test_what_a_lost_attempt_wrote_is_discarded(pool, queue, artifacts, claim, worker):
    job = await claim()
    await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)
    await queue.release(job.claim)
    ((again,), _) = await queue.claim(worker, ["pdf"], 1)
    kept = await artifacts.put(again.claim, 0, "b.pdf", "application/pdf", DATA)

    await artifacts.sweep()

    assert [row["id"] for row in await pool.fetch("SELECT id FROM document_artifacts")] == [kept]


async def test_an_attempt_discards_only_its_own_and_never_what_completed(
    pool, queue, artifacts, claim
):
    job = await claim()
    await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", DATA)
    await queue.complete(job.claim, {})

    await artifacts.discard(job.claim)
    await artifacts.discard(Claim(uuid4(), 1))

    assert await pool.fetchval("SELECT count(*) FROM document_artifacts") == 1
