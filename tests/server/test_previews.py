"""Previews over HTTP: made when somebody looks, kept, never in the way, and without effect."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from db.jobs import Job, Status
from db.queue import Page, Queue
from tests.server.conftest import SERVICE, Served, bearer
from tests.server.readers import asking

Make = Callable[..., Awaitable[Job]]
HTML = b"<!doctype html><p>A page"
URL = "/api/artifacts/{}/preview"


def url(job: Job) -> str:
    return URL.format(job.result["artifact_id"]) if job.result else ""


@pytest.fixture
def make(queue: Queue, artifacts: Any, worker: Any) -> Make:
    """Do a worker's part of the preview that waits."""

    async def make(*parts: bytes, kind: str = "html", mime_type: str = "text/html") -> Job:
        ((job,), _) = await queue.claim(worker, ["preview"], 1)
        stored = []
        for position, data in enumerate(parts):
            await artifacts.put(job.claim, position, "1.html", mime_type, data)
            stored.append({"mime_type": mime_type})
        listed = [{"title": None, "width": None, "height": None}] * len(parts)
        result = {"kind": kind, "total": len(parts), "parts": listed, "artifacts": stored}
        await queue.complete(job.claim, result)
        return await queue.get(job.id)

    return make


async def test_who_looks_first_has_it_made_and_everybody_waits_for_the_same(
    client: httpx2.AsyncClient, complete: Any, queue: Queue
):
    job = await complete()

    first, second = await client.get(url(job)), await client.get(url(job))

    assert (first.status_code, first.headers["retry-after"]) == (202, "1")
    assert first.json() == second.json()
    preview = await queue.get(first.json()["jobId"])
    assert (preview.job_type, preview.user_id, preview.session_id) == ("preview", "ada", None)
    assert preview.payload == {"artifact_id": job.result["artifact_id"]}
    assert (await client.get(first.json()["statusUrl"])).json()["status"] == "pending"


async def test_then_its_parts_are_listed_and_served(
    client: httpx2.AsyncClient, complete: Any, make: Make
):
    job = await complete()
    await client.get(url(job))
    await make(HTML, HTML + b" two")

    listed = await client.get(url(job))
    part = await client.get(listed.json()["parts"][1]["url"])

    assert listed.json() == {
        "kind": "html",
        "total": 2,
        "parts": [
            {"url": f"{url(job)}/{n}", "mimeType": "text/html", "title": None}
            | {"width": None, "height": None}
            for n in (1, 2)
        ],
    }
    assert part.content == HTML + b" two"
    assert part.headers["content-type"].startswith("text/html")


async def test_what_is_served_can_do_nothing(client: httpx2.AsyncClient, complete: Any, make: Make):
    job = await complete()
    await client.get(url(job))
    await make(HTML)

    headers = (await client.get(url(job) + "/1")).headers

    assert headers["content-security-policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    assert headers["x-content-type-options"] == "nosniff"


async def test_it_never_changes_so_who_has_it_keeps_it(
    client: httpx2.AsyncClient, complete: Any, make: Make
):
    job = await complete()
    await client.get(url(job))
    await make(HTML)

    for path in (url(job), url(job) + "/1"):
        answer = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})

        assert answer.headers["cache-control"].startswith("private"), "no shared cache"
        assert "immutable" in answer.headers["cache-control"]
        assert (again.status_code, again.content) == (304, b"")


async def test_head_tells_the_size(client: httpx2.AsyncClient, complete: Any, make: Make):
    job = await complete()
    await client.get(url(job))
    await make(HTML)

    answer = await client.head(url(job) + "/1")

    assert (answer.headers["content-length"], answer.content) == (str(len(HTML)), b"")


@pytest.mark.parametrize("number", ["0", "2", "-1", "1.5", "one", "99999999999999999999", "%31x"])
async def test_a_part_that_is_not_there(
    client: httpx2.AsyncClient, complete: Any, make: Make, number: str
):
    job = await complete()
    await client.get(url(job))
    await make(HTML)

    answer = await client.get(f"{url(job)}/{number}")

    assert (answer.status_code, answer.json()["code"]) == (404, "artifact_not_found")


