"""The overlay for a machine that others reach: tokens, secrets as files, hardened containers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import httpx2
import jwt
import pytest

import examples
from pressroom.api import Api
from tests.compose.conftest import new_stack, standing
from tests.compose.stack import Stack, run

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

PASSWORD, SECRET, SERVICE_KEY = token_hex(24), token_hex(32), token_hex(32)
# The engine of a test may have a stand-in for the official image, which reads no *_FILE.
PASSWORD_AS_TEXT = f"""
services:
  postgres:
    environment:
      POSTGRES_PASSWORD: "{PASSWORD}"
      POSTGRES_PASSWORD_FILE: ""
"""


@pytest.fixture(scope="module")
def production(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`docker compose -f docker-compose.yml -f compose.prod.yml up` with fresh secrets."""
    folder = tmp_path_factory.mktemp("secrets")
    secrets = {
        "postgres_password": PASSWORD,
        "database_url": f"postgresql://pressroom:{PASSWORD}@postgres/pressroom\n",
        "jwt_secret": SECRET,
        "service_keys": SERVICE_KEY,
        "override.yml": PASSWORD_AS_TEXT,
    }
    for name, text in secrets.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o444)

    overlays = ("compose.prod.yml", str(folder / "override.yml"))
    yield from standing(new_stack(version, *overlays, SECRETS_DIR=str(folder)))


async def test_a_token_is_needed_and_enough(production: Stack):
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    token = jwt.encode({"sub": "ada", "exp": expires_at}, SECRET, algorithm="HS256")
    example = examples.read("pdf")

    async with httpx2.AsyncClient(base_url=production.url) as nobody:
        refused = await nobody.get("/api/jobs")
    async with Api(production.url, token) as ada:
        answer = await ada.submit(example.code, "pdf", example.title)
        states = [state async for state in ada.watch(answer["eventsUrl"])]

    assert refused.status_code == 401
    assert states[-1]["status"] == "completed"


@pytest.mark.parametrize("service", ["server", "worker", "postgres"])
def test_no_container_can_write_to_itself_or_gain_anything(production: Stack, service: str):
    [container] = production.containers(service)

    [told] = json.loads(run("docker", "inspect", container))
    host = told["HostConfig"]

    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert 0 < host["Memory"] < 4 << 30
    assert host["PidsLimit"] > 0


@pytest.mark.parametrize("service", ["server", "worker"])
def test_no_secret_stands_in_an_environment(production: Stack, service: str):
    [container] = production.containers(service)

    told = run("docker", "inspect", container)

    assert not any(secret in told for secret in (PASSWORD, SECRET, SERVICE_KEY))


@pytest.mark.parametrize(("service", "has_way_out"), [("server", True), ("worker", False)])
def test_a_worker_is_on_no_network_that_leads_outside(
    production: Stack, service: str, has_way_out: bool
):
    [container] = production.containers(service)
    [told] = json.loads(run("docker", "inspect", container))

    networks = json.loads(run("docker", "network", "inspect", *told["NetworkSettings"]["Networks"]))

    assert any(not network["Internal"] for network in networks) is has_way_out
