"""An application of somebody else's, made from the packed client and what npm's lock names."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NPM_QUIET = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")


def installed(folder: Path) -> Path:
    """Lay out a copy of the checkout with all modules; return where they are."""
    if not shutil.which("npm"):
        pytest.skip("no npm: only those who work on the client need one")

    home = folder / "tests" / "client"
    leave = shutil.ignore_patterns("node_modules", "__pycache__", "dist", "*.py")
    shutil.copytree(HERE, home, ignore=leave)
    shutil.copytree(ROOT / "client", folder / "client", ignore=leave)
    run("npm", "ci", *NPM_QUIET, folder=home)

    return home


def packed(home: Path) -> Path:
    """Pack the client as `npm pack` does; return the archive."""
    client = home.parents[1] / "client"
    run("npm", "pack", "--silent", folder=client)
    [archive] = client.glob("*.tgz")

    return archive


def built(home: Path) -> Path:
    """Check the application's types against the package's, build it; return its files."""
    run("npm", "install", "--no-save", *NPM_QUIET, packed(home), folder=home)
    app = home / "app"
    run("../node_modules/.bin/tsc", "-p", ".", folder=app)
    run("../node_modules/.bin/vite", "build", folder=app)

    return app / "dist"


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    return done.stdout
