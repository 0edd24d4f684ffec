"""A Docker engine, the images built from this checkout, and a stack that runs them."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from secrets import token_hex

import pytest

from db.settings import child_environment
from tests.compose.stack import ROOT, Stack, run

SERVER, WORKER = "pressroom-server", "pressroom-worker"


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine that answers, with Compose."""
    for question in (("docker", "compose", "version"), ("docker", "info")):
        if shutil.which("docker") is None or not answers(question):
            pytest.skip(f"`{' '.join(question)}` fails: no Docker engine (DOCKER_HOST names one)")


@pytest.fixture(scope="session")
def version(engine: None) -> Iterator[str]:
    """The tag of both images, built as Compose builds them, and of a next version of both."""
    version = f"test-{token_hex(4)}"
    run("docker", "compose", "build", "-q", environment={"PRESSROOM_VERSION": version})
    for image in (SERVER, WORKER):
        recipe = f"FROM {image}:{version}\nLABEL next=1\n"
        run("docker", "build", "-q", "-t", f"{image}:{version}-next", "-", given=recipe)
    yield version
    tags = [f"{image}:{tag}" for image in (SERVER, WORKER) for tag in (version, f"{version}-next")]
    run("docker", "image", "rm", *tags)


@pytest.fixture(scope="module")
def stack(version: str) -> Iterator[Stack]:
    """`docker compose up` with two workers."""
    stack = new_stack(version, PRESSROOM_WORKER_CONCURRENCY="2")
    yield from standing(stack, "--scale", "worker=2")


def new_stack(version: str, *overlays: str, **environment: str) -> Stack:
    return Stack(
        project=f"pressroom-{token_hex(4)}",
        port=free_port(),
        version=version,
        files=("docker-compose.yml", *overlays),
        environment=environment,
    )


def standing(stack: Stack, *arguments: str) -> Iterator[Stack]:
    """A stack from `up` to `down`; what it wrote is shown where it does not come up."""
    try:
        stack.up(*arguments)
        yield stack
    except AssertionError:
        print(stack.compose("logs", "--tail", "40"))
        raise
    finally:
        stack.compose("down", "-v", "--remove-orphans")


def answers(command: tuple[str, ...]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, env=child_environment(), capture_output=True, check=False
    )
    return done.returncode == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
