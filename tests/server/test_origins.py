"""No website reaches the local server through its visitor's browser."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from db.errors import SettingInvalid
from db.queue import Page, Queue
from db.settings import Settings, load
from server.app import create_app
from tests.server.conftest import Served, bearer, running, serving

ASKED = {"code": "x", "documentType": "pdf"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("192.168.0.7:8000", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
@pytest.mark.parametrize("path", ["/api/jobs", "/healthz", "/client/jobs.js"])
async def test_a_name_that_is_not_ours_is_refused(
    reader: httpx2.AsyncClient, host: str, status: int, path: str
):
    answer = await reader.get(path, headers={"Host": host})

    assert answer.status_code == status
    if status == 421:
        assert answer.json()["code"] == "host_not_allowed"


async def test_further_names_can_be_allowed(local_settings: Settings, database_url: str):
    settings = replace(local_settings, allowed_hosts=("Press.example",))

    async with serving(settings, database_url) as served:
        host = {"Host": "press.example:8000"}
        read = await served.client.get("/api/jobs", headers=host)
        origin = host | {"Origin": "https://press.example"}
        written = await served.client.post("/api/jobs", json=ASKED, headers=origin)

    assert (read.status_code, written.status_code) == (200, 202)


OURS = [
    {},
    {"Origin": "http://127.0.0.1:8000"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]
FOREIGN = [
    {"Origin": "http://127.0.0.1:9000"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def test_only_our_own_pages_change_anything(client: httpx2.AsyncClient, queue: Queue):
    for headers in OURS + FOREIGN:
        answer = await client.post("/api/jobs", json=ASKED, headers=headers)

        assert answer.status_code == (202 if headers in OURS else 403), headers
    assert len(await queue.list(Page())) == len(OURS)


async def test_a_foreign_page_cannot_post_without_a_body_either(
    client: httpx2.AsyncClient, queue: Queue
):
    job_id = (await client.post("/api/jobs", json=ASKED)).json()["jobId"]

    foreign = await client.post(
        f"/api/jobs/{job_id}/cancel", headers={"Origin": "http://evil.example"}
    )
    own = await client.post(f"/api/jobs/{job_id}/cancel")

    assert (foreign.status_code, own.status_code) == (403, 200)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_a_form_can_send_is_no_request(reader: httpx2.AsyncClient, media_type: str):
    """These types need no preflight, so a page of any site may send them."""
    answer = await reader.post(
        "/api/jobs", content=b'{"code":"x"}', headers={"Content-Type": media_type}
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_without_the_check_the_attacks_succeed(
    local_settings: Settings, database_url: str, queue: Queue
):
    """The positive control: what the tests above send would reach a job."""
    app = create_app(local_settings, database_url)
    app.user_middleware.clear()

    async with running(app) as served:
        rebound = await served.client.get("/api/jobs", headers={"Host": "evil.example"})
        foreign = await served.client.post(
            "/api/jobs", json=ASKED, headers={"Origin": "http://evil.example"}
        )
        form = await served.client.post(
            "/api/jobs",
            content=b'{"code": "x", "documentType": "pdf"}',
            headers={"Content-Type": "text/plain"},
        )

    assert (rebound.status_code, foreign.status_code, form.status_code) == (200, 202, 202)
    assert len(await queue.list(Page())) == 2


PARTNER = "https://app.example"
ASKING = {
    "Origin": PARTNER,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture
async def embedded(token_settings: Settings, database_url: str) -> AsyncIterator[Served]:
    """A server whose card another origin shows."""
    settings = replace(token_settings, allowed_origins=(PARTNER,))
    async with serving(settings, database_url) as served:
        yield served


async def test_a_named_origin_may_call_with_a_token(embedded: Served):
    asked = await embedded.client.options("/api/jobs", headers=ASKING)
    sent = await embedded.client.post(
        "/api/jobs", json=ASKED, headers=bearer("ada") | {"Origin": PARTNER}
    )
    refused = await embedded.client.get("/api/jobs", headers={"Origin": PARTNER})

    assert (asked.status_code, sent.status_code, refused.status_code) == (204, 202, 401)
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    for answer in (asked, sent, refused):
        assert answer.headers["access-control-allow-origin"] == PARTNER
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers


async def test_its_pages_read_streams_and_modules(embedded: Served, enqueue: Any, queue: Queue):
    job = await queue.cancel((await enqueue(user_id="ada")).id)
    asked = {"scope": "events", "jobId": str(job.id)}
    token = (await embedded.client.post("/api/tokens", json=asked, headers=bearer("ada"))).json()[
        "token"
    ]

    for path in (f"/api/jobs/{job.id}/events?token={token}", "/client/document-job.js"):
        answer = await embedded.client.get(path, headers={"Origin": PARTNER})

        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == PARTNER


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://app.example", f"{PARTNER}:8443", f"{PARTNER}.evil", "null"],
)
async def test_every_other_origin_reads_and_changes_nothing(embedded: Served, origin: str):
    headers = ASKING | {"Origin": origin}
    asked = await embedded.client.options("/api/jobs", headers=headers)
    sent = await embedded.client.post(
        "/api/jobs", json=ASKED, headers=bearer("ada") | {"Origin": origin}
    )

    assert sent.status_code == 403
    for answer in (asked, sent):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("text", ["*", "app.example", "https://app.example/", "ftp://a.example"])
def test_an_origin_is_named_exactly(text: str):
    with pytest.raises(SettingInvalid, match="PRESSROOM_ALLOWED_ORIGINS"):
        load({"PRESSROOM_ALLOWED_ORIGINS": text})
