"""The browser's half in node's own runner, and how much of it a page has to load."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "client"
OLDEST_NODE = 20

IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom "\./([\w/.-]+)";""", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//[^\n]*", re.DOTALL | re.MULTILINE)
SPACE = re.compile(r"\s*([{}()\[\]=,;:?<>|&+*!])\s*")


@pytest.fixture(scope="session")
def node() -> str:
    """A node that is new enough."""
    found = shutil.which("node")
    if not found:
        pytest.skip("no node: only those who work on the client need one")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip("v\n").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node {version.stdout.strip()} is older than {OLDEST_NODE}")

    return found


def test_parts_do_what_they_say_without_a_browser(node: str):
    files = sorted(HERE.glob("*.test.mjs"))
    command = [node, "--test", "--test-timeout=50000", *files]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_line_to_a_job_weighs_less_than_five_kilobytes():
    """As a bundler sends it, but for names, which here stay as long as they are."""
    modules = sorted(needed_by(CLIENT / "events.js"))
    source = "".join(bare(path.read_text()) for path in modules)

    assert len(gzip.compress(source.encode())) < 5_000


def test_types_hold():
    checker = HERE / "node_modules" / ".bin" / "tsc"
    if not checker.exists():
        pytest.skip("no TypeScript: npm ci --prefix tests/client")

    done = subprocess.run([checker, "-p", CLIENT], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def needed_by(path: Path) -> set[Path]:
    """A module and all that it imports."""
    found: set[Path] = set()
    left = [path]
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += imported_by(module)

    return found


def imported_by(module: Path) -> Iterator[Path]:
    return (module.parent / name for name in IMPORT.findall(module.read_text()))


def bare(source: str) -> str:
    return SPACE.sub(r"\1", COMMENT.sub("", source))
