"""The short form of the matrix of clients, with what a machine has; all: ./dev soak clients."""

from typing import Any

import pytest

from db.queue import Queue
from tests.client.hearing import hear
from tests.client.readers import Client, curl
from tests.nginx import nginx
from tests.server.conftest import program


async def test_curl_hears_every_state(database_url: str, queue: Queue, claim: Any):
    client = Client(name="curl", open=curl())

    async with program(database_url) as server:
        assert await hear(client, server.url, queue, claim) == ""


@pytest.mark.parametrize("way", ["plain", "secure"])
async def test_nginx_holds_no_state_back(database_url: str, queue: Queue, claim: Any, way: str):
    async with program(database_url) as server, nginx(server.url) as proxy:
        client = Client(name="curl", open=curl("--cacert", str(proxy.certificate)))

        assert await hear(client, getattr(proxy, way), queue, claim) == ""
