"""What every test may ask for: a real Postgres, a migrated database, the verbs on it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from db import migrate, settings
from db.artifacts import Artifacts
from db.embedded import Cluster
from db.jobs import Job, NewJob
from db.pool import Pool, connect, connect_pool
from db.queue import Queue, Worker
from pressroom import up
from pressroom.up import System
from tests.factories import a_worker

INVARIANTS = (Path(__file__).parent / "invariants.sql").read_text()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=float, default=2, help="how long each soak takes")


@pytest.fixture
def minutes(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--minutes"))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this process's own, or the one that DATABASE_URL names."""
    given = settings.load()
    if given.database_url:
        yield given.database_url
        return

    cluster = Cluster(tmp_path_factory.mktemp("postgres"), given.postgres_bin)
    cluster.start(durable=False)
    yield cluster.url
    cluster.stop()


@pytest.fixture(scope="session")
async def migrated_url(postgres_url: str) -> AsyncIterator[str]:
    """A database with the schema, for the whole session."""
    async with empty_database(postgres_url) as url:
        await migrate.upgrade(url)
        yield url


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """A database with nothing in it, for tests of the schema itself."""
    async with empty_database(postgres_url) as url:
        yield url


@pytest.fixture
async def database_url(migrated_url: str) -> AsyncIterator[str]:
    """The migrated database, empty; afterwards what must always hold is checked."""
    yield migrated_url
    connection = await connect(migrated_url, name="invariants")
    broken = await connection.fetch(INVARIANTS)
    await connection.execute(
        "TRUNCATE document_jobs, document_job_lines, document_paused_job_types, document_workers"
        " CASCADE"
    )
    await connection.close()

    assert not broken, f"the schema's invariants are broken: {broken}"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with await connect_pool(database_url, name="test", size=8) as pool:
        yield pool


@pytest.fixture
def queue(pool: Pool) -> Queue:
    return Queue(pool)


@pytest.fixture
def artifacts(pool: Pool) -> Artifacts:
    return Artifacts(pool)


@pytest.fixture
async def worker(queue: Queue) -> Worker:
    """A worker that the database knows, with nothing claimed."""
    worker = a_worker()
    await queue.heartbeat(worker, [])
    return worker


@pytest.fixture
def enqueue(queue: Queue) -> Any:
    async def enqueue(**fields: Any) -> Job:
        return await queue.enqueue(
            NewJob(**{"user_id": "ada", "job_type": "pdf", "payload": {"code": "pass"}, **fields})
        )

    return enqueue


@pytest.fixture
def claim(queue: Queue, worker: Worker, enqueue: Any) -> Any:
    """Enqueue a job and claim it."""

    async def claim(**fields: Any) -> Job:
        await enqueue(**fields)
        jobs, _ = await queue.claim(worker, ["pdf"], 1)
        return jobs[0]

    return claim


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """All of Pressroom, as `pressroom up` starts it, on a free port."""
    directory = tmp_path_factory.mktemp("system")
    configured = replace(settings.load({}), data_dir=directory, port=0)
    told = {"PRESSROOM_DATA_DIR": str(directory), "PRESSROOM_WORKER_CONCURRENCY": "2"}
    with up.running(configured, environment=told) as system:
        yield system


@pytest.fixture(scope="session")
def pressroom_url(system: System) -> str:
    """The server's address."""
    return system.url


@asynccontextmanager
async def empty_database(server_url: str) -> AsyncIterator[str]:
    """Create a database on a server; drop it at the end."""
    name = f"test_{uuid4().hex[:12]}"
    await on_server(server_url, f"CREATE DATABASE {name}")
    yield replace_database(server_url, name)
    await on_server(server_url, f"DROP DATABASE {name} WITH (FORCE)")


async def on_server(server_url: str, statement: str) -> None:
    connection = await connect(server_url, name="test")
    await connection.execute(statement)
    await connection.close()


def replace_database(url: str, name: str) -> str:
    base, _, query = url.partition("?")
    head, _, _ = base.rpartition("/")
    return f"{head}/{name}" + (f"?{query}" if query else "")
