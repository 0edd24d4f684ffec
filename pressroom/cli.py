"""pressroom: what an operator and a developer type."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from db import address, payloads, settings
from db.errors import PressroomError
from db.jobs import Job
from db.pool import OUTAGE, connect_pool
from db.queue import Page, Queue
from pressroom import up as programs
from pressroom.api import Api, Refused
from pressroom.board import Board
from pressroom.up.become import become

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
database = typer.Typer(no_args_is_help=True)
app.add_typer(database, name="db", help="The database in use.")
console = Console()

MISCONFIGURED = 78
OUT = typer.Option(help="The folder that finished files go to.")


def main() -> None:
    """Run a command; an error that Pressroom expects is one sentence and a status."""
    try:
        app(prog_name="pressroom")
    except (PressroomError, Refused) as error:
        _quit(str(error))
    except OUTAGE as error:
        _quit(f"cannot reach it: {error or type(error).__name__}")


@app.command()
def up() -> None:
    """Start everything and mind it until Ctrl-C."""
    raise typer.Exit(programs.run(settings.load()))


@app.command()
def server() -> None:
    """Run the HTTP server."""
    become("server")


@app.command()
def worker() -> None:
    """Run a worker."""
    become("workers")


@app.command(name="migrate")
def migrate_(
    down: Annotated[bool, typer.Option("--down", help="Take the schema away.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Change nothing; wait for it.")] = False,
) -> None:
    """Bring the schema up to date; safe to run from many processes at once."""
    # Imported here, as below: it takes half a second that no other command should pay.
    from db import migrate

    configured = settings.load()
    url = configured.listen_database_url or address.database_url(configured)
    step = migrate.downgrade if down else migrate.wait if wait else migrate.upgrade
    asyncio.run(step(url))


@app.command(name="demo")
def demo_() -> None:
    """Make one document of each type, live, and say where they are."""
    from pressroom import demo

    raise typer.Exit(demo.run(settings.load()))


@app.command()
def submit(
    file: Annotated[
        Path,
        typer.Argument(
            help="Python that builds the document; - for stdin.",
            exists=True,
            dir_okay=False,
            allow_dash=True,
        ),
    ],
    type_: Annotated[str, typer.Option("--type", "-t", help=", ".join(payloads.JOB_TYPES))],
    title: Annotated[str, typer.Option(help="What the document is called.")] = "",
    out: Annotated[Path, OUT] = Path("out"),
) -> None:
    """Send code to the server, watch the job until it ends, save its files."""
    code = sys.stdin.read() if str(file) == "-" else file.read_text()

    async def send(api: Api) -> int:
        answer = await api.submit(code, type_, title or file.stem)
        console.print(f"job {answer['jobId']}", highlight=False)
        return await _follow(api, answer["eventsUrl"], out)

    _with_api(send)


@app.command()
def watch(job_id: UUID, out: Annotated[Path, OUT] = Path("out")) -> None:
    """Watch a job until it ends, save its files."""
    _with_api(lambda api: _follow(api, f"/api/jobs/{job_id}/events", out))


@app.command(name="list")
def list_(
    status: Annotated[str | None, typer.Option(help="pending, processing, completed, …")] = None,
    user: Annotated[str | None, typer.Option(help="Only this user's jobs.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
) -> None:
    """List jobs, newest first."""
    jobs = _with_queue(lambda queue: queue.list(Page(status=status, user_id=user, limit=limit)))
    table = Table(Column("job", no_wrap=True, min_width=36), "type", "status", box=None)
    for name in ("created", "user", "title"):
        table.add_column(name, no_wrap=True)
    for job in jobs:
        cells = (job.id, job.job_type, job.status, _time(job.created_at), job.user_id)
        table.add_row(*map(str, cells), job.title or "")
    console.print(table)


@app.command()
def show(job_id: UUID) -> None:
    """Show a job and its attempts."""
    job: Job = _with_queue(lambda queue: queue.get(job_id))
    attempts = _with_queue(lambda queue: queue.attempts(job_id))
    for name in ("id", "job_type", "title", "status", "user_id", "progress", "progress_message"):
        console.print(f"{name:<18}{getattr(job, name)}", markup=False, soft_wrap=True)
    for name in ("attempt", "retry_count", "lost_count", "created_at", "completed_at", "result"):
        console.print(f"{name:<18}{getattr(job, name)}", markup=False, soft_wrap=True)
    for attempt in attempts:
        ended = attempt["outcome"] or "running"
        seconds = (
            (attempt["ended_at"] or datetime.now(UTC)) - attempt["started_at"]
        ).total_seconds()
        console.print(f"attempt {attempt['attempt']:<10}{ended}, {seconds:.1f} s", markup=False)
    if job.error:
        console.print(f"{'error':<18}{job.error['code']}: {job.error['message']}", markup=False)


@app.command()
def cancel(job_id: UUID) -> None:
    """Cancel a job that has not ended."""
    job = _with_queue(lambda queue: queue.cancel(job_id))
    console.print(f"{job.id} is {job.status}")


@app.command()
def retry(job_id: UUID) -> None:
    """Put a failed or cancelled job back."""
    job = _with_queue(lambda queue: queue.reopen(job_id))
    console.print(f"{job.id} is {job.status}")


@app.command()
def prune() -> None:
    """Delete the jobs that have outlived their time, with their artifacts."""

    async def all_of_them(queue: Queue) -> int:
        total = 0
        while count := await queue.prune():
            total += count
        return total

    console.print(f"pruned {_with_queue(all_of_them)} jobs")


@app.command(name="doctor")
def doctor_() -> None:
    """Look at the database, the schema, the workers and the sandbox; say what to mend."""
    from pressroom import doctor

    raise typer.Exit(doctor.run(settings.load()))


@app.command()
def sql() -> None:
    """Print the schema."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # sql | head
    for path in sorted((files("db") / "migrations" / "versions").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".up.sql"):
            sys.stdout.write(path.read_text(encoding="utf-8"))


@database.command()
def url() -> None:
    """Print the connection string of the database in use."""
    sys.stdout.write(address.database_url(settings.load()) + "\n")


def _with_queue(verb: Callable[[Queue], Awaitable[Any]]) -> Any:
    async def call() -> Any:
        url = address.database_url(settings.load())
        async with await connect_pool(url, name="pressroom cli", size=1) as pool:
            return await verb(Queue(pool))

    return asyncio.run(call())


def _with_api(verb: Callable[[Api], Awaitable[int]]) -> None:
    async def call() -> int:
        configured = settings.load()
        url = configured.url or f"http://{configured.host}:{configured.port}"
        async with Api(url, configured.token) as api:
            return await verb(api)

    raise typer.Exit(asyncio.run(call()))


async def _follow(api: Api, events_url: str, out: Path) -> int:
    with Board(console) as board:
        async for state in api.watch(events_url):
            board.show(state)
    if state["status"] != "completed":
        return 1

    for artifact in state["result"]["artifacts"]:
        _save(out, artifact["file_name"], await api.download(artifact["download_url"]))

    return 0


def _save(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(name).name  # a server's word for it is no path
    path.write_bytes(data)
    console.print(f"saved {path}", highlight=False, soft_wrap=True)


def _time(instant: datetime) -> str:
    return instant.astimezone().strftime("%d %b %H:%M:%S")


def _quit(message: str) -> None:
    sys.stderr.write(f"pressroom: {message}\n")
    sys.exit(MISCONFIGURED)
