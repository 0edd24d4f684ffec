"""One attempt: run the handler beside whoever may stop it, decide the outcome, settle it once."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, assert_never
from uuid import UUID

from db import previews
from db.artifacts import Artifacts
from db.errors import ArtifactNotFound, ClaimLost
from db.jobs import Claim, Job, Status
from db.pool import OUTAGE
from db.queue import Queue
from db.settings import Settings
from db.telemetry import logs, tracing
from db.telemetry.tracing import Span
from workers import backoff, metrics
from workers.handlers import HANDLERS
from workers.handlers.documents import Assignment
from workers.outcomes import Completed, Failed, File, Lost, Outcome, Release, Retry, Snooze
from workers.progress import Reporter
from workers.sandbox import Limits, Sandbox

SETTLE_AGAIN = timedelta(seconds=1)

INTERNAL = {
    "code": "internal_error",
    "message": "Pressroom itself failed while it ran the job.",
    "retryable": True,
}

log = logging.getLogger(__name__)


class Attempt:
    """What a worker does with one claim."""

    def __init__(
        self,
        job: Job,
        *,
        queue: Queue,
        artifacts: Artifacts,
        sandbox: Sandbox,
        settings: Settings,
        on_settling: Callable[[], None] = lambda: None,
    ) -> None:
        self.claim: Claim = job.claim
        self._job = job
        self._queue = queue
        self._artifacts = artifacts
        self._sandbox = sandbox
        self._settings = settings
        self._on_settling = on_settling
        self._reporter = Reporter(queue, job.claim)
        self._stopped: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Work, and settle whatever comes of it. Never raises for the job's sake."""
        started = time.monotonic()
        logs.bind(job=str(self.claim.job_id), attempt=self.claim.attempt)
        with self._span() as span:
            async with self._reporter:
                word = await self._settle_for_certain(await self._outcome())
            self._tell(span, word, time.monotonic() - started)

    def stop(self, outcome: Lost | Release) -> None:
        """End the attempt from outside: its process is killed, its work forgotten."""
        if not self._stopped.done():
            self._stopped.set_result(outcome)

    def _span(self) -> AbstractContextManager[Span]:
        name = f"attempt {self._job.job_type}"
        return tracing.span(name, "CONSUMER", self._job.trace_context)

    def _tell(self, span: Span, word: str, seconds: float) -> None:
        metrics.count_attempt(self._job.job_type, word, seconds)
        span.describe(
            {
                "pressroom.job": str(self.claim.job_id),
                "pressroom.attempt": self.claim.attempt,
                "pressroom.outcome": word,
            },
            is_failure=word in ("failed", "retried", "lost"),
        )
        log.info(
            "attempt.ended job=%s attempt=%d outcome=%s seconds=%.3f", *self.claim, word, seconds
        )

    async def _outcome(self) -> Outcome:
        work = asyncio.create_task(self._handle(), name=f"handle {self.claim}")
        try:
            await asyncio.wait({work, self._stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            await asyncio.wait({work})  # until the process is dead

        return self._stopped.result() if work.cancelled() else work.result()

    async def _handle(self) -> Outcome:
        try:
            return await HANDLERS[self._job.job_type](self._assignment())
        except Exception:
            log.exception("handler.broke job=%s attempt=%d", *self.claim)
            return Retry(error=INTERNAL)

    def _assignment(self) -> Assignment:
        return Assignment(
            job_type=self._job.job_type,
            title=self._job.title,
            payload=self._job.payload,
            sandbox=self._sandbox,
            limits=Limits.of(self._settings, self._job.timeout),
            artifact_limit_bytes=self._settings.artifact_limit_bytes,
            report=self._reporter.report,
            enter_stage=self._reporter.enter_stage,
            fetch=self._fetch,
        )

    async def _fetch(self, artifact_id: str) -> File:
        """Read an artifact of the job's own user. Raises ArtifactNotFound."""
        artifact = await self._artifacts.get(UUID(artifact_id))
        if artifact.user_id != self._job.user_id:
            raise ArtifactNotFound

        chunks = self._artifacts.read(artifact, 0, artifact.file_size)
        data = b"".join([chunk async for chunk in chunks])
        return File(name=artifact.file_name, mime_type=artifact.mime_type, data=data)

    async def _settle_for_certain(self, outcome: Outcome) -> str:
        """Settle through an outage: the fence makes it harmless to try again.

        Returns what was written, in the word of the attempt's row.
        """
        while True:
            try:
                return await self._settle(outcome)
            except ClaimLost:
                log.info("attempt.lost job=%s attempt=%d", *self.claim)
                return await self._settle_for_certain(Lost())
            except OUTAGE as error:
                log.warning("settle.waits job=%s attempt=%d error=%r", *self.claim, error)
                await asyncio.sleep(SETTLE_AGAIN.total_seconds())
            except Exception:
                # What cannot be stored is no reason to take the neighbours down; a second time,
                # with nothing of the job's in it, is.
                log.exception("settle.broke job=%s attempt=%d", *self.claim)
                if outcome == Failed(error=INTERNAL):
                    raise
                outcome = Failed(error=INTERNAL)

    async def _settle(self, outcome: Outcome) -> str:
        match outcome:
            case Completed():
                return await self._complete(outcome)
            case Failed(error=error):
                await self._queue.fail(self.claim, error)
                return "failed"
            case Retry(error=error):
                delay = backoff.delay(self._job.retry_count)
                status = await self._queue.retry(self.claim, error, delay)
                return "retried" if status is Status.PENDING else "failed"
            case Snooze(delay=delay):
                await self._queue.snooze(self.claim, delay)
                return "snoozed"
            case Release():
                await self._queue.release(self.claim)
                return "released"
            case Lost():
                await self._artifacts.discard(self.claim)
                return "lost"
            case _:
                assert_never(outcome)

    async def _complete(self, outcome: Completed) -> str:
        """Bytes first; the settling statement makes them visible."""
        self._reporter.enter_stage("storing")
        stored = [await self._store(n, file) for n, file in enumerate(outcome.files)]
        main = stored[0] if stored else {}
        result: dict[str, Any] = {**outcome.facts, **main, "artifacts": stored}

        limit = self._settings.result_limit_bytes
        if len(json.dumps(result).encode()) > limit:
            await self._queue.fail(self.claim, _too_large(limit))
            return "failed"

        self._on_settling()
        await self._queue.complete(self.claim, result)
        return "completed"

    async def _store(self, position: int, file: File) -> dict[str, Any]:
        artifact_id = await self._artifacts.put(
            self.claim, position, file.name, file.mime_type, file.data
        )
        url = f"/api/artifacts/{artifact_id}"
        stored = {
            "artifact_id": str(artifact_id),
            "download_url": f"{url}/download",
            "file_name": file.name,
            "mime_type": file.mime_type,
            "file_size": len(file.data),
        }
        has_preview = file.mime_type in previews.KINDS
        return {**stored, "preview_url": f"{url}/preview"} if has_preview else stored


def _too_large(limit_bytes: int) -> dict[str, Any]:
    message = f"The result is larger than {limit_bytes // 1024} KiB; make fewer files."
    return {"code": "result_too_large", "message": message, "retryable": False}
