"""The Compose files and Dockerfiles as text: valid, in step with the settings and each other."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from db import settings
from tests.compose.conftest import answers
from tests.compose.stack import ROOT

COMPOSE = ("docker-compose.yml", "compose.prod.yml")
DOCKERFILES = ("Dockerfile", "Dockerfile.worker")
BASE, OVERLAY = (yaml.safe_load((ROOT / name).read_text()) for name in COMPOSE)
SECONDS = r"(\d+)s"


def checked(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfiles_pass_their_linter():
    checked("hadolint", *DOCKERFILES)


def test_compose_files_follow_their_schema():
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *COMPOSE)


@pytest.mark.parametrize("files", [COMPOSE[:1], COMPOSE])
def test_compose_understands_its_files(files: tuple[str, ...]):
    words = [word for file in files for word in ("-f", file)]
    if shutil.which("docker") is None or not answers(("docker", "compose", "version")):
        pytest.skip("`docker compose` is not installed here")

    assert answers(("docker", "compose", *words, "config", "-q"))


@pytest.mark.parametrize("name", DOCKERFILES)
def test_dockerfile_builds_with_any_builder(name: str):
    text = (ROOT / name).read_text()

    assert "# syntax=" not in text
    assert "RUN --mount" not in text
    assert (
        re.findall(r"^FROM (\S+)", text, re.MULTILINE)
        == ["python:${PYTHON_VERSION}-slim-bookworm"] * 2
    )


def test_the_images_differ_in_the_extra_ports_and_commands_alone():
    server, worker = ((ROOT / name).read_text().splitlines()[1:] for name in DOCKERFILES)

    differ = [line for line in server if line not in worker]
    assert [line.split()[0] for line in differ] == ["EXPOSE", "CMD", "CMD"]


def test_images_carry_the_version_of_the_package():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {service["image"] for service in BASE["services"].values()}

    assert images == {
        "postgres:18",
        f"pressroom-server:${{PRESSROOM_VERSION:-{version}}}",
        f"pressroom-worker:${{PRESSROOM_VERSION:-{version}}}",
    }


def test_every_variable_is_a_setting():
    known = {name for name, _, _ in settings.documented()}
    given = {
        name.removesuffix("_FILE")
        for services in (BASE["services"], OVERLAY["services"])
        for name in variables(services)
        if not name.startswith(("POSTGRES_", "PGDATA"))
    }

    assert given - known == set()


def variables(services: dict[str, Any]) -> set[str]:
    return {name for service in services.values() for name in service.get("environment", {})}


def test_ports_are_published_to_this_machine_only():
    published = [
        port
        for services in (BASE["services"], OVERLAY["services"])
        for service in services.values()
        for port in service.get("ports", [])
    ]

    assert len(published) == 1
    assert published[0].startswith("127.0.0.1:")


@pytest.mark.parametrize("service", ["server", "worker"])
def test_docker_waits_longer_than_a_drain(service: str):
    grace = re.match(SECONDS, BASE["services"][service]["stop_grace_period"])

    assert grace is not None
    assert int(grace[1]) > settings.load({}).shutdown.total_seconds()


def test_programs_wait_until_the_schema_is_there():
    for service in ("server", "worker"):
        wanted = BASE["services"][service]["depends_on"]
        assert wanted["migrate"] == {"condition": "service_completed_successfully"}
        assert wanted["postgres"] == {"condition": "service_healthy"}


def test_workers_have_no_way_out():
    assert BASE["services"]["worker"]["networks"] == ["inside"]
    assert BASE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("service", ["migrate", "server", "worker"])
def test_production_takes_away_what_no_program_needs(service: str):
    told = OVERLAY["services"][service]

    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert set(told["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


def test_production_holds_no_secret_in_its_environment():
    for name, service in OVERLAY["services"].items():
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], name
            assert not re.search(r"SECRET$|KEYS$|TOKEN$", variable), name


def test_a_workers_memory_holds_its_slots_and_its_scratch():
    worker = OVERLAY["services"]["worker"]
    slots = int(worker["environment"]["PRESSROOM_WORKER_CONCURRENCY"])
    memory = int(worker["environment"]["PRESSROOM_JOB_MEMORY_MIB"])
    disk = int(worker["environment"]["PRESSROOM_JOB_DISK_MIB"])
    limit = re.fullmatch(r"(\d+)m", worker["deploy"]["resources"]["limits"]["memory"])
    scratch = re.search(r"size=(\d+)g", worker["tmpfs"][0])

    assert limit is not None
    assert scratch is not None
    assert int(scratch[1]) * 1024 >= 2 * slots * disk
    assert int(limit[1]) >= slots * memory + int(scratch[1]) * 1024 + 256
