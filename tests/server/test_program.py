"""The server as a process: real sockets, real signals, real loss of its database connection."""

import asyncio
import json
import signal
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from db import settings
from db.pool import Pool
from db.queue import Queue
from server.__main__ import listen
from tests.server.conftest import SECRET, bearer, program, start

MISCONFIGURED = 78
ASKED = {"code": "x", "documentType": "pdf"}
PATIENCE = timedelta(seconds=30)


async def read_raw(url: str, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection as bare as a socket, to see every byte of the body."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return reader, writer


async def test_a_browser_sees_the_job_change_and_the_stream_end(database_url: str, queue: Queue):
    async with (
        program(database_url) as server,
        httpx2.AsyncClient(base_url=server.url, timeout=PATIENCE.total_seconds()) as client,
    ):
        accepted = (await client.post("/api/jobs", json=ASKED)).json()
        seen = []
        async with client.stream("GET", accepted["eventsUrl"]) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    seen.append(json.loads(line.removeprefix("data: ")))
                if len(seen) == 1:
                    await queue.cancel(accepted["jobId"])

    assert [(state["seq"], state["status"]) for state in seen] == [(1, "pending"), (2, "cancelled")]


async def test_sigterm_ends_streams_with_a_whole_frame_and_the_process_with_0(
    database_url: str, enqueue: Any
):
    job = await enqueue()
    async with program(database_url) as server:
        streams = [await read_raw(server.url, f"/api/jobs/{job.id}/events") for _ in range(5)]
        for reader, _ in streams:
            await reader.readuntil(b"\n\n")

        server.process.send_signal(signal.SIGTERM)
        endings = [await reader.read() for reader, _ in streams]
        code = await server.process.wait()
        for _, writer in streams:
            writer.close()

    assert code == 0, "".join(server.log)
    retries = set()
    for ending in endings:
        farewell = ending.decode().removeprefix("\r\n").split("\r\n")
        assert farewell[1].startswith("retry: ")
        assert farewell[2:] == ["0", "", ""], "no terminating chunk"
        retries.add(farewell[1])
    assert len(retries) > 1, "all would come back at once"


async def test_a_lost_listener_comes_back_and_no_news_is_lost(
    database_url: str, pool: Pool, queue: Queue
):
    async with (
        program(database_url) as server,
        httpx2.AsyncClient(base_url=server.url, timeout=PATIENCE.total_seconds()) as client,
    ):
        accepted = (await client.post("/api/jobs", json=ASKED)).json()
        async with client.stream("GET", accepted["eventsUrl"]) as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            killed = await pool.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'pressroom server%'"
            )
            await queue.cancel(accepted["jobId"])
            rest = [line async for line in lines]

        while (await client.get("/readyz")).status_code != 200:
            continue

    assert killed >= 2, "the listener and the pool"
    assert "event: job-failed" in rest


async def test_a_token_does_not_reach_the_log(database_url: str, enqueue: Any):
    job = await enqueue(user_id="ada")
    token = {"PRESSROOM_AUTH": "token", "PRESSROOM_JWT_SECRET": SECRET}
    async with (
        program(database_url, **token) as server,
        httpx2.AsyncClient(base_url=server.url) as client,
    ):
        asked = {"scope": "events", "jobId": str(job.id)}
        answer = await client.post("/api/tokens", json=asked, headers=bearer("ada"))
        secret = answer.json()["token"]
        await client.head(f"/api/jobs/{job.id}/events?token={secret}")
        server.process.send_signal(signal.SIGTERM)
        await server.process.wait()

    log = "".join(server.log)
    assert f"/api/jobs/{job.id}/events" in log
    assert secret not in log


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PRESSROOM_HOST": "0.0.0.0"}, "PRESSROOM_JWT_SECRET"),
        ({"PRESSROOM_PORT": "http"}, "PRESSROOM_PORT"),
        ({"DATABASE_URL": "", "PRESSROOM_DATA_DIR": "/nowhere"}, "set DATABASE_URL"),
    ],
)
async def test_what_cannot_be_served_is_said_and_exit_78(environment: dict[str, str], words: str):
    process = await start(**environment)

    _, log = await process.communicate()

    assert process.returncode == MISCONFIGURED
    assert words in log.decode()
    assert "Traceback" not in log.decode()


def test_a_taken_port_is_said():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(settings.SettingInvalid, match=f"port {port}"):
            listen("127.0.0.1", port)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux cuts frozen peers off")
def test_connections_inherit_the_patience_of_the_socket():
    with listen("127.0.0.1", 0) as listening:
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()

        with accepted:
            patience = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert patience == 30_000


async def test_any_server_can_run_it_and_streams_end_whole_there_too(
    database_url: str, enqueue: Any
):
    """`uvicorn server.app:app` tells the application of SIGTERM when all streams are over."""
    job = await enqueue()
    command = ("uvicorn", "server.app:app", "--port", "0")
    async with program(database_url, command=command) as server:
        reader, writer = await read_raw(server.url, f"/api/jobs/{job.id}/events")
        await reader.readuntil(b"\n\n")

        server.process.send_signal(signal.SIGTERM)
        ending = (await reader.read()).decode()
        await server.process.wait()
        writer.close()

    assert "retry: " in ending
    assert ending.endswith("\r\n0\r\n\r\n"), "no terminating chunk"


async def test_a_reader_that_is_frozen_does_not_hold_up_the_end(
    database_url: str, queue: Queue, claim: Any
):
    job = await claim()
    async with program(database_url) as server:
        frozen = connect_narrowly(server.url, f"/api/jobs/{job.id}/events")
        reading, witness = await read_raw(server.url, f"/api/jobs/{job.id}/events")
        for percent in range(12):  # half a megabyte each, more than the kernel holds for a peer
            await queue.report_progress(job.claim, percent=percent, message="x" * 500_000)
            await reading.readuntil(f'"progress":{percent},'.encode())
        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            code = await server.process.wait()
        frozen.close()
        witness.close()

    assert code == 0, "".join(server.log)


def connect_narrowly(url: str, path: str) -> socket.socket:
    """A connection that takes a few kilobytes, and then no more."""
    host, port = url.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((host, int(port)))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return connection


async def test_it_starts_while_postgres_is_away_and_says_so(tmp_path: Path):
    nowhere = f"postgresql://u@/d?host={tmp_path}"
    async with program(nowhere) as server, httpx2.AsyncClient(base_url=server.url) as client:
        ready = await client.get("/readyz")
        asked = await client.post("/api/jobs", json=ASKED)
        async with client.stream("GET", "/api/events", timeout=20) as stream:
            opened = stream.status_code

    assert (ready.status_code, asked.status_code, opened) == (503, 503, 200)
    assert asked.headers["retry-after"] == "1"
