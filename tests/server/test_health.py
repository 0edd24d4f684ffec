"""What probes are told."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from db.settings import Settings
from tests.server.conftest import Served, serving


async def ready(client: httpx2.AsyncClient) -> httpx2.Response:
    """The first answer after the listener has connected."""
    async with asyncio.timeout(5):
        while "listener" in (answer := await client.get("/readyz")).text:
            continue

    return answer


async def test_a_server_that_serves_is_ready(reader: httpx2.AsyncClient):
    answer = await ready(reader)

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_an_empty_database_is_not_ready(local_settings: Settings, empty_url: str):
    async with serving(local_settings, empty_url) as served:
        answer = await ready(served.client)

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "migrate" in answer.json()["detail"]


async def test_a_deaf_server_is_not_ready(local_settings: Settings, database_url: str):
    nowhere = "postgresql://nobody@/nowhere?host=/nowhere"
    settings = replace(
        local_settings, listen_database_url=nowhere, poll_interval=timedelta(seconds=1)
    )

    async with serving(settings, database_url) as served:
        answer = await served.client.get("/readyz")

    assert answer.status_code == 503
    assert "listener" in answer.json()["detail"]


async def test_without_its_database_it_is_alive_and_not_ready(
    served: Served,
):
    await served.app.state.parts.pool.close()

    alive, answer = await served.client.get("/healthz"), await served.client.get("/readyz")
    refused = await served.client.get("/api/jobs")

    assert (alive.status_code, answer.status_code) == (200, 503)
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert refused.headers["retry-after"] == "1"


async def test_a_draining_server_is_not_ready(served: Served):
    served.app.state.parts.hub.close()

    assert (await served.client.get("/readyz")).status_code == 503


async def test_probes_need_no_token(guarded: httpx2.AsyncClient):
    assert (await guarded.get("/healthz")).status_code == 200
    assert (await ready(guarded)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/api/stats", 405, "method_not_allowed"),
    ],
)
async def test_what_does_not_exist_is_a_problem_too(
    reader: httpx2.AsyncClient, method: str, path: str, status: int, code: str
):
    answer = await reader.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_mistake_of_ours_is_a_problem_that_tells_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(served.app.state.parts.queue, "stats", fail)
    transport = httpx2.ASGITransport(served.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/api/stats")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
