"""Real sandboxes, one of each kind for the whole session: they hold nothing between runs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from db.settings import MIB, Settings, load
from workers.sandbox import Limits, Run, Sandbox, Script, collect

SECOND = timedelta(seconds=1)
LIMITS = Limits(wall=20 * SECOND, cpu=20 * SECOND)


class Runs(Protocol):
    """Runs code and returns what the worker saw of it; the directory is gone by then."""

    def __call__(
        self,
        code: str,
        *,
        limits: Limits = ...,
        data: Any = ...,
        inputs: dict[str, bytes] = ...,
        file_name: str = ...,
        sandbox: Sandbox = ...,
    ) -> Awaitable[Run]: ...


@pytest.fixture(scope="session")
def sandbox_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(load({}), data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
async def sandbox(sandbox_settings: Settings) -> AsyncIterator[Sandbox]:
    """The sandbox as workers have it."""
    async with Sandbox(sandbox_settings, slots=2) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
async def weakened(
    sandbox_settings: Settings,
) -> AsyncIterator[Callable[[frozenset[str]], Awaitable[Sandbox]]]:
    """Sandboxes that lack some layers, each started once, for positive controls."""
    open_ones: dict[frozenset[str], Sandbox] = {}
    allowing = replace(sandbox_settings, allow_unsandboxed=True)
    async with AsyncExitStack() as stack:

        async def weaken(without: frozenset[str]) -> Sandbox:
            if without not in open_ones:
                weak = Sandbox(allowing, slots=1, without=without)
                open_ones[without] = await stack.enter_async_context(weak)
            return open_ones[without]

        yield weaken


@pytest.fixture
def run(sandbox: Sandbox) -> Runs:
    """Run code in the full sandbox, or in the one that is given."""
    ordinary = sandbox

    async def run(
        code: str,
        *,
        limits: Limits = LIMITS,
        data: Any = None,
        inputs: dict[str, bytes] | None = None,
        file_name: str = "out.txt",
        sandbox: Sandbox = ordinary,
    ) -> Run:
        script = Script(
            code=code, file_name=file_name, title="A title", data=data, inputs=inputs or {}
        )
        async with sandbox.run(script, limits) as ended:
            return ended

    return run


@pytest.fixture
def make(sandbox: Sandbox) -> Callable[[str, str], Awaitable[bytes]]:
    """Run code that must succeed, and return the main file it made."""

    async def make(code: str, file_name: str) -> bytes:
        script = Script(code=code, file_name=file_name, title="A title")
        async with sandbox.run(script, LIMITS) as run:
            assert run.failure is None, run.failure
            return collect(run, Path(file_name).suffix, 10 * MIB)[0].data

    return make


@pytest.fixture
def run_left(tmp_path: Path) -> Run:
    """A run that is over and left nothing yet."""
    for name in ("output", "input", "tmp"):
        (tmp_path / name).mkdir()

    return Run(
        failure=None,
        directory=tmp_path,
        output_directory=tmp_path / "output",
        output_path=tmp_path / "output" / "out.xlsx",
        stdout="",
        stderr="",
        seconds=0.0,
        report={},
    )
