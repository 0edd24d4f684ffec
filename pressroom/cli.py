"""pressroom: what an operator and a developer type."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx2
import typer
from rich.console import Console

from db import address, payloads, settings
from db.errors import DatabaseMissing, PressroomError, SettingInvalid
from db.pool import OUTAGE, UNMIGRATED
from pressroom import operate
from pressroom import up as programs
from pressroom.api import Api, Lost, Refused
from pressroom.board import Board
from pressroom.up.become import become

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
database = typer.Typer(no_args_is_help=True)
app.add_typer(operate.app)
app.add_typer(database, name="db", help="The database in use.")
console = Console()

MISCONFIGURED = 78
OUT = typer.Option(help="The folder that finished files go to.")


def main() -> None:
    """Run a command; an error that Pressroom expects is one sentence and a status."""
    try:
        app(prog_name="pressroom")
    except (SettingInvalid, DatabaseMissing) as error:
        _quit(str(error), MISCONFIGURED)
    except (PressroomError, Refused) as error:
        _quit(str(error))
    except UNMIGRATED:
        _quit("the database has no schema, or an old one: type pressroom migrate", MISCONFIGURED)
    except OUTAGE as error:
        _quit(_outage(error), MISCONFIGURED)


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
        return await _follow(api, answer["jobId"], out)

    _with_api(send)


@app.command()
def watch(job_id: UUID, out: Annotated[Path, OUT] = Path("out")) -> None:
    """Watch a job until it ends, save its files."""
    _with_api(lambda api: _follow(api, str(job_id), out))


@app.command(name="doctor")
def doctor_(as_json: operate.JSON = False) -> None:
    """Look at the database, the workers and the sandbox; say what to mend, and exit with 1."""
    from pressroom import doctor

    raise typer.Exit(doctor.run(settings.load(), as_json=as_json))


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)
def conformance(context: typer.Context) -> None:
    """Look at a server's event streams from outside: URL [--token …] [--json] [--help]."""
    become("conformance", *context.args)


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


def _with_api(verb: Callable[[Api], Awaitable[int]]) -> None:
    async def call() -> int:
        configured = settings.load()
        url = configured.url or f"http://{configured.host}:{configured.port}"
        try:
            async with Api(url, configured.token) as api:
                return await verb(api)
        except httpx2.TransportError as error:
            raise Refused(
                f"no server at {url} ({error or type(error).__name__}): start it with `./dev up` "
                "(`pressroom up`), or set PRESSROOM_URL or PRESSROOM_PORT"
            ) from None

    raise typer.Exit(asyncio.run(call()))


async def _follow(api: Api, job_id: str, out: Path) -> int:
    try:
        with Board(console) as board:
            async for state in api.watch(f"/api/jobs/{job_id}/events"):
                board.show(state)
    except Lost:
        raise Refused(f"the server stays away; once it is back: pressroom watch {job_id}") from None
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


def _outage(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return str(error)  # a file, not the database

    return f"cannot reach the database (DATABASE_URL): {error or type(error).__name__}"


def _quit(message: str, status: int = 1) -> None:
    sys.stderr.write(f"pressroom: {message}\n")
    sys.exit(status)
