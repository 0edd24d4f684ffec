"""Files: whole, in ranges, by any name, never rendered on our origin."""

from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from db.artifacts import CHUNK_BYTES
from server.artifacts import content_disposition


async def download(client: httpx2.AsyncClient, job: Any, **headers: str) -> httpx2.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(f"/api/artifacts/{job.result['artifact_id']}/download", headers=names)


async def test_the_file_comes_as_an_attachment(client: httpx2.AsyncClient, complete: Any):
    job = await complete(b"%PDF-1.7 and so on")

    answer = await download(client, job)

    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7 and so on")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == "18"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["accept-ranges"] == "bytes"


async def test_its_metadata_tell_without_opening_it(client: httpx2.AsyncClient, complete: Any):
    job = await complete(b"12345", "דוח.pdf")

    answer = await client.get(f"/api/artifacts/{job.result['artifact_id']}")

    about = answer.json()
    assert (about["fileName"], about["fileSize"], about["jobId"]) == ("דוח.pdf", 5, str(job.id))
    assert (await client.get(about["downloadUrl"])).content == b"12345"


RANGES = [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
    ("bytes=8-", 206, b"89", "bytes 8-9/10"),
    ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=5-5", 206, b"5", "bytes 5-5/10"),
    ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
    ("BYTES=0-3", 200, b"0123456789", None),
    ("bytes=0-", 200, b"0123456789", None),
    ("bytes=-99", 200, b"0123456789", None),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=99-100", 416, None, "bytes */10"),
    ("bytes=-0", 416, None, "bytes */10"),
    ("bytes=5-3", 200, b"0123456789", None),
    ("bytes=-", 200, b"0123456789", None),
    ("bytes=a-b", 200, b"0123456789", None),
    ("bytes=0-1,3-4", 200, b"0123456789", None),
    ("lines=0-1", 200, b"0123456789", None),
    ("bytes=0-99999999999999999999999", 200, b"0123456789", None),
    ("", 200, b"0123456789", None),
]


async def test_ranges(client: httpx2.AsyncClient, complete: Any):
    job = await complete(b"0123456789")

    for asked, status, content, content_range in RANGES:
        answer = await download(client, job, Range=asked)

        assert answer.status_code == status, asked
        assert answer.headers.get("content-range") == content_range, asked
        if content is not None:
            assert answer.content == content, asked
            assert answer.headers["content-length"] == str(len(content)), asked


async def test_a_range_may_cross_the_stored_chunks(client: httpx2.AsyncClient, complete: Any):
    data = bytes(n % 251 for n in range(2 * CHUNK_BYTES + 100))
    job = await complete(data)
    start, stop = CHUNK_BYTES - 7, 2 * CHUNK_BYTES + 9

    part = await download(client, job, Range=f"bytes={start}-{stop - 1}")
    whole = await download(client, job)

    assert part.content == data[start:stop]
    assert whole.content == data


async def test_a_range_of_another_file_is_not_sent(client: httpx2.AsyncClient, complete: Any):
    job = await complete(b"0123456789")
    tag = (await download(client, job)).headers["etag"]

    same = await download(client, job, Range="bytes=0-1", If_Range=tag)
    other = await download(client, job, Range="bytes=0-1", If_Range='"other"')

    assert (same.status_code, other.status_code) == (206, 200)


async def test_who_has_the_file_gets_304(client: httpx2.AsyncClient, complete: Any):
    job = await complete()
    tag = (await download(client, job)).headers["etag"]

    answer = await download(client, job, If_None_Match=f'"other", W/{tag}')

    assert (answer.status_code, answer.content) == (304, b"")


async def test_head_tells_the_size_and_sends_nothing(client: httpx2.AsyncClient, complete: Any):
    job = await complete(b"0123456789")

    answer = await client.head(f"/api/artifacts/{job.result['artifact_id']}/download")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "10"


async def test_a_file_of_an_unfinished_attempt_is_unknown(
    client: httpx2.AsyncClient, claim: Any, artifacts: Any
):
    job = await claim()
    artifact_id = await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", b"secret")

    answer = await client.get(f"/api/artifacts/{artifact_id}/download")

    assert (answer.status_code, answer.json()["code"]) == (404, "artifact_not_found")


@pytest.mark.parametrize(
    ("file_name", "plain"),
    [
        ("report.pdf", "report.pdf"),
        ("Q3 sales.xlsx", "Q3 sales.xlsx"),
        ("דוח.pdf", "___.pdf"),
        ('a"b\\c.pdf', "a_b_c.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a__Set-Cookie: x=1.pdf"),
        ("100%.pdf", "100_.pdf"),
    ],
)
def test_a_file_name_survives_the_header(file_name: str, plain: str):
    header = content_disposition(file_name)

    assert header.isascii()
    assert header.isprintable()
    assert f'filename="{plain}"' in header
    assert unquote(header.rpartition("UTF-8''")[2]) == file_name
