"""python -m workers: a worker that runs until SIGTERM."""

import asyncio
import logging
import signal
import sys
from dataclasses import replace

from db import settings
from db.address import database_url
from db.errors import DatabaseMissing, SandboxMissing, SettingInvalid
from db.pool import connect_pool
from db.settings import Settings
from db.telemetry import logs, probes, tracing
from workers.health import Health
from workers.sandbox import Sandbox, memory, tmpfs
from workers.worker import Worker

MISCONFIGURED = 78


def main() -> None:
    """Run a worker; exit 78 when its surroundings are not fit to run strangers' code."""
    logs.set_up("plain")  # until the settings say otherwise
    try:
        configured = settings.load()
        logs.set_up(configured.log)
        tracing.set_up(configured, service="pressroom-worker")
        asyncio.run(_run(configured))
    except (SettingInvalid, SandboxMissing, DatabaseMissing) as error:
        logging.getLogger(__name__).error("%s", error)
        sys.exit(MISCONFIGURED)


async def _run(settings: Settings) -> None:
    url = database_url(settings)
    slots = memory.fitting(
        settings.worker_concurrency,
        settings.job_memory_bytes,
        memory.limit(),
        scratch_bytes=tmpfs.size_bytes(settings.data_dir) or 0,
    )
    settings = replace(settings, worker_concurrency=slots)
    health = Health()
    async with (
        probes.listening(settings.metrics_port, health.answers),
        Sandbox(settings, slots=slots) as sandbox,
        await connect_pool(url, name="pressroom worker", size=slots + 4) as pool,
    ):
        worker = Worker(settings, pool, sandbox, listen_url=settings.listen_database_url or url)
        health.introduce(worker, sandbox, pool)
        sandbox.on_refusal = worker.drain
        loop = asyncio.get_running_loop()
        for stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop, worker.drain)
        await worker.run()
        if sandbox.refused:
            raise sandbox.refused


if __name__ == "__main__":
    main()