async def test_a_preview_that_failed_says_why_and_leaves_the_document(
    client: httpx2.AsyncClient, complete: Any, queue: Queue, worker: Any
):
    job = await complete()
    await client.get(url(job))
    ((preview,), _) = await queue.claim(worker, ["preview"], 1)
    await queue.fail(preview.claim, {"code": "timeout", "message": "It took too long."})

    answer = await client.get(url(job))

    assert (answer.status_code, answer.json()["code"]) == (404, "preview_failed")
    assert answer.json()["detail"] == "It took too long."
    assert (await queue.get(job.id)).status is Status.COMPLETED


async def test_a_file_of_another_type_has_none(
    client: httpx2.AsyncClient, complete: Any, queue: Queue, worker: Any
):
    job = await complete(mime_type="image/png")

    answer = await client.get(url(job))

    assert answer.json()["code"] == "preview_failed"
    assert (await queue.claim(worker, ["preview"], 1))[0] == []
    about = await client.get(url(job).removesuffix("/preview"))
    assert about.json()["previewUrl"] is None


async def test_it_stands_in_no_list(client: httpx2.AsyncClient, complete: Any, queue: Queue):
    job = await complete()
    await client.get(url(job))

    assert [found["jobId"] for found in (await client.get("/api/jobs")).json()["jobs"]] == [
        str(job.id)
    ]
    assert [found.id for found in await queue.list(Page(user_id="ada"))] == [job.id]


async def test_no_stream_of_many_shows_it_but_one_that_names_it(
    local_app: Served, client: httpx2.AsyncClient, complete: Any, enqueue: Any
):
    job = await complete()
    preview = (await client.get(url(job))).json()["jobId"]

    async with asking(local_app.app, "/api/events") as reader:
        mine = await enqueue()
        assert preview not in await reader.states_until(mine)
    async with asking(local_app.app, f"/api/events?job={preview}") as reader:
        assert preview in await reader.states_until_ready()


async def test_nobody_can_post_one(client: httpx2.AsyncClient):
    answer = await client.post("/api/jobs", json={"documentType": "preview", "code": "x"})

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_document_type")


async def test_no_idempotency_key_of_a_request_takes_its_place(
    client: httpx2.AsyncClient, complete: Any, queue: Queue
):
    job = await complete(user_id="local")
    await client.get(url(job))
    preview = await queue.get((await client.get(url(job))).json()["jobId"])
    assert preview.idempotency_key

    assert not preview.idempotency_key.isascii(), "a request's key is refused when it is not"


async def test_only_the_owner_sees_the_parts(
    guarded: httpx2.AsyncClient, complete: Any, make: Make
):
    job = await complete(user_id="ada")
    await guarded.get(url(job), headers=bearer("ada"))
    await make(HTML)

    async def status(headers: dict[str, str], query: str = "") -> int:
        return (await guarded.get(f"{url(job)}/1{query}", headers=headers)).status_code

    assert await status(bearer("ada")) == 200
    assert await status(SERVICE) == 200
    assert await status(bearer("mallory")) == 404
    assert await status({}) == 401
    asked = {"scope": "artifact", "artifactId": job.result["artifact_id"]}
    token = (await guarded.post("/api/tokens", json=asked, headers=bearer("ada"))).json()["token"]
    assert await status({}, f"?token={token}") == 200


async def test_an_artifacts_token_has_the_preview_made_and_opens_no_other(
    guarded: httpx2.AsyncClient, complete: Any
):
    mine, other = await complete(user_id="ada"), await complete(user_id="ada")
    asked = {"scope": "artifact", "artifactId": mine.result["artifact_id"]}
    token = (await guarded.post("/api/tokens", json=asked, headers=bearer("ada"))).json()["token"]

    assert (await guarded.get(f"{url(mine)}?token={token}")).status_code == 202
    assert (await guarded.get(f"{url(other)}?token={token}")).status_code == 404
