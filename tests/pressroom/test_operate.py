"""What an operator types, against a real database."""

import asyncio
import json
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from db.jobs import Status
from db.queue import Queue
from pressroom import operate
from pressroom.cli import app
from server import wire


@pytest.fixture
def pressroom(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as the shell would, in a thread: it has a loop of its own."""

    async def pressroom(*words: str, columns: int = 160) -> Result:
        # A console keeps the width that the environment had when it was made.
        monkeypatch.setattr(operate, "console", Console(width=columns))
        environment = {"DATABASE_URL": database_url}
        return await asyncio.to_thread(CliRunner().invoke, app, list(words), env=environment)

    return pressroom


async def test_list_shows_the_jobs_that_the_filters_name(pressroom: Any, enqueue: Any):
    mine = await enqueue(user_id="ada", title="[red]Mine", session_id="s")
    await enqueue(user_id="bob", title="Theirs")

    printed = await pressroom("list", "--user", "ada", "--status", "pending", "--session", "s")

    assert str(mine.id) in printed.output
    assert "[red]Mine" in printed.output, "a title is text"
    assert "Theirs" not in printed.output


async def test_a_narrow_terminal_shows_how_a_job_stands(pressroom: Any, claim: Any, queue: Queue):
    job = await claim(title="A title of some length", user_id="u" * 40)
    await queue.report_progress(job.claim, percent=45)

    printed = (await pressroom("list", columns=80)).output

    assert printed.splitlines()[1].split()[:5] == [
        str(job.id),
        job.job_type,
        "processing",
        "45",
        "%",
    ]


async def test_no_jobs_are_said_to_be_none(pressroom: Any):
    assert (await pressroom("list")).output == "no jobs\n"


async def test_a_wrong_filter_is_named(pressroom: Any):
    printed = await pressroom("list", "--status", "running")

    assert printed.exit_code == 2
    assert "running" in printed.output


async def test_json_is_the_job_of_the_api(pressroom: Any, enqueue: Any):
    job = await enqueue(title="As JSON")

    (listed,) = json.loads((await pressroom("list", "--json")).output)
    shown = json.loads((await pressroom("show", str(job.id), "--json")).output)

    assert listed == wire.job(job)
    assert shown == {**wire.job(job), "attempts": []}


async def test_show_tells_of_every_attempt(pressroom: Any, queue: Queue, claim: Any):
    job = await claim(title="Twice")
    await queue.release(job.claim)

    printed = (await pressroom("show", str(job.id))).output

    assert "Twice" in printed
    assert "released" in printed


async def test_cancel_and_retry_take_many(pressroom: Any, queue: Queue, enqueue: Any):
    ids = [str((await enqueue()).id) for _ in range(2)]

    cancelled = await pressroom("cancel", *ids)
    retried = json.loads((await pressroom("retry", *ids, "--json")).output)

    assert cancelled.output.count("is cancelled") == 2
    assert [job["status"] for job in retried] == [Status.PENDING] * 2


async def test_cancel_says_what_had_ended(pressroom: Any, queue: Queue, claim: Any):
    job = await claim()
    await queue.fail(job.claim, {"code": "x"})

    printed = (await pressroom("cancel", str(job.id))).output

    assert printed == f"{job.id} had ended already: failed\n"


async def test_a_paused_job_type_waits_until_it_is_resumed(
    pressroom: Any, queue: Queue, worker: Any, enqueue: Any
):
    await enqueue()

    assert "pdf is paused" in (await pressroom("pause", "pdf")).output
    assert (await queue.claim(worker, ["pdf"], 1))[0] == []
    assert "pdf goes on" in (await pressroom("resume", "pdf")).output
    assert len((await queue.claim(worker, ["pdf"], 1))[0]) == 1


async def test_a_job_type_that_is_none_is_refused(pressroom: Any):
    printed = await pressroom("pause", "pfd")

    assert printed.exit_code == 1
    assert "there are" in str(printed.exception)


async def test_prune_deletes_what_has_outlived_its_time(pressroom: Any, queue: Queue, enqueue: Any):
    job = await enqueue()
    await queue.cancel(job.id)
    await queue._pool.execute("UPDATE document_jobs SET expires_at = created_at")

    assert (await pressroom("prune")).output == "pruned 1 jobs\n"
