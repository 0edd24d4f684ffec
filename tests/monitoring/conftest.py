"""A server and a worker as processes, scraped; and what watches them, as it is shipped."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from db import migrate, settings
from tests.conftest import empty_database

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "k8s" / "monitoring"
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
RULES: dict[str, Any] = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["spec"]
ALERTS: list[dict[str, Any]] = RULES["groups"][0]["rules"]
WORKBOOK = "from openpyxl import Workbook\nWorkbook().save(OUTPUT_PATH)\n"

Samples = dict[str, list[tuple[Mapping[str, str], float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A program that runs, and where its probes are."""

    process: asyncio.subprocess.Process
    probes: httpx2.AsyncClient
    url: str
    log: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A server and a worker that have made one document and failed at another."""

    server: Started
    worker: Started


@pytest.fixture(scope="session")
async def programs(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Programs]:
    told = {"PRESSROOM_DATA_DIR": str(tmp_path_factory.mktemp("data")), "PRESSROOM_PORT": "0"}
    async with empty_database(postgres_url) as url:
        await migrate.upgrade(url)
        async with (
            running("server", DATABASE_URL=url, **told) as server,
            running("workers", DATABASE_URL=url, **told) as worker,
        ):
            for code in (WORKBOOK, "1/0"):
                await make(server.url, code)
            yield Programs(server=server, worker=worker)


@pytest.fixture(scope="session")
async def of_server(programs: Programs) -> Samples:
    return await scrape(programs.server)


@pytest.fixture(scope="session")
async def of_worker(programs: Programs) -> Samples:
    return await scrape(programs.worker)


@asynccontextmanager
async def running(module: str, **environment: str) -> AsyncIterator[Started]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        env=settings.child_environment(PRESSROOM_METRICS_PORT="0", **environment),
        stderr=asyncio.subprocess.PIPE,
    )
    log: list[str] = []
    reading = None
    try:
        said = await listens(process, log)
        reading = asyncio.create_task(read(process, log), name="log")
        async with (
            asyncio.timeout(30),
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{said['port']}") as probes,
        ):
            while (await probes.get("/readyz")).status_code != 200:
                continue
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{said['port']}") as probes:
            yield Started(process=process, probes=probes, url=said.get("url", ""), log=log)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        if reading:
            await reading


async def listens(process: asyncio.subprocess.Process, log: list[str]) -> dict[str, str]:
    """What the program says of its addresses, once it is at work."""
    said: dict[str, str] = {}
    async for line in process.stderr or ():
        log.append(line.decode())
        said |= dict(re.findall(r"listening (url|port)=([^\s\"]+)", log[-1]))
        if "startup complete" in log[-1] or "worker.started" in log[-1]:
            return said

    raise AssertionError("".join(log))


async def read(process: asyncio.subprocess.Process, log: list[str]) -> None:
    async for line in process.stderr or ():
        log.append(line.decode())


async def make(url: str, code: str, **headers: str) -> None:
    body = {"documentType": "spreadsheet", "code": code}
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        headers = {"Prefer": "wait=20", **headers}
        answer = await client.post("/api/jobs", json=body, headers=headers)
        assert answer.json()["final"], answer.text
        await client.get(answer.json()["eventsUrl"])


async def scrape(program: Started) -> Samples:
    answer = await program.probes.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")

    samples: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((sample.labels, sample.value))

    return samples
