"""The image of the worker where workers run: what holds there, and every attack against it."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.compose.conftest import WORKER, new_stack, standing
from tests.compose.stack import DATABASE, ROOT, Stack, run
from tests.compose.test_images import HARDENED

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

ATTACKS = "tests/workers/sandbox/attacks"
UNPACK = (
    'base64 -d > "$PRESSROOM_DATA_DIR/suite.zip" && exec python "$PRESSROOM_DATA_DIR/suite.zip"'
)
Told = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A way to run a command in a worker's container, which is given text."""

    name: str
    prefix: tuple[str, ...]
    uid: str  # whose the runs are, as its report must have it
    scratch: str

    def run(self, *command: str, given: str = "") -> str:
        """What the command printed."""
        return run(*self.prefix, *command, given=given)

    def attacked(self, without: str = "") -> Told:
        """What attackers.py tells."""
        told: Told = json.loads(self.run("sh", "-c", f"{UNPACK} {without}", given=_suite()))
        return told


@pytest.fixture(scope="module")
def stack(version: str) -> Iterator[Stack]:
    """`docker compose up`, for its worker, and as the database of the others."""
    yield from standing(new_stack(version, PRESSROOM_WORKER_CONCURRENCY="2"))


@pytest.fixture(params=["root", "hardened", "compose"])
def environment(request: pytest.FixtureRequest, stack: Stack) -> Environment:
    """Root in a plain container, nobody in a hardened one, and the worker of the stack."""
    image = f"{WORKER}:{stack.version}"
    network = ("--network", f"{stack.project}_inside")
    database = ("-e", f"DATABASE_URL={DATABASE.replace('127.0.0.1', 'postgres')}")
    started: dict[str, Callable[[], tuple[str, ...]]] = {
        "root": lambda: ("docker", "run", "--rm", "-i", "--user", "0", *network, *database, image),
        "hardened": lambda: (*_but_network(HARDENED), *network, *database, image),
        "compose": lambda: ("docker", "exec", "-i", *stack.containers("worker")),
    }
    return Environment(
        name=request.param,
        prefix=started[request.param](),
        uid="slot" if request.param == "root" else "shared",
        scratch="tmpfs 512 MiB" if request.param == "hardened" else "watched",
    )


def test_no_attack_gets_through_and_the_report_says_what_holds(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    told = environment.attacked()
    report = told["report"]

    tried = f"{told['tried']} attacks, {len(told['through'])} through"
    _show(capsys, f"{environment.name}: {tried}; {report}")
    assert told["through"] == {}
    assert told["untouched"]
    assert told["tried"] >= 270
    assert report["failed"] == {}
    assert (report["seccomp"], report["uid"]) == (True, environment.uid)
    assert report["scratch"] == environment.scratch
    assert report["landlock_abi"] >= 1
    # Where the uid is shared, a path that is known exactly can be told to exist; those are random.
    assert told["seen"] is (environment.uid == "shared")


def test_doctor_finds_the_sandbox_well(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = json.loads(environment.run("pressroom", "doctor", "--json"))

    [sandbox] = [check for check in checks if check["check"] == "sandbox"]
    _show(capsys, f"{environment.name}: doctor: {sandbox['says']}")
    assert sandbox["is_well"]
    assert "none succeeded" in sandbox["says"]


def test_without_its_layers_the_same_attacks_get_through(environment: Environment) -> None:
    """The twin: they would succeed in these containers, if it were not for the sandbox."""
    told = environment.attacked(without="landlock seccomp")

    assert told["wrong"] == {}
    assert len(told["through"]) > 100


def _but_network(command: tuple[str, ...]) -> tuple[str, ...]:
    place = command.index("--network")
    return (*command[:place], *command[place + 2 :])


def _suite() -> str:
    """The attacks and who makes them, as a program of Python's in base64."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as suite:
        suite.write(Path(__file__).with_name("attackers.py"), "__main__.py")
        for folder in ("tests", "tests/workers", "tests/workers/sandbox"):
            suite.writestr(f"{folder}/__init__.py", "")
        for path in (ROOT / ATTACKS).glob("*.py"):
            suite.write(path, f"{ATTACKS}/{path.name}")

    return base64.b64encode(packed.getvalue()).decode()


def _show(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")
