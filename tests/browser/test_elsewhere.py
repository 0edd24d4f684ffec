"""A page of another origin, which brings a user's token, and a new one when that runs out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page

from pressroom.up import System
from tests.browser.wire import Wire, wired
from tests.server.conftest import SECRET, Program, bearer, program

WATCH = """async ([src, jobId]) => {
    const { watch } = await import("/client/events.js");
    window.heard = [];
    window.states = [];
    window.asks = 0;
    watch(jobId, {
      onJob: job => heard.push(job.status),
      onConnection: state => states.push(state),
      onRefused: problem => heard.push(problem.code),
    }, { src, token: () => (asks += 1, newToken()) });
}"""


def token(**claims: Any) -> str:
    return bearer("ada", **claims)["Authorization"].removeprefix("Bearer ")


@pytest.fixture
async def guarded(system: System) -> AsyncIterator[tuple[Program, Wire]]:
    """A server that wants tokens, and another origin, whose pages it trusts."""
    async with wired(system.url) as wire:
        access = {"PRESSROOM_AUTH": "token", "PRESSROOM_JWT_SECRET": SECRET}
        trusts = {"PRESSROOM_ALLOWED_ORIGINS": wire.url}
        async with program(system.database_url, **access, **trusts) as server:
            yield server, wire


async def test_token_that_runs_out_is_renewed_without_a_gap(
    blank: Page, guarded: tuple[Program, Wire]
) -> None:
    server, wire = guarded
    expires_soon = datetime.now(UTC) + timedelta(seconds=3)
    tokens = iter([token(exp=expires_soon), token()])
    given: list[str] = []

    def new_token() -> str:
        given.append(next(tokens))
        return given[-1]

    async with httpx2.AsyncClient(base_url=server.url, headers=bearer("ada"), timeout=30) as calls:
        asked = {"code": "pass", "documentType": "pdf", "delaySeconds": 3600}
        job_id = (await calls.post("/api/jobs", json=asked)).json()["jobId"]
        await blank.expose_function("newToken", new_token)
        await blank.goto(wire.url + "/healthz")
        await blank.evaluate(WATCH, [server.url, job_id])
        await blank.wait_for_function("asks === 2 && states.at(-1) === 'live'", polling=50)
        await calls.post(f"/api/jobs/{job_id}/cancel", json={})
        await blank.wait_for_function("heard.at(-1) === 'cancelled'", polling=50)

    assert await blank.evaluate("heard") == ["pending", "cancelled"]
    assert len(given) == 2
