"""`pip install` does nothing for what is here, and says what is here instead of what is not."""

import pytest

from tests.workers.sandbox.conftest import Runs
from workers.sandbox import installs

PIP = "import subprocess, sys\npip = [sys.executable, '-m', 'pip', 'install']\n"


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        (["/usr/bin/python", "-m", "pip", "install", "-q", "openpyxl>=3"], ["openpyxl"]),
        (["pip", "install", "python-docx", "Pillow"], ["python-docx", "Pillow"]),
        ("pip3 install --quiet -i https://x/y reportlab[all]", ["reportlab"]),
        (["pip", "install", "--upgrade", "pip"], []),
        (["pip", "install", "--upgrade", "pip", "setuptools", "wheel==0.45"], []),
        (["pip", "install", "--progress-bar", "off", "Pillow"], ["Pillow"]),
        ("pip install openpyxl > /dev/null 2>&1", ["openpyxl"]),
        ("pip install openpyxl &>log.txt", ["openpyxl"]),
        ("pip install 'openpyxl>=3' 2>/dev/null", ["openpyxl"]),
        ("pip install openpyxl>=3.1 Pillow", ["openpyxl", "Pillow"]),
        ("pip install openpyxl && echo ok", ["openpyxl"]),
        ("pip install openpyxl || true", ["openpyxl"]),
        ("pip install openpyxl; echo ok", ["openpyxl"]),
        ("pip install -q openpyxl | tail -1", ["openpyxl"]),
        ("cd /tmp && pip install openpyxl", ["openpyxl"]),
        (["pip", "list"], None),
        (["apt-get", "install", "libreoffice"], None),
        ("'", None),
        (3, None),
    ],
)
def test_a_command_is_understood(command: object, packages: list[str] | None) -> None:
    assert installs.wanted(command) == packages


HERE = {
    "check_call": "subprocess.check_call([*pip, 'openpyxl', 'python-docx'])",
    "run": "assert subprocess.run([*pip, 'Pillow'], check=True, text=True).stdout == ''",
    "check_output": "assert subprocess.check_output([*pip, 'reportlab']) == b''",
    "shell": "assert subprocess.call('pip install python-pptx', shell=True) == 0",
    "system": "import os\nos.system('pip install openpyxl')",
    "missing_but_not_needed": "assert subprocess.run([*pip, 'nothing']).returncode == 1",
}


@pytest.mark.parametrize("code", HERE.values(), ids=HERE.keys())
async def test_installing_what_is_here_succeeds(run: Runs, code: str) -> None:
    ended = await run(PIP + code)

    assert ended.failure is None, ended.failure


NOT_HERE = {
    "check_call": "subprocess.check_call([*pip, 'fpdf2'])",
    "run": "subprocess.run([*pip, 'openpyxl', 'fpdf2'], check=True)",
}


@pytest.mark.parametrize("code", NOT_HERE.values(), ids=NOT_HERE.keys())
async def test_installing_anything_else_names_what_is_here(run: Runs, code: str) -> None:
    ended = await run(PIP + code)

    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.line) == ("script_error", 3)
    assert ended.failure.message.startswith("fpdf2 is not installed here. There are: openpyxl, ")
    assert ended.failure.message.endswith("pip install is not possible.")


async def test_other_programs_are_still_refused(run: Runs) -> None:
    ended = await run("import subprocess\nsubprocess.run(['ls'])")

    assert ended.failure is not None
    assert ended.failure.code == "policy_violation"
