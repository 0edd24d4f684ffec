"""What the check of a file may say: the child that says it has parsed a stranger's bytes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workers.handlers import pdf
from workers.handlers.documents import Assignment
from workers.outcomes import Completed, Failed
from workers.sandbox import Limits, Run, Script


class Scripted:
    """A sandbox whose runs leave a file, and whose checks print what they are told."""

    def __init__(self, directory: Path, said: str) -> None:
        self._run = Run(
            failure=None,
            directory=directory,
            output_directory=directory / "output",
            output_path=directory / "output" / "a.pdf",
            stdout="",
            stderr="",
            seconds=0.0,
            report={},
        )
        self._said = said
        self._run.output_directory.mkdir()
        self._run.output_path.write_bytes(b"%PDF")

    @asynccontextmanager
    async def run(
        self, script: Script, limits: Limits, on_progress: Any = None
    ) -> AsyncIterator[Run]:
        yield replace(self._run, stdout=self._said) if script.inputs else self._run


async def outcome_of(said: str, tmp_path: Path) -> Any:
    assignment = Assignment(
        job_type="pdf",
        title="a",
        payload={"code": "pass"},
        sandbox=Scripted(tmp_path, said),  # type: ignore[arg-type]
        limits=Limits(),
        artifact_limit_bytes=1000,
        report=lambda progress: None,
        enter_stage=lambda stage: None,
        fetch=None,  # type: ignore[arg-type]
    )
    return await pdf.handle(assignment)


async def test_facts_are_numbers_of_known_things(tmp_path: Path):
    facts = {"pages": 3, "download_url": "https://evil.test", "slides": "7", "huge": "x" * 9999}

    outcome = await outcome_of(json.dumps({"facts": facts}), tmp_path)

    assert isinstance(outcome, Completed)
    assert outcome.facts == {"pages": 3, "slides": 7}


NO_ANSWERS = (
    *("", "[]", "7", "{}", '{"facts": 1}', '{"facts": {"pages": "x"}}', '{"refused": "x"}'),
    *('{"facts": {"pages": Infinity}}', "[" * 30_000, 'noise\n{"facts": {}}'),
)


@pytest.mark.parametrize("said", NO_ANSWERS)
async def test_what_is_no_answer_is_no_document(said: str, tmp_path: Path):
    outcome = await outcome_of(said, tmp_path)

    assert isinstance(outcome, Failed)
    assert outcome.error["code"] == "wrong_type"


async def test_a_refusal_is_told_as_text(tmp_path: Path):
    said = {"refused": "macros", "message": "It has\x1b[31m macros.\u202e"}

    outcome = await outcome_of(json.dumps(said), tmp_path)

    assert outcome.error["code"] == "unsafe_output"
    assert outcome.error["message"] == "a.pdf: It has macros."
