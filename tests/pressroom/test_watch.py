"""`submit` and `watch` outlive a server that restarts, and say what to type when there is none."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from typer.testing import CliRunner

from pressroom import api as speaking
from pressroom import cli
from pressroom.api import Api, Lost, Refused

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
AWAY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n: and no more"
RUNNING = HEAD + b'event: status\ndata: {"seq": 2}\n\n'
ENDED = HEAD + b'event: job-complete\ndata: {"seq": 4}\n\n'


@asynccontextmanager
async def saying(*answers: bytes) -> AsyncIterator[str]:
    """A server that gives each answer to one connection, the last to all others, and hangs up."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def heard(url: str) -> list[int]:
    async with Api(url) as api:
        return [state["seq"] async for state in api.watch("/events")]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "PAUSES", (0, 0))


@pytest.mark.parametrize("between", [AWAY, CUT, b"", HEAD])
async def test_a_stream_that_ends_early_is_opened_again(between: bytes):
    async with saying(RUNNING, between, ENDED) as url:
        assert await heard(url) == [2, 4]


async def test_each_state_that_is_heard_gives_new_patience():
    async with saying(RUNNING, HEAD, HEAD, RUNNING, HEAD, HEAD, ENDED) as url:
        with pytest.raises(Lost):
            await heard(url)
    async with saying(RUNNING, HEAD, RUNNING, HEAD, RUNNING, HEAD, ENDED) as url:
        assert await heard(url) == [2, 2, 2, 4]


async def test_a_refusal_is_not_tried_again():
    told = json.dumps({"detail": "There is no such job."}).encode()
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n" % len(told) + told

    async with saying(RUNNING, gone, ENDED) as url:
        with pytest.raises(Refused, match="no such job"):
            await heard(url)


async def test_who_gives_up_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path):
    async with saying(AWAY) as url, Api(url) as api:
        with pytest.raises(Refused, match="pressroom watch 0b5e"):
            await cli._follow(api, "0b5e", tmp_path)


def test_no_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRESSROOM_URL", "http://127.0.0.1:1")

    done = CliRunner().invoke(cli.app, ["watch", "00000000-0000-4000-8000-000000000000"])

    assert isinstance(done.exception, Refused)
    assert "no server at http://127.0.0.1:1 (" in str(done.exception)
    assert "PRESSROOM_PORT" in str(done.exception)
