"""The port of the probes: plain HTTP, from the loop of the program itself."""

import asyncio
import logging
import re

import httpx2
import pytest

from db.errors import SettingInvalid
from db.telemetry import probes
from db.telemetry.probes import Answers


class Program:
    """A program that is as it is told to be."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.answers = Answers(metrics=self.metrics, unready=self.unready)

    async def metrics(self) -> bytes:
        return b"pressroom_it 1\n"

    async def unready(self) -> str | None:
        return self.reason


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
async def port(program: Program, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "db.telemetry.probes")
    async with probes.listening(0, program.answers):
        found = re.search(r"port=(\d+)", caplog.text)
        assert found
        yield int(found[1])


@pytest.fixture
async def client(port: int):
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


async def test_a_program_that_runs_is_alive_and_ready(client: httpx2.AsyncClient):
    alive, ready = await client.get("/healthz"), await client.get("/readyz?verbose=1")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_one_that_is_not_ready_says_why_and_is_alive(
    client: httpx2.AsyncClient, program: Program
):
    program.reason = "It drains."

    alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert alive.status_code == 200
    assert (ready.status_code, ready.json()["detail"]) == (503, "It drains.")


async def test_figures_are_text_for_prometheus(client: httpx2.AsyncClient):
    answer = await client.get("/metrics")

    assert answer.text == "pressroom_it 1\n"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (await client.head("/metrics")).headers["content-length"] == "15"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/jobs", 404), ("POST", "/metrics", 405)]
)
async def test_there_is_nothing_else(
    client: httpx2.AsyncClient, method: str, path: str, status: int
):
    assert (await client.request(method, path)).status_code == status


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 100_000])
async def test_nonsense_hurts_nobody_else(client: httpx2.AsyncClient, port: int, said: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    writer.write_eof()
    try:
        await reader.read()
    except ConnectionResetError:
        assert len(said) > 1000, "only what was not read to its end is cut off"
    writer.close()

    assert (await client.get("/healthz")).status_code == 200


async def test_without_a_port_nobody_listens(program: Program, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    async with probes.listening(None, program.answers):
        assert "probes.listening" not in caplog.text


async def test_a_taken_port_is_named_with_its_setting(port: int, program: Program):
    with pytest.raises(SettingInvalid, match=f"PRESSROOM_METRICS_PORT={port}"):
        async with probes.listening(port, program.answers):
            pass
