"""A preview among its user's jobs: soon, and not one of them."""

import pytest

from db.errors import ArtifactNotFound
from db.jobs import NewJob
from db.previews import Previews


@pytest.fixture
def previews(pool) -> Previews:
    return Previews(pool)


@pytest.fixture
def document(queue, artifacts, claim):
    """A finished document of ada's."""

    async def document():
        job = await claim()
        artifact_id = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", b"%PDF")
        await queue.complete(job.claim, {})
        return await artifacts.get(artifact_id)

    return document


async def test_who_looks_does_not_wait_for_what_they_queued_before(
    queue, previews, document, worker, enqueue, pool
):
    artifact = await document()
    for _ in range(3):
        await enqueue()
    await pool.execute(
        "UPDATE document_jobs SET ranked_at = now() - interval '30 minutes' WHERE turn IS NOT NULL"
    )

    preview = await previews.enqueue(artifact)
    ((first,), _) = await queue.claim(worker, ["pdf", "preview"], 1)

    assert first.id == preview.id


async def test_it_takes_nothing_of_a_quota(queue, previews, document):
    artifact = await document()
    await previews.enqueue(artifact)

    job = await queue.enqueue(NewJob(user_id="ada", job_type="pdf"), pending_limit=1)

    assert job.job_type == "pdf"


async def test_a_preview_that_was_pruned_is_made_again(previews, document, pool, queue):
    artifact = await document()
    first = await previews.enqueue(artifact)
    await queue.cancel(first.id)
    await pool.execute("UPDATE document_jobs SET expires_at = now() WHERE id = $1", first.id)
    await queue.prune()

    again = await previews.enqueue(artifact)

    assert again.id != first.id
    assert (await previews.find(artifact)).id == again.id


async def test_a_document_that_was_pruned_has_none(previews, document, pool, queue):
    artifact = await document()
    await pool.execute("UPDATE document_jobs SET expires_at = now()")
    await queue.prune()

    with pytest.raises(ArtifactNotFound):
        await previews.enqueue(artifact)
    with pytest.raises(ArtifactNotFound):
        await previews.part(artifact, 1)
