"""Looks at everything a Pressroom stands on, and says what to mend."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial

from rich.console import Console
from rich.markup import escape

from db import address, migrate
from db.diagnosis import Diagnosis, Finding
from db.errors import PressroomError
from db.pool import OUTAGE, UNMIGRATED, Pool, connect_pool
from db.queue import Queue
from db.settings import Settings
from workers.sandbox import Sandbox

Check = Callable[[Pool, Settings], Awaitable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one check; `fix` says what to do where all is not well."""

    check: str
    is_well: bool
    says: str
    fix: str | None


def run(settings: Settings, *, as_json: bool = False) -> int:
    """Print a line for each check; return 0 when all is well, 1 when something is to be mended."""
    reports = asyncio.run(_look(settings, None if as_json else Console()))
    if as_json:
        print(json.dumps([asdict(report) for report in reports], indent=2))

    return int(not all(report.is_well for report in reports))


async def _look(settings: Settings, console: Console | None) -> list[Report]:
    url = address.database_url(settings)
    reports = []
    async with await connect_pool(url, name="pressroom doctor", size=2) as pool:
        async for report in _reports(pool, settings):
            reports.append(report)
            if console:
                _show(report, console)

    return reports


async def _reports(pool: Pool, settings: Settings) -> AsyncIterator[Report]:
    for name, (check, fix) in _CHECKS.items():
        try:
            finding = await check(pool, settings)
        except (PressroomError, *OUTAGE, *UNMIGRATED) as error:
            finding = Finding(False, str(error) or repr(error))

        is_well, says = finding
        yield Report(check=name, is_well=is_well, says=says, fix=None if is_well else fix)


def _show(report: Report, console: Console) -> None:
    mark = "[green]✓[/]" if report.is_well else "[red]✗[/]"
    console.print(f"{mark} {report.check}: {escape(report.says)}", highlight=False, soft_wrap=True)
    if report.fix:
        console.print(f"    {escape(report.fix)}", highlight=False, soft_wrap=True)


async def _database(pool: Pool, settings: Settings) -> Finding:
    version = await Queue(pool).server_version()
    if not await Diagnosis(pool).is_pooled():
        return Finding(True, f"Postgres {version}")

    return Finding(
        settings.listen_database_url is not None, f"Postgres {version}, behind a connection pooler"
    )


async def _schema(pool: Pool, settings: Settings) -> Finding:
    is_current = await migrate.is_current(pool)
    return Finding(is_current, "as new as this program" if is_current else "missing, or older")


async def _workers(pool: Pool, settings: Settings) -> Finding:
    alive = [worker for worker in await Queue(pool).workers() if worker["is_alive"]]
    slots = sum(worker["slots"] for worker in alive)
    running = sum(worker["running"] for worker in alive)

    return Finding(bool(alive), f"{len(alive)} alive, {running} of {slots} slots busy")


async def _jobs(pool: Pool, settings: Settings) -> Finding:
    counts: dict[str, int] = {}
    for row in await Queue(pool).stats():
        counts[row["status"]] = counts.get(row["status"], 0) + row["jobs"]
    told = ", ".join(f"{count} {status}" for status, count in counts.items()) or "none"
    paused = await Queue(pool).paused()

    return Finding(True, f"{told}; paused: {', '.join(paused)}" if paused else told)


async def _sandbox(pool: Pool, settings: Settings) -> Finding:
    async with Sandbox(settings, slots=1) as sandbox:
        report = sandbox.report

    layers = f"Landlock {report['landlock_abi']}, seccomp, uid {report['uid']}"
    layers += f", namespaces {report['namespaces']}, cgroups {report['cgroups']}"
    layers += f", scratch {report['scratch']}"
    return Finding(True, f"{report['probes']} attacks tried, none succeeded; {layers}")


async def _ask(question: str, pool: Pool, settings: Settings) -> Finding:
    return await Diagnosis(pool).ask(question)


_CHECKS: dict[str, tuple[Check, str]] = {
    "database": (_database, "set LISTEN_DATABASE_URL to the direct address of Postgres"),
    "schema": (_schema, "type: pressroom migrate"),
    "workers": (_workers, "start one with: pressroom worker"),
    "jobs": (_jobs, ""),
    "stuck jobs": (
        partial(_ask, "stuck_jobs"),
        "look for claim.failed and maintenance.failed in the logs of the workers; is every slot"
        " busy, add workers",
    ),
    "listeners": (
        partial(_ask, "listeners"),
        "news come by polling, a second late; look for listener.lost in the logs",
    ),
    "NOTIFY": (
        partial(_ask, "notices"),
        "a session that listens sits in a transaction: end the oldest 'idle in transaction' of"
        " pg_stat_activity with pg_terminate_backend(pid)",
    ),
    "oldest snapshot": (
        partial(_ask, "oldest_snapshot"),
        "vacuum waits for it, and the queue bloats: end it with pg_terminate_backend(pid), ROLLBACK"
        " PREPARED, or drop the slot",
    ),
    "dead rows": (
        partial(_ask, "dead_rows"),
        "type: VACUUM (ANALYZE) on these tables; then see what holds the oldest snapshot",
    ),
    "autovacuum": (
        partial(_ask, "autovacuum"),
        "turn it on: ALTER SYSTEM SET autovacuum = on; ALTER TABLE … RESET (autovacuum_enabled)",
    ),
    "indexes": (
        partial(_ask, "indexes"),
        "type: REINDEX INDEX CONCURRENTLY on an invalid one, ANALYZE document_jobs otherwise",
    ),
    "connections": (
        partial(_ask, "connections"),
        "raise max_connections, or put a pooler before DATABASE_URL; see RUNBOOK, Scale",
    ),
    "sandbox": (_sandbox, "see RUNBOOK, Workers do not become ready"),
}
