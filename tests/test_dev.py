"""./dev: it prepares the environment once, then becomes the program."""

import ast
import importlib.util
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).parents[1] / "dev"

SHOW = """#!/bin/sh
echo "$@"
echo "$PYTHONPATH"
echo "$PRESSROOM_DATA_DIR"
"""


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, whose .venv is elsewhere."""
    loader = SourceFileLoader("dev", str(DEV))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    dev = importlib.util.module_from_spec(spec)
    loader.exec_module(dev)
    dev.VENV = str(tmp_path / ".venv")
    dev.PYTHON = str(tmp_path / ".venv/bin/python")

    return dev


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is prepared already, with a Python that shows what it is told."""
    for name in ("dev", "requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_bytes((DEV.parent / name).read_bytes())
    write_program(tmp_path / ".venv/bin/python", SHOW)
    loader = SourceFileLoader("dev", str(tmp_path / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for kind in ("runtime", "dev"):
        module.write_stamp(kind, module.stamp_of(kind))

    return tmp_path


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, checkout / "dev", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
        cwd="/",
        check=False,
    )


def test_alone_it_lists_what_can_be_done():
    listed = run(DEV.parent).stdout

    for word in ("demo", "up", "test", "check", "fix", "bench", "soak", "db"):
        assert f"\n  {word} " in listed


def test_any_python_3_can_read_it():
    ast.parse(DEV.read_text(), feature_version=(3, 6))


def test_other_words_go_to_pressroom_with_our_modules_and_our_database(checkout: Path):
    told, path, data = run(checkout, "submit", "a file.py", "--title", "x").stdout.splitlines()

    assert told == "-m pressroom submit a file.py --title x"
    assert path == str(checkout)
    assert data == str(checkout / ".pressroom")


def test_tests_are_spread_unless_told_how(checkout: Path):
    spread = run(checkout, "test", "tests/db").stdout.splitlines()[0]
    told = run(checkout, "test", "-n0", "tests/db").stdout.splitlines()[0]

    assert spread.startswith("-m pytest -n ")
    assert told == "-m pytest -n0 tests/db"


def test_check_runs_to_the_end_and_names_all_that_failed(checkout: Path):
    for name, status in (("ruff", 0), ("mypy", 1), ("lint-imports", 1)):
        write_program(checkout / ".venv/bin" / name, f"#!/bin/sh\nexit {status}\n")

    done = run(checkout, "check")

    assert done.returncode == 1
    assert done.stderr == "failed: mypy; lint-imports\n"


def test_old_python_says_what_to_install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.8"):
        dev.find_python()


def test_old_python_takes_a_newer_one_that_starts(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_program(tmp_path / "python3.14", "#!/bin/sh\nexit 127\n")
    write_program(tmp_path / "python3.12", "#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert dev.find_python() == str(tmp_path / "python3.12")


@pytest.mark.parametrize(("user", "prefix"), [(0, ""), (1000, "sudo ")])
def test_missing_venv_module_is_one_line_to_type(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, prefix: str
):
    write_program(tmp_path / "apt-get", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dev, "succeeds", lambda command, quiet=False: False)
    monkeypatch.setattr(dev.os, "geteuid", lambda: user)
    package = f"python3.{sys.version_info[1]}-venv"

    with pytest.raises(SystemExit, match=f"type: {prefix}apt-get install -y {package}"):
        dev.install("requirements.lock")

    assert not Path(dev.VENV).exists()


def test_interrupted_set_up_leaves_nothing(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    def interrupted(lock: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "make_venv", lambda: Path(dev.VENV).mkdir())
    monkeypatch.setattr(dev, "fill", interrupted)

    with pytest.raises(KeyboardInterrupt):
        dev.install("requirements.lock")

    assert not Path(dev.VENV).exists()


def test_half_made_environment_is_begun_anew(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    write_program(Path(dev.PYTHON), "")
    monkeypatch.setattr(dev, "make_venv", lambda: Path(dev.VENV).mkdir())
    monkeypatch.setattr(dev, "fill", lambda lock: None)

    dev.install("requirements.lock")

    assert not Path(dev.PYTHON).exists()


def test_changed_lock_is_installed_into_the_environment_that_is_there(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    filled = []
    write_program(Path(dev.PYTHON), "")
    dev.write_stamp("runtime", "of an older lock")
    monkeypatch.setattr(dev, "fill", filled.append)

    dev.prepare("dev")

    assert filled == [str(DEV.parent / "requirements-dev.lock")]
    assert all(dev.is_stamped(kind, dev.stamp_of(kind)) for kind in ("runtime", "dev"))


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_it_cannot_run_it_names_docker(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, platform: str
):
    monkeypatch.setattr(sys, "platform", platform)

    with pytest.raises(SystemExit, match="docker compose up"):
        dev.main(["demo"])
