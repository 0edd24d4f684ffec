"""A scratch directory in a tmpfs with a size bounds what runs write, hard and for all together."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from db.settings import MIB
from workers.sandbox import memory, tmpfs
from workers.sandbox.parent import PROJECT

MOUNTED = 'mount -t tmpfs -o "$1" none "$2" && exec "$3" -c "$4" "$2"'
# With the watch asleep, so that what bounds the run is the kernel.
FILLER = """
import asyncio, json, os, sys
from dataclasses import replace
from pathlib import Path
from db.settings import load
from workers.sandbox import Limits, Sandbox, Script, supervise
supervise.WATCH_SECONDS = 60
FILL = "for n in range(30): open(f'output/{n}', 'wb').write(bytes(8 << 20))"
async def main(folder):
    settings = replace(load({}), data_dir=folder, job_disk_bytes=64 << 20)
    limits = Limits.of(settings)
    async with Sandbox(settings, slots=1) as sandbox:
        script = Script(code=FILL, file_name="a.txt", title="")
        async with sandbox.run(script, limits) as run:
            sizes = [path.stat().st_size for path in run.output_directory.iterdir()]
        failure = run.failure and (run.failure.code, run.failure.retryable)
        print(json.dumps([sandbox.report["scratch"], failure, sum(sizes) >> 20]))
asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every slot's uid may enter, which is not so of pytest's own."""
    folder = Path(mkdtemp(dir="/tmp", prefix="pressroom-"))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting in a namespace of its own needs root")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("size=100m", ["tmpfs 100 MiB", ["disk_limit", False], range(90, 101)]),
        ("mode=755", ["watched", None, range(240, 241)]),  # the twin: half the memory, no bound
    ],
)
def test_a_run_gets_no_further_than_the_size(folder: Path, options: str, told: list[Any]) -> None:
    said = _run_on(folder, options)

    assert said[:2] == told[:2]
    assert said[2] in told[2]


def test_a_disk_is_no_tmpfs(tmp_path: Path) -> None:
    assert tmpfs.size_bytes(PROJECT) is None
    assert tmpfs.described(PROJECT / "not there yet") == "watched"


def test_files_that_are_memory_leave_less_of_it_for_slots() -> None:
    limit = 3 * 1024 * MIB

    assert memory.fitting(4, 1024 * MIB, limit) == 2
    assert memory.fitting(4, 1024 * MIB, limit, scratch_bytes=1024 * MIB) == 1


def _run_on(folder: Path, options: str) -> list[Any]:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTED, "sh"]
    ended = subprocess.run(
        [*command, options, str(folder), sys.executable, FILLER],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    said: list[Any] = json.loads(ended.stdout)
    return said
