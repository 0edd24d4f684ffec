"""One fact, one place: what the documents, the code and the schema say of each other."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import examples
from db import payloads, settings
from db.jobs import Status
from workers.handlers import HANDLERS

ROOT = Path(__file__).parents[1]
PACKAGES = ("db", "server", "workers", "pressroom")
SCHEMA = (ROOT / "db/migrations/versions/0001_jobs.up.sql").read_text()

PROCESS_CONTROL = {"subprocess", "resource", "ctypes", "multiprocessing", "pty"}
MAY_CONTROL = ("workers/sandbox/", "db/embedded/", "pressroom/up/")
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.S)


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])

    return names


def test_packages_import_only_what_stands_below_them():
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_only_three_places_control_processes():
    elsewhere = [
        path
        for path, tree in sources()
        if imported(tree) & PROCESS_CONTROL and not path.startswith(MAY_CONTROL)
    ]

    assert elsewhere == []


def test_sql_stands_in_sql_files():
    elsewhere = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        if "migrations/versions" not in path
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]

    assert elsewhere == []


def test_statuses_of_the_schema_are_those_of_python():
    check = SCHEMA.split("CHECK (status IN (", 1)[1].split("))", 1)[0]
    in_schema = re.findall(r"^\s*'(\w+)'", check, re.MULTILINE)

    assert in_schema == [status.value for status in Status]


def test_every_job_type_has_a_payload_a_handler_and_an_example():
    assert {*payloads.JOB_TYPES, payloads.PREVIEW} == set(HANDLERS)
    assert {example.document_type for example in examples.load()} == set(payloads.JOB_TYPES)


def test_the_readme_lists_every_setting_as_it_is():
    readme = (ROOT / "README.md").read_text()

    for name, default, meaning in settings.documented():
        shown = default if "`" in default or " " in default or default == "none" else f"`{default}`"
        row = f"| `{name}` | {shown} | {meaning} |"
        assert row in readme, f"README.md lacks this row: {row}"


def path_table() -> list[tuple[str, str]]:
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    return re.findall(r"`([\w/.-]+\.(?:py|sql|js)):([\w.]+)`", architecture)


def test_the_path_in_the_architecture_exists():
    assert len(path_table()) >= 12

    for file, name in path_table():
        text = (ROOT / file).read_text()
        if file.endswith(".py"):
            found = importlib.import_module(file.removesuffix(".py").replace("/", "."))
            for part in name.split("."):
                found = getattr(found, part)
        else:
            assert re.search(rf"\b{name}\b", text), f"{file} has no {name}"


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "common"])
def test_files_are_called_by_their_noun(word):
    assert [path for path, _ in sources() if word in Path(path).stem] == []
