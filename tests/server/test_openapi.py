"""The contract for machines says what the routes do."""

from typing import Any

import httpx2
from starlette.routing import Route

from server import openapi
from server.app import ROUTES
from tests.server.conftest import Complete


def test_every_route_is_described_and_nothing_else():
    routes = {
        (route.path_format, method.lower())
        for route in ROUTES
        if isinstance(route, Route) and route.include_in_schema
        for method in route.methods or ()
        if method != "HEAD"
    }

    paths = openapi.document()["paths"]
    assert {(path, method) for path, calls in paths.items() for method in calls} == routes


async def test_answers_have_the_described_fields(client: httpx2.AsyncClient, complete: Complete):
    job = await complete()
    artifact_id = job.result["artifact_id"] if job.result else None

    async def answer(path: str) -> Any:
        return (await client.get(path)).json()

    described = {
        "Job": await answer(f"/api/jobs/{job.id}"),
        "JobList": await answer("/api/jobs"),
        "Artifact": await answer(f"/api/artifacts/{artifact_id}"),
        "Stats": await answer("/api/stats"),
        "Problem": await answer("/nothing"),
    }
    schemas = (await answer("/openapi.json"))["components"]["schemas"]
    for name, body in described.items():
        assert list(body) == schemas[name]["required"], name


def test_every_reference_leads_somewhere():
    document = openapi.document()

    for reference in references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        inner = [r for v in value.values() for r in references(v)]
        return inner + ([value["$ref"]] if "$ref" in value else [])

    return [r for v in value for r in references(v)] if isinstance(value, list) else []
