"""RUNBOOK.md names what exists, and its SQL runs."""

import re
from collections.abc import AsyncIterator

import pytest
import typer.main
import yaml

from db.pool import Connection, Pool
from pressroom.cli import app
from tests.k8s.manifests import K8S, ROOT, of_kind

RUNBOOK = (ROOT / "RUNBOOK.md").read_text()
HEADINGS = set(re.findall(r"^#{2,3} (.+)$", RUNBOOK, re.M))
STATEMENTS = [
    statement.strip()
    for block in re.findall(r"```sql\n(.*?)```", RUNBOOK, re.S)
    for statement in block.split(";")
    if statement.strip()
]
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", RUNBOOK, re.S))


@pytest.fixture
async def operator(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of somebody who may do everything, and of whose doings nothing stays."""
    async with pool.acquire() as connection:
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = user"):
            pytest.skip("needs a superuser's DATABASE_URL")
        transaction = connection.transaction()
        await transaction.start()
        if not await connection.fetchval("SELECT to_regrole('pressroom') IS NOT NULL"):
            await connection.execute("CREATE ROLE pressroom LOGIN")
        yield connection
        await transaction.rollback()


async def test_its_sql_runs(operator):
    assert len(STATEMENTS) > 10

    for statement in STATEMENTS:
        await operator.execute(statement)


async def test_of_two_logins_that_take_turns_each_is_the_owner(operator):
    create, become = [one for one in STATEMENTS if "pressroom_2" in one]
    await operator.execute(create)
    await operator.execute(become)

    settings = await operator.fetchval(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'pressroom_2'::regrole"
    )
    await operator.execute("SET LOCAL SESSION AUTHORIZATION pressroom_2")
    await operator.execute(f"SET LOCAL {settings[0]}")

    assert await operator.fetchval("SELECT current_user") == "pressroom"


def test_its_commands_exist():
    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"^pressroom (\w+)", SHELL, re.M))
    named |= set(re.findall(r"`pressroom (\w+)", RUNBOOK))

    assert named
    assert named <= known


def test_its_files_exist():
    named = set(re.findall(r"\bk8s/[\w./-]*\w", RUNBOOK))

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_its_objects_exist():
    known = {
        one["metadata"]["name"]
        for file in K8S.rglob("*.yaml")
        for one in yaml.safe_load_all(file.read_text())
        if "name" in one.get("metadata", {})
    } | {"pressroom-database", "pressroom-auth"}
    named = set(re.findall(r"(?:deploy|job)/([\w-]+)", RUNBOOK))
    named |= set(re.findall(r"(?:scaledobject|secret generic) ([\w-]+)", RUNBOOK))

    assert len(named) >= 5
    assert named <= known


def test_what_it_refers_to_is_a_heading():
    referred = set(re.findall(r"\*([A-Z][^*]+?)\*", RUNBOOK.replace("\n", " ").replace("**", "")))

    assert len(referred) > 5
    assert referred <= HEADINGS


@pytest.mark.parametrize("file", ["alerts.yaml"])
def test_every_alert_has_a_chapter(file):
    rules = of_kind(
        list(yaml.safe_load_all((K8S / "monitoring" / file).read_text())), "PrometheusRule"
    )
    alerts = {
        rule["alert"]
        for one in rules
        for group in one["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }

    assert alerts == {heading for heading in HEADINGS if heading.startswith("Pressroom")}
