"""What all document types share: run the code, take the file, open it, hand it over."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workers.handlers import names
from workers.outcomes import Completed, Failed, File, Outcome, Retry
from workers.sandbox import (
    Failure,
    Limits,
    Output,
    OutputInvalid,
    Progress,
    Run,
    Sandbox,
    Script,
    collect,
)
from workers.sandbox.streams import clean

CHECK_TIME = timedelta(seconds=30)
CHECKED = "document"
FACTS = ("sheets", "paragraphs", "tables", "slides", "pages")
CHECK = f"from workers.opening import checks\nchecks.main(DATA, INPUT_DIR + '/{CHECKED}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a handler is given: the job's words, the sandbox, and a way to say how far it is."""

    job_type: str
    title: str | None
    payload: dict[str, Any]
    sandbox: Sandbox
    limits: Limits
    artifact_limit_bytes: int
    report: Callable[[Progress], None]
    enter_stage: Callable[[str], None]
    fetch: Callable[[str], Awaitable[File]]  # an artifact of the same user, by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A file format and what it is called; workers.opening.checks has the rules by its suffix."""

    noun: str
    suffix: str
    mime_type: str


Handler = Callable[[Assignment], Awaitable[Outcome]]


def handler(format: Format) -> Handler:
    """Return the handler that makes documents of one format."""

    async def handle(assignment: Assignment) -> Outcome:
        return await _make(format, assignment)

    return handle


async def _make(format: Format, assignment: Assignment) -> Outcome:
    script = _script(format, assignment)
    assignment.enter_stage("running")
    async with assignment.sandbox.run(
        script, assignment.limits, on_progress=assignment.report
    ) as run:
        if run.failure:
            return failed(run, run.failure)
        try:
            outputs = await asyncio.to_thread(
                collect, run, format.suffix, assignment.artifact_limit_bytes
            )
        except OutputInvalid as problem:
            return failed(run, _invalid(problem.code, str(problem)))

    assignment.enter_stage("checking")
    return await _checked(format, assignment, run, outputs)


def _script(format: Format, assignment: Assignment) -> Script:
    return Script(
        code=assignment.payload["code"],
        file_name=names.file_name(assignment.title, assignment.job_type, format.suffix),
        title=assignment.title or "",
        data=assignment.payload.get("data"),
    )


async def _checked(
    format: Format, assignment: Assignment, run: Run, outputs: list[Output]
) -> Outcome:
    """Open every file as what it claims to be; the facts are those of the first."""
    facts: list[dict[str, Any]] = []
    limits = replace(assignment.limits, wall=min(assignment.limits.wall, CHECK_TIME))
    for output in outputs:
        async with assignment.sandbox.run(_check(format, output), limits) as opened:
            if opened.failure and opened.failure.retryable:
                return failed(opened, opened.failure)
            if opened.failure:
                return failed(run, _wrong_type(format, output, opened.failure))

            answer = _answer(opened)
            if "refused" in answer:
                return failed(run, _refused(output, answer))
            facts.append(answer["facts"])

    files = (File(name=o.name, mime_type=format.mime_type, data=o.data) for o in outputs)
    return Completed(files=tuple(files), facts=facts[0])


def _check(format: Format, output: Output) -> Script:
    # It parses a hostile file, so it runs in the sandbox like the code that made it. The file's
    # own name may be as long as a name can be; what is said of it is said by the worker.
    return Script(
        code=CHECK,
        file_name="checked",
        title="",
        data=format.suffix,
        inputs={CHECKED: output.data},
    )


def _answer(opened: Run) -> dict[str, Any]:
    """What the check says; a file that has taken it over may have it say anything."""
    try:
        said = json.loads(opened.stdout)
        if "refused" in said:
            return {name: clean(str(said[name])) for name in ("refused", "message")}
        return {"facts": {name: int(n) for name, n in said["facts"].items() if name in FACTS}}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {"refused": "wrong_type", "message": "The check of the file gave no answer."}


def _invalid(code: str, message: str) -> Failure:
    return Failure(code=code, type="OutputInvalid", message=message)


def _refused(output: Output, answer: dict[str, Any]) -> Failure:
    reason = answer["refused"]
    return Failure(
        code="wrong_type" if reason == "wrong_type" else "unsafe_output",
        type=reason,
        message=f"{output.name}: {answer['message']}",
    )


def _wrong_type(format: Format, output: Output, failure: Failure) -> Failure:
    return _invalid(
        "wrong_type",
        f"{output.name} does not open as a {format.noun} ({failure.type}: {failure.message}). "
        f"Write a real {format.suffix} file to OUTPUT_PATH.",
    )


def failed(run: Run, failure: Failure) -> Failed | Retry:
    """The outcome of a run that did not end well; our own losses are tried again."""
    error = {
        "code": failure.code,
        "type": failure.type,
        "message": failure.message,
        "line": failure.line,
        "traceback": failure.traceback,
        "stdout": run.stdout,
        "stderr": run.stderr,
        "retryable": failure.retryable,
    }
    return Retry(error=error) if failure.retryable else Failed(error=error)
