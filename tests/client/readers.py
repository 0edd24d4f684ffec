"""Programs that read a stream of events, other people's: each tells what it heard, line by line."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Route

from db import settings

FETCH_EVENT_SOURCE = "@microsoft/fetch-event-source/lib/esm"
MATRIX = Path(__file__).parent / "matrix"
PACKAGES = ("httpx==0.28.1", "httpx-sse==0.4.3", "sseclient-py==1.9.0", "requests==2.34.2")

Heard = AsyncIterator[dict[str, str]]
Open = Callable[[str], AbstractAsyncContextManager[Heard]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A reader by name; `returns` when it connects again by itself."""

    name: str
    open: Open
    returns: bool = False


def curl(*options: str) -> Open:
    """curl -N, whose output is the stream itself."""
    program = shutil.which("curl")
    if not program:
        pytest.skip("no curl")

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Heard]:
        async with _started(program, "-sSN", "--compressed", *options, url) as lines:
            yield _frames(lines)

    return opened


def program(*command: str | Path, **environment: str) -> Open:
    """A program that prints each event as JSON."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Heard]:
        async with _started(*command, url, **environment) as lines:
            yield _events(lines)

    return opened


def python_with_packages(folder: Path) -> Path:
    """A Python of its own that has the readers."""
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES]
    subprocess.run(install, check=True)

    return python


def event_source(context: BrowserContext) -> Open:
    """The browser's own, which connects again until it is told to stop."""
    return _in_page(
        context,
        """url => {
            const source = new EventSource(url);
            for (const name of ["status", "job-complete"]) {
              source.addEventListener(name, ({ type, lastEventId, data }) =>
                tell({ event: type, id: lastEventId, data }));
            }
            source.addEventListener("error", () => source.readyState === 2 && tell(null));
        }""",
    )


def fetch_event_source(context: BrowserContext, modules: Path) -> Open:
    """Microsoft's, as its users' bundlers give it to the browser."""

    async def library(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].removesuffix(".js") + ".js"
        script = (modules / FETCH_EVENT_SOURCE / name).read_text()
        await route.fulfill(body=script, content_type="text/javascript")

    return _in_page(
        context,
        """async url => {
            const { fetchEventSource } = await import("/library/index.js");
            fetchEventSource(url, { onmessage: tell, openWhenHidden: true }).then(() => tell(null));
        }""",
        library,
    )


def _in_page(
    context: BrowserContext,
    script: str,
    library: Callable[[Route], Awaitable[None]] | None = None,
) -> Open:
    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Heard]:
        told: asyncio.Queue[dict[str, str] | None] = asyncio.Queue()
        page = await context.new_page()
        await page.expose_function("tell", told.put_nowait)
        if library:
            await page.route("**/library/*", library)
        await page.goto(url.partition("/api/")[0] + "/healthz")
        await page.evaluate(script, url)
        yield _taken(told)
        await page.close()

    return opened


async def _taken(told: "asyncio.Queue[dict[str, str] | None]") -> Heard:
    while event := await told.get():
        yield event


@asynccontextmanager
async def _started(*command: str | Path, **environment: str) -> AsyncIterator[asyncio.StreamReader]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env=settings.child_environment(**environment)
    )
    try:
        assert process.stdout
        yield process.stdout
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _events(lines: asyncio.StreamReader) -> Heard:
    async for line in lines:
        yield json.loads(line)


async def _frames(lines: asyncio.StreamReader) -> Heard:
    frame: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            frame[name] = value
        elif "data" in frame:
            yield frame
            frame = {}
