"""The application over a real database, spoken to in process and as a process."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from starlette.applications import Starlette

from db import settings
from db.artifacts import Artifacts
from db.jobs import Job
from db.queue import Queue
from db.settings import Settings
from server.app import create_app

ROOT = Path(__file__).parents[2]
NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
SECRET = "a secret for tests, thirty-two bytes and more"
SERVICE_KEY = "key-of-a-backend"
QUICK = timedelta(milliseconds=50)

Complete = Callable[..., Awaitable[Job]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An application that runs, and a client that calls it without a socket."""

    app: Starlette
    client: httpx2.AsyncClient


@pytest.fixture(scope="session")
def local_settings() -> Settings:
    return replace(settings.load({}), poll_interval=QUICK)


@pytest.fixture(scope="session")
def token_settings(local_settings: Settings) -> Settings:
    return replace(
        local_settings, auth="token", jwt_secret=SECRET, service_keys=("another-key", SERVICE_KEY)
    )


@pytest.fixture(scope="session")
async def local_app(local_settings: Settings, migrated_url: str) -> AsyncIterator[Served]:
    async with serving(local_settings, migrated_url) as served:
        yield served


@pytest.fixture(scope="session")
async def token_app(token_settings: Settings, migrated_url: str) -> AsyncIterator[Served]:
    async with serving(token_settings, migrated_url) as served:
        yield served


@pytest.fixture
async def served(local_settings: Settings, database_url: str) -> AsyncIterator[Served]:
    """A server of the test's own, to close and to break."""
    async with serving(local_settings, database_url) as served:
        yield served


@pytest.fixture
def reader(local_app: Served) -> httpx2.AsyncClient:
    """The one local user, in tests that store nothing."""
    return local_app.client


@pytest.fixture
def client(local_app: Served, database_url: str) -> httpx2.AsyncClient:
    """The one local user."""
    return local_app.client


@pytest.fixture
async def guarded(token_app: Served, database_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A server that wants tokens; the client has none."""
    async with calling(token_app.app) as client:
        yield client


@pytest.fixture
def complete(queue: Queue, artifacts: Artifacts, claim: Any) -> Complete:
    """Make a completed job with one artifact, whose id is in the result."""

    async def complete(
        data: bytes = b"0123456789",
        file_name: str = "report.pdf",
        mime_type: str = "application/pdf",
        **fields: Any,
    ) -> Job:
        job = await claim(**fields)
        artifact_id = await artifacts.put(job.claim, 0, file_name, mime_type, data)
        await queue.complete(job.claim, {"artifact_id": str(artifact_id)})
        return await queue.get(job.id)

    return complete


@asynccontextmanager
async def serving(settings: Settings, database_url: str) -> AsyncIterator[Served]:
    async with running(create_app(settings, database_url)) as served:
        yield served


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[Served]:
    async with app.router.lifespan_context(app), calling(app) as client:
        yield Served(app=app, client=client)


def calling(app: Starlette) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


def bearer(user_id: str, **claims: Any) -> dict[str, str]:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    token = jwt.encode({"sub": user_id, "exp": expires_at, **claims}, SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


SERVICE = {"Authorization": f"Bearer {SERVICE_KEY}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`python -m server` or another server of it, where it listens, and what it has logged."""

    process: asyncio.subprocess.Process
    url: str
    log: list[str]


@asynccontextmanager
async def program(
    database_url: str, *, command: tuple[str, ...] = ("server",), **environment: str
) -> AsyncIterator[Program]:
    told = {"DATABASE_URL": database_url, "PRESSROOM_PORT": "0", **environment}
    process = await start(*command, **told)
    log: list[str] = []
    try:
        url = await _listening(process, log)
        reading = asyncio.create_task(_read(process, log), name="log")
        yield Program(process=process, url=url, log=log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await reading


async def start(*command: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *(command or ("server",)),
        cwd=ROOT,
        env=settings.child_environment(**environment),
        stderr=asyncio.subprocess.PIPE,
    )


async def _listening(process: asyncio.subprocess.Process, log: list[str]) -> str:
    """Where it listens, once it serves."""
    url = ""
    async for line in process.stderr or ():
        log.append(line.decode())
        if found := re.search(r"(?:server.listening url=|running on )(http\S+)", log[-1]):
            url = found[1]
        if url and "startup complete" in "".join(log):
            return url

    raise AssertionError("".join(log))


async def _read(process: asyncio.subprocess.Process, log: list[str]) -> None:
    async for line in process.stderr or ():
        log.append(line.decode())
