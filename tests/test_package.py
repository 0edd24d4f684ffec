"""The wheel: all of Pressroom, and enough of it to run far from the checkout."""

import os
import shutil
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("client", "conformance", "db", "examples", "pressroom", "server", "workers")

pytestmark = pytest.mark.timeout(180)


def run(*command: str | Path, folder: Path) -> str:
    """Run a program that knows nothing of the checkout."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as `pip wheel` and `uv build` make it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    [wheel] = folder.iterdir()

    return wheel


@pytest.fixture
def pressroom(wheel: Path, tmp_path: Path) -> Path:
    """The command in a venv that holds the wheel; what it requires is borrowed from our own."""
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", folder=tmp_path)
    programs = tmp_path / "venv" / "bin"
    installer = uv_or_pip(programs / "python")
    run(*installer, "-q", "--no-index", "--no-deps", wheel, folder=tmp_path)
    [packages] = (tmp_path / "venv").glob("lib/python3*/site-packages")
    (packages / "requirements.pth").write_text("\n".join(site.getsitepackages()))

    return programs / "pressroom"


def uv_or_pip(python: Path) -> list[str | Path]:
    """What ./dev has installed our own packages with, told to install into another Python."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.defpath]))
    if uv:
        return [uv, "pip", "install", "--python", python]

    return [sys.executable, "-m", "pip", "--python", python, "install"]


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path):
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == files


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(pressroom: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()

    schema = run(pressroom, "sql", folder=empty)
    said = run(pressroom, "demo", folder=empty)

    assert "CREATE TABLE document_jobs" in schema
    assert str(ROOT) not in said
    made = sorted(path.suffix for path in (empty / "out").iterdir())
    assert made == [".docx", ".pdf", ".pptx", ".xlsx"]
