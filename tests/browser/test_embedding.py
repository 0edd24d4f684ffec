"""The card on a page of another origin: no cookie, a person's token, the whole of it."""

import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

import examples
from pressroom.up import System
from tests.server.conftest import SECRET, Program, bearer, program

pytestmark = pytest.mark.timeout(120)

PAGE = """<!doctype html><html lang="en"><title>A chat</title>
<script type="module" src="{server}/client/document-job.js"></script>
<style>document-job {{ --pr-accent: rgb(200, 0, 100) }}</style><main></main>"""
CARD = """([src, token, id]) => {
    const card = document.createElement("document-job");
    for (const [name, value] of Object.entries({ src, token, "job-id": id }))
      card.setAttribute(name, value);
    document.querySelector("main").append(card);
}"""


class Partner(BaseHTTPRequestHandler):
    """A chat of somebody else: one page, whatever is asked for."""

    page = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    """Where the partner's pages come from."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Partner) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
async def server(system: System, origin: str) -> AsyncIterator[Program]:
    access = {"PRESSROOM_JWT_SECRET": SECRET, "PRESSROOM_ALLOWED_ORIGINS": origin}
    async with program(system.database_url, PRESSROOM_AUTH="token", **access) as server:
        yield server


@pytest.fixture
async def partner(blank: Page, origin: str, server: Program) -> Page:
    Partner.page = PAGE.format(server=server.url).encode()
    await blank.goto(origin)

    return blank


async def test_card_of_another_origin_is_whole_with_a_token(
    partner: Page, origin: str, server: Program, tmp_path: Path
) -> None:
    token = bearer("ada")["Authorization"]
    for document_type, look in (("pdf", "img"), ("document", "iframe")):
        (example,) = [e for e in examples.load() if e.document_type == document_type]
        body = {"documentType": document_type, "title": document_type, "code": example.code}
        sent = await partner.request.post(
            f"{server.url}/api/jobs", data=body, headers={"Authorization": token}
        )
        job_id = (await sent.json())["jobId"]

        await partner.evaluate(CARD, [server.url, token.removeprefix("Bearer "), job_id])

        card = partner.get_by_role("article").filter(has_text=f"{document_type}.")
        await expect(card).to_contain_text("Ready")
        await expect(card.locator(".preview").locator(look).first).to_be_visible()
        async with partner.expect_download() as download:
            await card.get_by_role("link", name="Download").click()
        await (await download.value).save_as(tmp_path / document_type)
        assert (tmp_path / document_type).stat().st_size > 1_000
        accent = "getComputedStyle(node).getPropertyValue('--pr-accent')"
        assert "200" in await card.evaluate(f"node => {accent}")
    assert partner.url == f"{origin}/"
