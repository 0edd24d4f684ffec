"""What an operator does to jobs, straight at the database: read, cancel, retry, pause, prune."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from db import address, payloads, settings
from db.errors import JobTypeUnknown
from db.jobs import Job, Status
from db.pool import connect_pool
from db.queue import Page, Queue

app = typer.Typer()
console = Console()

JSON = Annotated[bool, typer.Option("--json", help="As JSON, the job as the HTTP API has it.")]
JOBS = Annotated[list[UUID], typer.Argument(help="One or more ids.", metavar="JOB_ID")]
TYPE = Annotated[str, typer.Argument(help=", ".join(payloads.JOB_TYPES), metavar="JOB_TYPE")]
COLOURS = {
    Status.PENDING: "cyan",
    Status.PROCESSING: "yellow",
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.CANCELLED: "dim",
}


@app.command(name="list")
def list_(
    status: Annotated[Status | None, typer.Option(help="Only jobs that stand there.")] = None,
    user: Annotated[str | None, typer.Option(help="Only this user's jobs.")] = None,
    type_: Annotated[str | None, typer.Option("--type", "-t", help="Only this job type.")] = None,
    session: Annotated[str | None, typer.Option(help="Only this session's jobs.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch's jobs.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    as_json: JSON = False,
) -> None:
    """List jobs, newest first."""
    page = Page(
        status=status, user_id=user, job_type=type_, session_id=session, batch_id=batch, limit=limit
    )
    jobs = with_queue(lambda queue: queue.list(page))
    if as_json:
        console.print_json(_json(jobs))
    else:
        console.print(_table(jobs) if jobs else "no jobs")


@app.command()
def show(job_id: UUID, as_json: JSON = False) -> None:
    """Show a job and its attempts."""

    async def read(queue: Queue) -> tuple[Job, list[dict[str, Any]]]:
        return await queue.get(job_id), await queue.attempts(job_id)

    job, attempts = with_queue(read)
    if as_json:
        console.print_json(_json([job], attempts))
        return

    for line in _lines(job, attempts):
        console.print(line, soft_wrap=True)


@app.command()
def cancel(job_ids: JOBS, as_json: JSON = False) -> None:
    """Cancel jobs that have not ended."""
    _to_each(job_ids, lambda queue, job_id: queue.cancel(job_id), as_json)


@app.command()
def retry(job_ids: JOBS, as_json: JSON = False) -> None:
    """Put failed or cancelled jobs back."""
    _to_each(job_ids, lambda queue, job_id: queue.reopen(job_id), as_json)


@app.command()
def pause(job_type: TYPE) -> None:
    """Let no worker begin jobs of a type; they are accepted and wait."""
    with_queue(lambda queue: queue.pause(_known(job_type)))
    console.print(f"{job_type} is paused; those that run go on")


@app.command()
def resume(job_type: TYPE) -> None:
    """Let workers begin jobs of a type again."""
    with_queue(lambda queue: queue.resume(_known(job_type)))
    console.print(f"{job_type} goes on")


@app.command()
def prune() -> None:
    """Delete the jobs that have outlived their time, with their artifacts."""

    async def all_of_them(queue: Queue) -> int:
        total = 0
        while count := await queue.prune():
            total += count
        return total

    console.print(f"pruned {with_queue(all_of_them)} jobs")


def with_queue(verb: Callable[[Queue], Awaitable[Any]]) -> Any:
    """Run a verb on the queue of the database in use."""

    async def call() -> Any:
        url = address.database_url(settings.load())
        async with await connect_pool(url, name="pressroom cli", size=1) as pool:
            return await verb(Queue(pool))

    return asyncio.run(call())


def _to_each(
    job_ids: list[UUID], verb: Callable[[Queue, UUID], Awaitable[Job]], as_json: bool
) -> None:
    async def each(queue: Queue) -> list[Job]:
        return [await verb(queue, job_id) for job_id in job_ids]

    jobs = with_queue(each)
    if as_json:
        console.print_json(_json(jobs))
        return

    for job in jobs:
        had_ended = job.status in (Status.COMPLETED, Status.FAILED)
        now = "had ended already:" if had_ended else "is"
        console.print(f"{job.id} {now} {_coloured(job.status)}", highlight=False, soft_wrap=True)


def _known(job_type: str) -> str:
    if job_type in payloads.JOB_TYPES:
        return job_type

    raise JobTypeUnknown(job_type, f"no such job type; there are {', '.join(payloads.JOB_TYPES)}")


def _table(jobs: list[Job]) -> Table:
    # What is too wide for a terminal of 80 columns is cut; an id, a type and a status never are.
    whole = {"job": 36, "type": 12, "status": 15}
    table = Table(box=None, pad_edge=False)
    for name in ("job", "type", "status", "title", "created", "user"):
        table.add_column(name, no_wrap=True, min_width=whole.get(name))
    for job in jobs:
        status = f"{_coloured(job.status)}{_share(job)}"
        plain = (job.title or "", _time(job.created_at), job.user_id)
        table.add_row(str(job.id), escape(job.job_type), status, *map(escape, plain))

    return table


def _lines(job: Job, attempts: list[dict[str, Any]]) -> Iterator[str]:
    yield _line("job", str(job.id))
    yield f"{'status':<14}{_coloured(job.status)}{_share(job)}"
    yield _line("type", job.job_type)
    yield _line("title", job.title)
    yield _line("user", job.user_id)
    yield _line("session", job.session_id)
    yield _line("batch", job.batch_id)
    yield _line("created", _time(job.created_at))
    if job.status is Status.PENDING:
        yield _line("not before", _time(job.scheduled_at))
    yield _line("ended", _time(job.completed_at) if job.completed_at else None)
    yield _line("retries", f"{job.retry_count} of {job.max_retries}, {job.lost_count} workers lost")
    for attempt in attempts:
        yield _line(f"attempt {attempt['attempt']}", _told(attempt))
    if job.error:
        yield _line("error", f"{job.error.get('code')}: {job.error.get('message')}")
    for artifact in (job.result or {}).get("artifacts", []):
        yield _line("file", f"{artifact['file_name']}, {artifact['file_size']:,} bytes")


def _told(attempt: dict[str, Any]) -> str:
    seconds = ((attempt["ended_at"] or datetime.now(UTC)) - attempt["started_at"]).total_seconds()
    error = f", {attempt['error'].get('code')}" if attempt["error"] else ""

    return (
        f"{attempt['outcome'] or 'running'}{error}, {seconds:.1f} s, "
        f"from {_time(attempt['started_at'])} on worker {attempt['worker_id']}"
    )


def _line(name: str, value: str | None) -> str:
    return f"{name:<14}{escape(value or '-')}"


def _coloured(status: Status) -> str:
    return f"[{COLOURS[status]}]{status}[/]"


def _share(job: Job) -> str:
    if job.status is Status.PROCESSING:
        return f" {job.progress} %"

    due_in = job.scheduled_at - datetime.now(UTC)
    return " later" if job.status is Status.PENDING and due_in > timedelta(0) else ""


def _time(instant: datetime) -> str:
    return instant.astimezone().strftime("%d %b %H:%M:%S")


def _json(jobs: list[Job], attempts: list[dict[str, Any]] | None = None) -> str:
    from server import wire  # half a second that only --json should pay

    if attempts is None:
        return json.dumps([wire.job(job) for job in jobs])

    return json.dumps({**wire.job(jobs[0]), "attempts": [wire.attempt(row) for row in attempts]})
