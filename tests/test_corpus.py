"""Scripts as language models write them: what comes of each in the sandbox and the check."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import examples
from db import contract
from db.settings import MIB, Settings, load
from tests import opened
from workers.handlers import HANDLERS
from workers.handlers.documents import Assignment
from workers.outcomes import Completed, Failed, File, Outcome
from workers.sandbox import Limits, Sandbox, Script
from workers.sandbox.folders import KNOWN

CORPUS = Path(examples.__file__).parent / "corpus"
EXPECTED = tomllib.loads((CORPUS / "expected.toml").read_text(encoding="utf-8"))
NOT_HERE = "is not installed here. There are: openpyxl"
SCRIPTS = {f"{p.parent.name}-{p.stem}": p for p in sorted(CORPUS.glob("*/*")) if p.is_file()}


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(load({}), data_dir=tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
async def sandbox(configured: Settings) -> AsyncIterator[Sandbox]:
    async with Sandbox(configured, slots=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", autouse=True)
def made() -> Iterator[set[str]]:
    """The names of the files that the scripts saved, none of which may be where they thought."""
    names: set[str] = set()
    yield names

    folders = [*KNOWN, str(Path.home() / "Desktop"), str(Path.home()), str(Path.cwd())]
    assert [f"{f}/{name}" for f in folders for name in names if Path(f, name).exists()] == []


@pytest.fixture
def outcome_of(sandbox: Sandbox, configured: Settings, made: set[str]) -> Any:
    async def no_artifact(_: str) -> File:
        raise AssertionError("documents are made of nothing but their code")

    async def outcome_of(job_type: str, code: str) -> Outcome:
        assignment = Assignment(
            job_type=job_type,
            title=None,
            payload={"code": code, "data": None},
            sandbox=sandbox,
            limits=Limits.of(configured),
            artifact_limit_bytes=50 * MIB,
            report=lambda _: None,
            enter_stage=lambda _: None,
            fetch=no_artifact,
        )
        outcome = await HANDLERS[job_type](assignment)
        if isinstance(outcome, Completed):
            made.update(file.name for file in outcome.files)

        return outcome

    return outcome_of


def test_there_are_ten_scripts_of_each_type_and_an_expectation_of_each() -> None:
    named = {f"{job_type}-{name}" for job_type in EXPECTED for name in EXPECTED[job_type]}

    assert named == set(SCRIPTS)
    assert all(len(EXPECTED[job_type]) >= 10 for job_type in examples.DOCUMENT_TYPES)


@pytest.mark.filterwarnings("ignore:Sparkline Group")  # openpyxl does not read them
@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_script_of_the_corpus_comes_to_what_is_expected(name: str, outcome_of: Any) -> None:
    job_type, _, stem = name.partition("-")
    expected = dict(EXPECTED[job_type][stem])
    library = expected.pop("needs", None)
    outcome = await outcome_of(job_type, SCRIPTS[name].read_text(encoding="utf-8"))

    if library and not find_spec(library):
        assert_told(outcome, {"fails": ["script_error"], "says": [NOT_HERE]})
    elif "fails" in expected:
        assert_told(outcome, expected)
    else:
        assert_made(outcome, job_type, expected)


@pytest.mark.parametrize("document_type", contract.FORMS)
async def test_the_program_that_a_prompt_shows_runs(document_type: str, outcome_of: Any) -> None:
    outcome = await outcome_of(document_type, examples.read_short(document_type))

    assert isinstance(outcome, Completed), outcome
    assert outcome.files[0].name == f"{document_type}{contract.FORMS[document_type].suffix}"


async def test_the_names_that_a_prompt_promises_are_there(sandbox: Sandbox) -> None:
    names = "".join(f"{name}\n" for name in contract.NAMES)
    modules = (*contract.libraries(), *contract.ORDERING_LIBRARIES)
    imports = "".join(f"import {module}\n" for module in modules)

    async with sandbox.run(
        Script(code=names + imports, file_name="a.txt", title=""), Limits()
    ) as run:
        assert run.failure is None


def assert_told(outcome: Outcome, expected: dict[str, Any]) -> None:
    assert isinstance(outcome, Failed)
    assert outcome.error["code"] in expected["fails"]
    assert [words for words in expected["says"] if words not in outcome.error["message"]] == []
    assert outcome.error["line"] == expected.get("line", outcome.error["line"])


def assert_made(outcome: Outcome, job_type: str, expected: dict[str, Any]) -> None:
    assert isinstance(outcome, Completed), outcome
    files = sorted(file.name for file in outcome.files)
    assert files == expected.pop("files", files)
    main = expected.pop("main", outcome.files[0].name)
    (data,) = (file.data for file in outcome.files if file.name == main)

    text, facts = opened.OPEN[job_type](data)
    assert [words for words in expected.pop("texts") if words not in text] == []
    for fact, value in expected.items():
        if fact == "merged":
            assert set(value) <= set(facts[fact])
        else:
            assert facts[fact] == value, fact
