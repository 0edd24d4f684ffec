"""What the sandbox costs a job, and what the warm parent gives back.

Peers in the same rounds: the same sandbox with its layers taken away, and the same scripts by a
cold `python -I` without any sandbox. CPU is that of the worker, the warm parent and its children.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

import examples
from db import settings
from examples import Example
from workers.handlers import HANDLERS
from workers.handlers.documents import Assignment
from workers.outcomes import Completed
from workers.sandbox import Limits, Sandbox, Script

ROUNDS = 10
JOBS = 20  # a round: enough for the kernel's count of CPU, which goes by hundredths
MIX_ROUNDS = 15
REST_SECONDS = 0.05  # a spare is forked meanwhile, as between two jobs of a quiet worker
LAYERS = frozenset({"landlock", "seccomp", "uid", "namespaces", "cgroups"})
TICKS = os.sysconf("SC_CLK_TCK")
FIRST_LINE = "import time\nprint(time.monotonic())"

Rows = list[tuple[str, float, str, str]]


def main() -> None:
    """Run the benchmark and print a table."""
    load = os.getloadavg()[0]
    rows = asyncio.run(_measure())
    title = f"one slot; load before {load:.1f} on {os.cpu_count()} cores"
    table = Table("", "", "", "wanted", title=title, box=None)
    for name, value, unit, wanted in rows:
        table.add_row(name, f"{value:.2f}", unit, wanted)
    Console().print(table)


async def _measure() -> Rows:
    with tempfile.TemporaryDirectory() as directory:
        configured = replace(settings.load({}), data_dir=Path(directory), allow_unsandboxed=True)
        async with (
            Sandbox(configured, slots=1) as sandbox,
            Sandbox(configured, slots=1, without=LAYERS) as bare,
        ):
            return [*await _empty(sandbox, bare), *await _mix(sandbox, Path(directory))]


async def _empty(sandbox: Sandbox, bare: Sandbox) -> Rows:
    forked: list[float] = []
    whole: list[float] = []
    first: list[float] = []
    cpu = {sandbox: 0.0, bare: 0.0}
    for _ in range(ROUNDS):
        for each in cpu:
            before = _cpu_seconds()
            for _ in range(JOBS):
                await _run(each, "")
            cpu[each] += (_cpu_seconds() - before) / (ROUNDS * JOBS)
        for _ in range(JOBS):
            forked.append(await _until_end(sandbox))  # its child is made since the last one ended
            await asyncio.sleep(REST_SECONDS)
            whole.append(await _until_end(sandbox))
            await asyncio.sleep(REST_SECONDS)
            first.append(await _until_first_line(sandbox))

    return [
        *_percentiles("empty job, its fork included", forked, "< 10"),
        *_percentiles("empty job, from a spare to its end", whole, ""),
        *_percentiles("from the order to the first line", first, "< 3"),
        ("empty job, all of it", cpu[sandbox] * 1000, "ms CPU", ""),
        ("of it the layers", (cpu[sandbox] - cpu[bare]) * 1000, "ms CPU", "< 2"),
    ]


async def _mix(sandbox: Sandbox, directory: Path) -> Rows:
    scripts = examples.load()
    warm = cold = 0.0
    for n in range(1 + MIX_ROUNDS):
        for example in scripts:
            before = _cpu_seconds()
            await _document(sandbox, example)
            between = _cpu_seconds()
            _cold(example, directory / "peer")
            if n:  # the first round fills caches
                warm += between - before
                cold += _cpu_seconds() - between
    jobs = MIX_ROUNDS * len(scripts)

    return [
        ("mix of four types, checked", jobs / warm, "jobs a CPU-second", ""),
        ("cold python -I, no sandbox, no check", jobs / cold, "jobs a CPU-second", ""),
        ("warm over cold", cold / warm, "times", ">= 3.5"),
    ]


async def _run(sandbox: Sandbox, code: str) -> str:
    async with sandbox.run(Script(code=code, file_name="a.txt", title=""), Limits()) as run:
        if run.failure:
            raise SystemExit(f"the job failed: {run.failure}")
        return run.stdout


async def _until_end(sandbox: Sandbox) -> float:
    started = time.monotonic()
    await _run(sandbox, "")
    return time.monotonic() - started


async def _until_first_line(sandbox: Sandbox) -> float:
    started = time.monotonic()
    return float(await _run(sandbox, FIRST_LINE)) - started


async def _document(sandbox: Sandbox, example: Example) -> None:
    outcome = await HANDLERS[example.document_type](
        Assignment(
            job_type=example.document_type,
            title=example.title,
            payload={"code": example.code},
            sandbox=sandbox,
            limits=Limits(),
            artifact_limit_bytes=settings.MIB * 50,
            report=lambda progress: None,
            enter_stage=lambda stage: None,
            fetch=_nothing,
        )
    )
    if not isinstance(outcome, Completed):
        raise SystemExit(f"the job failed: {outcome}")


async def _nothing(artifact_id: str) -> None:
    raise LookupError(artifact_id)


def _cold(example: Example, output: Path) -> None:
    words = f"OUTPUT_PATH = {str(output)!r}\nTITLE, DATA = {example.title!r}, None\n"
    progress = "def progress(*_, **__): pass\n"
    subprocess.run([sys.executable, "-I", "-c", words + progress + example.code], check=True)


def _cpu_seconds() -> float:
    """CPU seconds of this process, of its children that ended, and of those that live."""
    ended = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    living = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()

    return sum(usage.ru_utime + usage.ru_stime for usage in ended) + sum(map(_of_living, living))


def _of_living(pid: str) -> float:
    # Its own, and that of its children that ended: utime, stime, cutime, cstime.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def _percentiles(name: str, seconds: list[float], wanted: str) -> Rows:
    late = statistics.quantiles(seconds, n=20)[-1]
    return [
        (name, statistics.median(seconds) * 1000, "ms p50", wanted),
        ("", late * 1000, "ms p95", ""),
    ]
