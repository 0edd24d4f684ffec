"""Every query of the dashboard and of the alerts, held against what real programs expose."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import yaml

from tests.monitoring.conftest import ALERTS, DASHBOARD, Programs, Samples

PROMETHEUS = shutil.which("prometheus")
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
}
RULES = {rule["alert"]: rule["expr"] for rule in ALERTS}
# What has no answer while all is well.
QUIET = {*RULES, "LISTEN connections lost B"}
# What Prometheus itself puts on every series.
OF_THE_TARGET = {"instance", "job"}
SELECTOR = re.compile(r"\b((?:pressroom|process)_\w+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left)\s*\(([^)]*)\)")


async def test_a_query_names_only_what_a_scrape_has(of_server: Samples, of_worker: Samples):
    labels: dict[str, set[str]] = {}
    for samples in (of_server, of_worker):
        for name, found in samples.items():
            labels.setdefault(name, set()).update(label for own, _ in found for label in own)

    unknown = {
        title: missing
        for title, expression in (QUERIES | RULES).items()
        if (missing := list(strangers(expression, labels)))
    }
    assert len(QUERIES | RULES) > 30
    assert unknown == {}


def strangers(expression: str, labels: dict[str, set[str]]) -> Iterator[str]:
    """The names in a query that no program exposes."""
    selectors = SELECTOR.findall(expression)
    known = set(OF_THE_TARGET).union(*(labels.get(name, ()) for name, _ in selectors))
    for name, matchers in selectors:
        if name not in labels:
            yield name
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            if label not in labels.get(name, set()) | OF_THE_TARGET:
                yield f"{name}{{{label}}}"
    for group in GROUPING.findall(expression):
        yield from {label for label in re.split(r"[,\s]+", group) if label} - known


@pytest.mark.parametrize(
    ("expression", "missing"),
    [
        ("sum(pressroom_nothing)", ["pressroom_nothing"]),
        ('pressroom_jobs{colour="red"} > 1', ["pressroom_jobs{colour}"]),
        ("sum by (colour) (pressroom_jobs)", ["colour"]),
        ("sum by (instance, status) (pressroom_jobs)", []),
    ],
)
def test_a_wrong_query_would_be_seen(expression: str, missing: list[str]):
    assert list(strangers(expression, {"pressroom_jobs": {"job_type", "status"}})) == missing


@pytest.fixture(scope="module")
async def prometheus(
    programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx2.AsyncClient]:
    """A real Prometheus that has scraped both programs twice."""
    if PROMETHEUS is None:
        pytest.skip("no `prometheus` on the PATH (Debian's package has one)")

    directory = tmp_path_factory.mktemp("prometheus")
    both = (programs.server, programs.worker)
    targets = [f"127.0.0.1:{program.probes.base_url.port}" for program in both]
    jobs = [{"job_name": "pressroom", "static_configs": [{"targets": targets}]}]
    configured = {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}
    (directory / "prometheus.yml").write_text(yaml.safe_dump(configured))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"

    process = await asyncio.create_subprocess_exec(
        PROMETHEUS,
        f"--config.file={directory}/prometheus.yml",
        f"--storage.tsdb.path={directory}/data",
        f"--web.listen-address={address}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30), httpx2.AsyncClient(base_url=f"http://{address}") as client:
            while len(await answers(client, "count_over_time(pressroom_build_info[1m]) > 1")) < 2:
                continue
        async with httpx2.AsyncClient(base_url=f"http://{address}") as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def answers(client: httpx2.AsyncClient, expression: str) -> list[Any]:
    try:
        answer = await client.get("/api/v1/query", params={"query": expression})
    except httpx2.TransportError:  # it has only just been started
        return []
    if answer.status_code == 503:
        return []

    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"]["result"])


async def test_a_real_prometheus_answers_every_query(prometheus: httpx2.AsyncClient):
    answered = {
        title: bool(await answers(prometheus, expression.replace("$__rate_interval", "1m")))
        for title, expression in (QUERIES | RULES).items()
    }

    assert {title for title, is_answered in answered.items() if not is_answered} == QUIET
