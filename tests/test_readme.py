"""Every command of the README, run as it stands there, against one `./dev up`."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)

pytestmark = pytest.mark.timeout(180)


class Reader:
    """A person at a shell in a folder of their own, with `./dev` and `pressroom` at hand."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": f"{home}:{os.defpath}",
            "HOME": str(home),
            "PRESSROOM_DATA_DIR": str(home / "data"),
            "PRESSROOM_PORT": "0",
        }
        for name, arguments in (("dev", ""), ("pressroom", "")):
            shim = home / name
            shim.write_text(f'#!/bin/sh\nexec "{ROOT}/dev" {arguments} "$@"\n')
            shim.chmod(0o755)
        (home / "examples").symlink_to(ROOT / "examples")

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


@pytest.fixture
def up(reader: Reader) -> Iterator[str]:
    """`./dev up` until the test is over; then Ctrl-C, and nothing is left."""
    with subprocess.Popen(
        ["./dev", "up"], cwd=reader.home, env=reader.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = (re.search(r"is up: (\S+)", line) for line in process.stdout)
        url = next(found[1] for found in said if found)
        reader.environment["PRESSROOM_URL"] = url
        yield url
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 0


def test_the_demo_makes_four_documents(reader: Reader) -> None:
    assert "    ./dev demo " in README

    said = reader.types("./dev demo").stdout

    made = sorted(path.suffix for path in (reader.home / "out").iterdir())
    assert made == [".docx", ".pdf", ".pptx", ".xlsx"]
    assert "4 documents in" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands use curl")
def test_every_other_command_does_what_it_says(reader: Reader, up: str) -> None:
    assert "    ./dev up " in README
    job_id = ""
    ran = 0
    for command in commands():
        command = command.replace("http://127.0.0.1:8000", up).replace("JOB_ID", job_id)
        if re.match(r"pressroom (server|worker)", command):
            continue  # `./dev up` runs both
        if command.startswith("pressroom retry"):
            job_id = a_failed_job(reader)
            command = f"pressroom retry {job_id}"
        said = reader.types(command).stdout
        ran += 1
        if "/api/jobs -H" in command:
            job_id = json.loads(said)["jobId"]
        if "Prefer" in command:
            assert json.loads(said)["status"] == "completed"
        if "/events" in command:
            assert "event: job-complete" in said

    assert ran > 10


def commands() -> list[str]:
    """One command an entry; a command goes on while a quote is open or its line is continued."""
    found: list[str] = []
    for line in "".join(BLOCKS).splitlines():
        if found and (found[-1].count("'") % 2 or found[-1].endswith("\\")):
            found[-1] += "\n" + line
        elif line.strip():
            found.append(re.sub(r"\s+#.*", "", line))

    return found


def a_failed_job(reader: Reader) -> str:
    (reader.home / "broken.py").write_text("print(totl)\n")
    submitted = subprocess.run(
        ["sh", "-c", "./dev submit broken.py --type pdf; ./dev list --status failed"],
        cwd=reader.home,
        env={**reader.environment, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    return re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", submitted.stdout)[0]
