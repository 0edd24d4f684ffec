"""Speaks to a Pressroom server as any backend would: submit, watch, download."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import httpx2

FINAL_EVENTS = ("job-complete", "job-failed")
# What a proxy says while the server behind it restarts.
AWAY = (502, 503, 504)
# Seconds before each try to hear a stream again: a minute in all without a word.
PAUSES = (0.5, 1, 2, 4, 8, 15, 15, 15)


class Refused(Exception):
    """The server said no; the message is its own."""


class Lost(Exception):
    """The server was there, and has stayed away since."""


class Api:
    """An HTTP client of one server; `async with` closes it."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A stream is silent for 15 s at most: the server sends a comment then.
        timeout = httpx2.Timeout(10, read=40)
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=timeout)
        self._has_answered = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def submit(
        self, code: str, document_type: str, title: str, **optional: Any
    ) -> dict[str, Any]:
        """POST a job; return the answer: jobId, status, statusUrl, eventsUrl."""
        body = {"code": code, "documentType": document_type, "title": title, **optional}
        response = await self._http.post("/api/jobs", json=body)
        self._has_answered = True

        return _answer(response)

    async def watch(self, events_url: str) -> AsyncIterator[dict[str, Any]]:
        """Yield each state of a job, the final one last; a stream that ends early is opened again.

        Raises Lost when the server stays away, at once what stopped it when it was never there.
        """
        pauses = iter(PAUSES)
        is_over = False
        while not is_over:
            try:
                async with self._http.stream("GET", events_url) as response:
                    self._has_answered = True
                    async for event, state in _states(response):
                        is_over = event in FINAL_EVENTS
                        pauses = iter(PAUSES)
                        yield state
            except httpx2.TransportError:
                if not self._has_answered:
                    raise
            if not is_over:
                await _rest(pauses)

    async def download(self, url: str) -> bytes:
        """Return the bytes of an artifact."""
        response = await self._http.get(url)
        if response.status_code != 200:
            _answer(response)

        return bytes(response.content)


async def _rest(pauses: Iterator[float]) -> None:
    pause = next(pauses, None)
    if pause is None:
        raise Lost

    await asyncio.sleep(pause)


async def _states(response: httpx2.Response) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    if response.status_code in AWAY:
        return
    if response.status_code != 200:
        await response.aread()
        _answer(response)
    async for event in _events(response.aiter_lines()):
        yield event


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    event, data = "message", ""
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            event = value
        elif field == "data":
            data += value
        elif not line and data:
            yield event, json.loads(data)
            event, data = "message", ""


def _answer(response: httpx2.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = response.json()
    except ValueError:
        body = {}
    if response.is_success:
        return body

    hint = " (set PRESSROOM_TOKEN)" if response.status_code == 401 else ""
    raise Refused((body.get("detail") or f"the server answered {response.status_code}") + hint)
