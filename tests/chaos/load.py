"""Steady load of real jobs, as a backend sends them: again until accepted, under one key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx2

CODE = """
import time
from openpyxl import Workbook

progress(50, "Working")
time.sleep(0.3)
Workbook().save(OUTPUT_PATH)
"""
TRY_AGAIN_SECONDS = 0.2


class Load:
    """Sends `rate` jobs a second, whatever happens to them."""

    def __init__(self, url: str, rate: float) -> None:
        self.rate = rate
        self.accepted: set[str] = set()
        self._http = httpx2.AsyncClient(base_url=url, timeout=5)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Send within the block; at its end every job that was begun is accepted."""
        async with self._http, asyncio.TaskGroup() as jobs:
            sending = asyncio.create_task(self._send_all(jobs))
            try:
                yield self
            finally:
                sending.cancel()

    async def _send_all(self, jobs: asyncio.TaskGroup) -> None:
        while True:
            jobs.create_task(self._send())
            await asyncio.sleep(1 / self.rate)

    async def _send(self) -> None:
        key = uuid4().hex
        body = {"documentType": "spreadsheet", "title": key, "code": CODE, "maxRetries": 20}
        while True:
            try:
                answer = await self._http.post(
                    "/api/jobs", json=body, headers={"Idempotency-Key": key}
                )
                if answer.is_success:
                    self.accepted.add(answer.json()["jobId"])
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(TRY_AGAIN_SECONDS)
