"""What is noted of a request: its id, its figures, its line."""

import logging
import re
from typing import Any

import httpx2
import pytest

from server import metrics
from tests.server.conftest import SERVICE, Served, bearer


async def test_an_answer_has_an_id_and_each_its_own(reader: httpx2.AsyncClient):
    ids = {(await reader.get("/healthz")).headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize("sent", ["chat-7", "a" * 128, "01J/x:y+z=@host.example_1"])
async def test_the_callers_id_is_taken(reader: httpx2.AsyncClient, sent: str):
    answer = await reader.get("/healthz", headers={"X-Request-Id": sent})

    assert answer.headers.get_list("x-request-id") == [sent]


@pytest.mark.parametrize("sent", ["", "a" * 129, "two words", 'a"b', "a\tb", "<script>"])
async def test_one_that_could_do_harm_is_replaced(reader: httpx2.AsyncClient, sent: str):
    answer = await reader.get("/healthz", headers={"X-Request-Id": sent})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("PUT", "/healthz", 405), ("POST", "/api/jobs", 415)],
)
async def test_a_problem_repeats_the_id(
    reader: httpx2.AsyncClient, method: str, path: str, status: int
):
    answer = await reader.request(method, path, content=b"x" if status == 415 else None)

    assert answer.status_code == status
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


async def test_a_mistake_of_ours_has_its_id_its_count_and_its_line(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(served.app.state.parts.queue, "stats", fail)
    caplog.set_level(logging.INFO, "server.observed")
    before = counted("/api/stats", "GET", 500)
    transport = httpx2.ASGITransport(served.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/api/stats", headers={"X-Request-Id": "broken-1"})

    assert answer.json()["requestId"] == answer.headers["x-request-id"] == "broken-1"
    assert counted("/api/stats", "GET", 500) == before + 1
    assert "http.request method=GET path=/api/stats status=500" in caplog.text


async def test_requests_are_counted_by_the_route_that_they_matched(
    reader: httpx2.AsyncClient,
):
    unknown = "/api/jobs/11111111-1111-4111-8111-111111111111"
    cases = [
        ("GET", unknown, "/api/jobs/{job_id}", "GET", 404),
        ("GET", "/client/nothing.js", "/client", "GET", 404),
        ("GET", "/wp-login.php", "unmatched", "GET", 404),
        ("BREW", "/api/stats", "/api/stats", "other", 405),
    ]
    for method, path, route, shown, status in cases:
        before = counted(route, shown, status)

        await reader.request(method, path)

        assert counted(route, shown, status) == before + 1, path


async def test_a_line_break_in_a_path_forges_no_line(
    reader: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "server.observed")

    await reader.get("/a%0A2026-01-01%20INFO%20forged?token=secret")

    (record,) = [r for r in caplog.records if r.name == "server.observed"]
    assert "\n" not in record.getMessage()
    assert "secret" not in record.getMessage()


async def test_probes_that_are_well_make_no_lines(
    reader: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "server.observed")

    await reader.get("/healthz")
    await reader.get("/metrics")

    assert caplog.text == ""


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), (bearer("ada"), 403), (bearer("root", role="admin"), 200), (SERVICE, 200)],
    ids=["nobody", "user", "admin", "service"],
)
async def test_figures_are_for_who_may_operate(
    guarded: httpx2.AsyncClient, headers: dict[str, str], status: int
):
    assert (await guarded.get("/metrics", headers=headers)).status_code == status


def counted(route: str, method: str, status: int) -> float:
    return metrics.REQUESTS.labels(route, method, str(status))._value.get()
