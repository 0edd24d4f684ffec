"""A Compose project of the test's own: brought up, looked into, and what became of its parts."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from db.settings import child_environment

ROOT = Path(__file__).parents[2]
DATABASE = "postgresql://pressroom:pressroom@127.0.0.1/pressroom"
EVENTS_FORMAT = (
    '{{.Action}} {{index .Actor.Attributes "name"}} {{.TimeNano}} '
    '{{index .Actor.Attributes "signal"}}{{index .Actor.Attributes "exitCode"}}'
)


def run(*command: str, environment: Mapping[str, str] | None = None, given: str = "") -> str:
    """Run a program in the checkout; what it printed, or AssertionError with its complaint."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(**(environment or {})),
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"

    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything of docker-compose.yml under a name of its own, on one port of 127.0.0.1."""

    project: str
    port: int
    version: str
    files: Sequence[str] = ("docker-compose.yml",)
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where its server answers."""
        return f"http://127.0.0.1:{self.port}"

    def compose(self, *arguments: str, version: str = "") -> str:
        """Run `docker compose` on this project, with images of a version."""
        files = [word for file in self.files for word in ("-f", file)]
        told = {
            "PRESSROOM_PORT": str(self.port),
            "PRESSROOM_VERSION": version or self.version,
            **self.environment,
        }
        return run("docker", "compose", "-p", self.project, *files, *arguments, environment=told)

    def up(self, *arguments: str, version: str = "") -> None:
        """Bring it up, or to what the arguments ask for, and wait until all of it is healthy."""
        patience = ("--wait", "--wait-timeout", "120")
        self.compose("up", "-d", "--no-build", *patience, *arguments, version=version)

    def containers(self, service: str) -> list[str]:
        """The ids of the running containers of a service."""
        return self.compose("ps", "-q", service).split()

    def rows(self, query: str) -> list[str]:
        """What the database answers, a line for each row."""
        psql = ("psql", DATABASE, "-At", "-c", query)
        return self.compose("exec", "-T", "postgres", *psql).splitlines()

    @contextmanager
    def watched(self) -> Iterator["Watch"]:
        """Hear of every signal and every death among its containers."""
        with subprocess.Popen(
            [
                *("docker", "events", "--since", f"{time.time():.3f}"),
                *("--filter", f"label=com.docker.compose.project={self.project}"),
                *("--filter", "event=kill", "--filter", "event=die"),
                *("--format", EVENTS_FORMAT),
            ],
            env=child_environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as events:
            assert events.stdout is not None
            try:
                yield Watch(events.stdout)
            finally:
                events.terminate()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a container ended: the signals that it got, its status, the time from first to last."""

    name: str
    signals: tuple[str, ...]
    status: int
    took: timedelta


class Watch:
    """The signals and deaths of a project's containers, as they happen."""

    def __init__(self, events: IO[str]) -> None:
        self._events = events
        self._signals: dict[str, list[tuple[int, str]]] = {}

    def ends(self, count: int) -> list[End]:
        """Wait for the death of so many that were told to end; who died untold is there, too."""
        found: list[End] = []
        while sum(bool(end.signals) for end in found) < count:
            action, name, nanoseconds, value = next(self._events).split()
            if action == "kill":
                self._signals.setdefault(name, []).append((int(nanoseconds), value))
            else:
                found.append(self._end(name, int(nanoseconds), int(value)))

        return found

    def _end(self, name: str, at: int, status: int) -> End:
        sent = self._signals.pop(name, [])
        begun = sent[0][0] if sent else at
        return End(
            name=name,
            signals=tuple(signal for _, signal in sent),
            status=status,
            took=timedelta(microseconds=(at - begun) / 1000),
        )
