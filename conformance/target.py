"""The server under examination: jobs to look at, and streams that are read to the byte."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from conformance.frames import Frame, Parser
from conformance.http import Answer, Http

# A job to look at rests: it is delayed by a day and, where a worker takes it when it is reopened,
# it only waits. The other one ends by itself.
RESTING = "import time\ntime.sleep(60)"
QUICK = (
    "from reportlab.pdfgen.canvas import Canvas\nc = Canvas(OUTPUT_PATH)\nc.showPage()\nc.save()"
)
DAY = 86_400
NOBODY = "00000000-0000-4000-8000-000000000000"


class Broken(Exception):
    """The server does not do what it should; the message says what it did."""


class Skipped(Exception):
    """The check cannot be made here; the message says why."""


@dataclass(slots=True)
class Stream:
    """An open stream: its frames one by one, and all of its bytes."""

    answer: Answer
    patience: float
    parser: Parser = field(default_factory=Parser)
    frames: list[Frame] = field(default_factory=list)
    is_over: bool = False
    _waiting: list[Frame] = field(default_factory=list)

    async def next(self) -> Frame | None:
        """The next frame that is dispatched; None at the end of the body. Comments are none."""
        try:
            async with asyncio.timeout(self.patience):
                return await self._dispatched()
        except TimeoutError:
            raise Broken(f"no event came for {self.patience:g} s") from None

    async def state(self) -> dict[str, Any]:
        """The data of the next frame. Raises Broken when the stream ends or says something else."""
        frame = await self.next()
        if frame is None:
            raise Broken("the stream ended where a state was due")
        if not isinstance(frame.state, dict):
            raise Broken(f"the data is no JSON object: {frame.data!r:.80}")

        return frame.state

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state of which something holds."""
        while not holds(state := await self.state()):
            continue

        return state

    async def rest(self) -> list[Frame]:
        """All frames until the body ends."""
        while await self._read():
            continue
        waiting, self._waiting = self._waiting, []

        return waiting

    async def _dispatched(self) -> Frame | None:
        while True:
            while self._waiting:
                frame = self._waiting.pop(0)
                if frame.data:
                    return frame
            if not await self._read():
                return None

    async def _read(self) -> bool:
        try:
            async with asyncio.timeout(self.patience):
                piece = await self.answer.read()
        except TimeoutError:
            raise Broken(f"nothing came for {self.patience:g} s") from None
        if not piece:
            self.is_over = True
            return False

        found = self.parser.feed(piece)
        self.frames += found
        self._waiting += found

        return True


class Target:
    """One server, by its URL."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        patience: float = 5,
        restart: str | None = None,
    ) -> None:
        self.url = url
        self.token = token
        self.restart = restart
        self.patience = patience
        self.http = Http(url, {"Authorization": f"Bearer {token}"} if token else {})
        self.session = f"conformance-{uuid4().hex[:12]}"
        self._waiting: set[str] = set()

    async def submit(self, **fields: Any) -> str:
        """A new job that rests, and its id."""
        asked = {
            "code": RESTING,
            "documentType": "pdf",
            "title": "Conformance",
            "delaySeconds": DAY,
        }
        answer = await self.ask(
            "POST", "/api/jobs", body={**asked, "sessionId": self.session, **fields}
        )
        found = await answer.json()
        if answer.status != 202:
            raise Broken(f"POST /api/jobs answered {answer.status}: {found}")
        self._waiting.add(found["jobId"])

        return str(found["jobId"])

    async def cancelled(self, **fields: Any) -> tuple[str, int]:
        """A job that is final, and its last seq."""
        job_id = await self.submit(**fields)
        return job_id, (await self.cancel(job_id))["seq"]

    async def completed(self) -> str:
        """A job that a worker has completed."""
        job_id = await self.submit(code=QUICK, delaySeconds=0)
        async with self.stream(job_id, patience=self.patience * 2) as stream:
            try:
                final = await stream.until(lambda state: bool(state.get("final")))
            except Broken:
                raise Skipped("no worker completes a job here") from None
        if final["status"] != "completed":
            raise Broken(f"the job is {final['status']}, not completed: {final.get('error')}")

        return job_id

    async def cancel(self, job_id: str) -> dict[str, Any]:
        """End a job; return it."""
        self._waiting.discard(job_id)
        return await self._post(f"/api/jobs/{job_id}/cancel")

    async def reopen(self, job_id: str) -> dict[str, Any]:
        """Make a cancelled job pending again; return it."""
        self._waiting.add(job_id)
        return await self._post(f"/api/jobs/{job_id}/retry")

    async def get(self, job_id: str) -> dict[str, Any]:
        """The job as it can be polled."""
        answer = await self.ask("GET", f"/api/jobs/{job_id}")
        found: dict[str, Any] = await answer.json()
        return found

    async def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Ask anything; the head of the answer must come in time."""
        try:
            async with asyncio.timeout(self.patience):
                return await self.http.ask(method, path, headers, body)
        except TimeoutError:
            raise Broken(f"{method} {path}: no answer in {self.patience:g} s") from None
        except (OSError, EOFError) as error:
            raise Broken(f"{method} {path}: {error!r}") from None

    @asynccontextmanager
    async def stream(
        self, job_id: str, query: str = "", *, patience: float | None = None, **headers: str
    ) -> AsyncIterator[Stream]:
        """The stream of one job."""
        path = f"/api/jobs/{job_id}/events{query}"
        async with self.open(path, patience=patience, **headers) as stream:
            yield stream

    @asynccontextmanager
    async def open(
        self, path: str, *, patience: float | None = None, **headers: str
    ) -> AsyncIterator[Stream]:
        """Any stream; hung up at the end. Raises Broken when there is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.ask("GET", path, named)
        try:
            if answer.status != 200:
                raise Broken(f"GET {path} answered {answer.status}")
            yield Stream(answer, patience or self.patience)
        finally:
            answer.close()

    async def tidy(self) -> None:
        """Cancel what was made and not cancelled."""
        for job_id in self._waiting:
            (await self.ask("POST", f"/api/jobs/{job_id}/cancel")).close()

    async def _post(self, path: str) -> dict[str, Any]:
        answer = await self.ask("POST", path)
        found = await answer.json()
        if answer.status != 200:
            raise Broken(f"POST {path} answered {answer.status}")

        return dict(found)
