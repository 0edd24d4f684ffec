"""The browser's half as the server hands it out."""

from pathlib import Path

import httpx2
import pytest

import client as package

ROOT = Path(package.__file__).parent


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html"),
        ("/client/index.html", "text/html"),
        ("/client/app.js", "text/javascript"),
        ("/jobs", "text/html"),
        ("/client/page.css", "text/css"),
        ("/client/icon.svg", "image/svg+xml"),
    ],
)
async def test_a_page_comes_with_a_strict_policy(
    reader: httpx2.AsyncClient, path: str, media_type: str
):
    answer = await reader.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_who_has_the_page_gets_304(reader: httpx2.AsyncClient):
    tag = (await reader.get("/")).headers["etag"]

    answer = await reader.get("/", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")


async def test_every_file_that_pages_ask_for_is_served(reader: httpx2.AsyncClient):
    files = [path for path in ROOT.rglob("*.*") if path.suffix in (".js", ".css", ".svg", ".html")]

    answers = [await reader.get(f"/client/{path.relative_to(ROOT)}") for path in files]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    "path",
    [
        "/client/",
        "/client/__init__.py",
        "/client/nothing.js",
        "/client/../pyproject.toml",
        "/client/%2e%2e/pyproject.toml",
        "/client/..%2f..%2fetc/passwd.html",
        "/client/a%00.js",
        "/client/" + "x" * 5000 + ".js",
    ],
)
async def test_nothing_else_is_served(reader: httpx2.AsyncClient, path: str):
    answer = await reader.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_examples_are_what_the_page_offers(reader: httpx2.AsyncClient):
    examples = (await reader.get("/api/examples")).json()

    types = [example["documentType"] for example in examples]
    assert types == ["spreadsheet", "document", "pdf", "presentation"]
    assert all(example["title"] and example["code"] for example in examples)


async def test_pages_are_public_where_jobs_are_not(guarded: httpx2.AsyncClient):
    page = await guarded.get("/")
    jobs = await guarded.get("/api/jobs")

    assert (page.status_code, jobs.status_code) == (200, 401)
