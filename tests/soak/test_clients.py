"""Other people's clients, straight and through nginx, and over a wire that breaks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext

from db.queue import Queue
from tests.browser.conftest import browser, chromium  # noqa: F401 - fixtures
from tests.browser.wire import wired
from tests.client import application
from tests.client.hearing import hear
from tests.client.readers import (
    MATRIX,
    Client,
    curl,
    event_source,
    fetch_event_source,
    program,
    python_with_packages,
)
from tests.nginx import Nginx, nginx
from tests.server import conftest as server

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:  # noqa: F811
    context = await browser.new_context(ignore_https_errors=True)
    yield context
    await context.close()


async def test_clients(
    context: BrowserContext, database_url: str, queue: Queue, claim: Any, tmp_path: Path
):
    home = application.installed(tmp_path / "checkout")
    python = python_with_packages(tmp_path / "python")
    found: dict[str, dict[str, str]] = {}

    async with (
        server.program(database_url) as running,
        nginx(running.url) as proxy,
        wired(running.url) as wire,
    ):
        for client in clients(context, home, python, proxy):
            ways = {"straight": running.url, "nginx": proxy.plain, "nginx, TLS, gzip": proxy.secure}
            found[client.name] = {
                way: await hear(client, base, queue, claim) for way, base in ways.items()
            }
            if client.returns:
                found[client.name]["broken wire"] = await hear(client, wire.url, queue, claim, wire)

    show(found)
    assert not any(missed for ways in found.values() for missed in ways.values())


def clients(context: BrowserContext, home: Path, python: Path, proxy: Nginx) -> list[Client]:
    trust = str(proxy.certificate)
    in_node = {"NODE_EXTRA_CA_CERTS": trust}
    in_python = {"SSL_CERT_FILE": trust, "REQUESTS_CA_BUNDLE": trust}
    node = home / "matrix"
    return [
        Client(name="Chromium EventSource", open=event_source(context), returns=True),
        Client(
            name="@microsoft/fetch-event-source",
            open=fetch_event_source(context, home / "node_modules"),
            returns=True,
        ),
        Client(
            name="npm eventsource",
            open=program("node", node / "eventsource.mjs", **in_node),
            returns=True,
        ),
        Client(name="npm eventsource-parser", open=program("node", node / "parser.mjs", **in_node)),
        Client(name="httpx-sse", open=program(python, MATRIX / "httpx_sse_reader.py", **in_python)),
        Client(
            name="sseclient-py", open=program(python, MATRIX / "sseclient_reader.py", **in_python)
        ),
        Client(name="curl --http1.1", open=curl("--http1.1", "--cacert", trust)),
        Client(name="curl --http2", open=curl("--http2", "--cacert", trust)),
    ]


def show(found: dict[str, dict[str, str]]) -> None:
    ways = list(dict.fromkeys(way for told in found.values() for way in told))
    print(f"\n{'':32}" + "".join(f"{way:20}" for way in ways))
    for name, told in found.items():
        marks = [("-" if way not in told else told[way] or "all") for way in ways]
        print(f"{name:32}" + "".join(f"{mark:20}" for mark in marks))
