"""A worker at work, with a real sandbox and a real queue."""

import asyncio
from dataclasses import replace

import pytest

from db import settings
from workers.sandbox import Sandbox
from workers.worker import Worker


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("worker")
    return replace(settings.load({}), data_dir=data_dir, worker_concurrency=2)


@pytest.fixture(scope="module")
async def sandbox(configured):
    async with Sandbox(configured, slots=2) as sandbox:
        yield sandbox


@pytest.fixture
async def worker(configured, sandbox, pool, database_url):
    """A worker at work; drained at the end."""
    worker = Worker(configured, pool, sandbox, listen_url=database_url)
    running = asyncio.create_task(worker.run())
    yield worker
    worker.drain()
    await asyncio.wait_for(running, 30)
