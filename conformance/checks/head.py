"""The head of the answer: what proxies, caches and browsers decide by."""

import time

from conformance.suite import check, require
from conformance.target import Target

FOREIGN = "https://foreign.example"


async def _headers(target: Target, **headers: str) -> dict[str, str]:
    async with target.stream(await target.submit(), patience=None, **headers) as stream:
        return stream.answer.headers


@check("head")
async def status_is_200(target: Target) -> None:
    """An open stream is a 200: any other status ends an EventSource for good."""
    async with target.stream(await target.submit()) as stream:
        require(stream.answer.status == 200, f"it was {stream.answer.status}")


@check("head")
async def media_type(target: Target) -> None:
    """Content-Type is text/event-stream, or the browser refuses to read."""
    found = (await _headers(target)).get("content-type", "")
    require(found.partition(";")[0].strip() == "text/event-stream", f"it was {found!r}")


@check("head")
async def charset(target: Target) -> None:
    """If a charset is named it is utf-8: the format knows no other."""
    found = (await _headers(target)).get("content-type", "").lower().replace(" ", "")
    require("charset=" not in found or "charset=utf-8" in found, f"it was {found!r}")


@check("head")
async def no_store(target: Target) -> None:
    """Cache-Control says no-store: a cached stream is yesterday's truth."""
    found = (await _headers(target)).get("cache-control", "")
    require("no-store" in found, f"it was {found!r}")


@check("head")
async def no_transform(target: Target) -> None:
    """Cache-Control says no-transform: who compresses, buffers."""
    found = (await _headers(target)).get("cache-control", "")
    require("no-transform" in found, f"it was {found!r}")


@check("head")
async def unbuffered(target: Target) -> None:
    """X-Accel-Buffering is no: nginx buffers by default."""
    async with target.stream(await target.submit()) as stream:
        found, server = stream.answer.headers, stream.answer.headers.get("server", "")
    if "nginx" not in server:  # it takes the header off, having heeded it
        require(found.get("x-accel-buffering") == "no", f"{found.get('x-accel-buffering')!r}")


@check("head")
async def no_length(target: Target) -> None:
    """No Content-Length: nobody knows how long a stream will be."""
    require("content-length" not in await _headers(target), "there was one")


@check("head")
async def no_encoding(target: Target) -> None:
    """Not compressed, though the client would take it: a compressor holds frames back."""
    found = await _headers(target, Accept_Encoding="gzip, deflate, br, zstd")
    require("content-encoding" not in found, f"it was {found.get('content-encoding')!r}")


@check("head")
async def any_accept(target: Target) -> None:
    """A stream is opened whatever Accept says that fits: */*, text/event-stream, nothing."""
    for accept in ("*/*", "text/event-stream", "text/html, */*;q=0.1"):
        await _headers(target, Accept=accept)


@check("head")
async def first_bytes_at_once(target: Target) -> None:
    """The first frame is there within a second: later, clients take the way for blocked."""
    begun = time.monotonic()
    async with target.stream(await target.submit()) as stream:
        await stream.state()
    took = time.monotonic() - begun
    require(took < 1, f"it took {took:.1f} s")


@check("head")
async def head_has_no_body(target: Target) -> None:
    """HEAD answers 200, with the type, and ends."""
    answer = await target.ask("HEAD", f"/api/jobs/{await target.submit()}/events")
    answer.close()
    require(answer.status == 200, f"it was {answer.status}")
    found = answer.headers.get("content-type", "")
    require(found.startswith("text/event-stream"), f"its type was {found!r}")


@check("head")
async def head_frees_the_connection(target: Target) -> None:
    """After HEAD the same connection answers again: no stream was opened behind it."""
    answer = await target.ask("HEAD", f"/api/jobs/{await target.submit()}/events")
    host = target.url.partition("://")[2].partition("/")[0]
    answer.writer.write(f"HEAD /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    line = await answer.reader.readline()
    answer.close()
    require(
        line.startswith(b"HTTP/1.1 ") or "close" in answer.headers.get("connection", ""),
        f"it said {line!r}",
    )


@check("head")
async def only_reading(target: Target) -> None:
    """POST to a stream is 405."""
    answer = await target.ask("POST", f"/api/jobs/{await target.submit()}/events")
    answer.close()
    require(answer.status == 405, f"it was {answer.status}")


@check("cors")
async def foreign_pages_cannot_read(target: Target) -> None:
    """No page of any origin is let in by a star or by an echo of its own name."""
    found = await _headers(target, Origin=FOREIGN)
    allowed = found.get("access-control-allow-origin")
    require(allowed not in ("*", FOREIGN), f"it allowed {allowed!r}")


@check("cors")
async def foreign_preflight_is_refused(target: Target) -> None:
    """A preflight of an unknown origin grants nothing."""
    asked = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    answer = await target.ask("OPTIONS", "/api/jobs", asked)
    answer.close()
    allowed = answer.headers.get("access-control-allow-origin")
    require(allowed not in ("*", FOREIGN), f"it allowed {allowed!r}")


@check("cors")
async def no_credentials_with_a_star(target: Target) -> None:
    """Credentials and a star exclude each other; browsers refuse the pair."""
    found = await _headers(target, Origin=FOREIGN)
    star = found.get("access-control-allow-origin") == "*"
    require(not (star and "access-control-allow-credentials" in found), "both were there")
