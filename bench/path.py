"""How long a person waits: POST to 202, POST to the finished document.

Two peers run in the same rounds, so that a noisy machine is noisy for all: the same script by a
cold `python`, and by a plain fork of a process that has the library imported.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from db import settings
from pressroom import up
from pressroom.api import Api

SCRIPT = (Path(__file__).parent / "small_workbook.py").read_text()
ROUNDS = 30
WARM_UP = 3


def main() -> None:
    """Run the benchmark and print a table of medians."""
    import openpyxl  # noqa: F401 (the forked peer has it imported)

    with tempfile.TemporaryDirectory() as directory:
        configured = replace(settings.load({}), data_dir=Path(directory), port=0)
        with up.running(configured) as system:
            rows = asyncio.run(_measure(system.url, Path(directory) / "peer.xlsx"))
    _print(rows)


async def _measure(url: str, output: Path) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    async with Api(url) as api:
        rows["POST to 202, at rest"] = [await _accepted(api) for _ in range(WARM_UP + ROUNDS)]
        for n in range(WARM_UP + ROUNDS):
            times = {
                "POST to job-complete": await _complete(api),
                "cold python, same script": _timed(lambda: _cold(output)),
                "plain fork, same script": _timed(lambda: _fork(output)),
            }
            if n >= WARM_UP:
                for name, seconds in times.items():
                    rows.setdefault(name, []).append(seconds * 1000)

    return rows


async def _accepted(api: Api) -> float:
    """Milliseconds; the job waits for tomorrow, so that nothing runs beside the next request."""
    started = time.perf_counter()
    await api.submit(SCRIPT, "spreadsheet", "Bench", delaySeconds=86_400)
    return (time.perf_counter() - started) * 1000


async def _complete(api: Api) -> float:
    started = time.perf_counter()
    answer = await api.submit(SCRIPT, "spreadsheet", "Bench")
    async for state in api.watch(answer["eventsUrl"]):
        if state["status"] == "failed":
            raise SystemExit(f"the job failed: {state['error']}")

    return time.perf_counter() - started


def _timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _cold(output: Path) -> None:
    code = f"OUTPUT_PATH = {str(output)!r}\n" + SCRIPT
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def _fork(output: Path) -> None:
    child = os.fork()
    if child == 0:
        exec(compile(SCRIPT, "small_workbook.py", "exec"), {"OUTPUT_PATH": str(output)})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the forked peer failed")


def _print(rows: dict[str, list[float]]) -> None:
    console = Console()
    title = f"one at a time, {ROUNDS} rounds"
    table = Table("", "p50 ms", "p95 ms", "÷ cold", title=title, box=None)
    cold = statistics.median(rows["cold python, same script"])
    for name, times in rows.items():
        middle = statistics.median(times)
        late = statistics.quantiles(times, n=20)[-1]
        table.add_row(name, f"{middle:.1f}", f"{late:.1f}", f"{middle / cold:.2f}")
    console.print(table)
