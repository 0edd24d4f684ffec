"""The suite through Debian's nginx as it comes, and a server that is restarted meanwhile."""

import pytest

import conformance.checks  # noqa: F401 - enters the checks
from conformance import suite
from conformance.target import Target
from tests.nginx import nginx
from tests.server.conftest import program

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


async def test_it_passes_through_nginx_by_default(database_url: str):
    async with program(database_url) as server, nginx(server.url) as proxy:
        verdicts = [v async for v in suite.run(Target(proxy.plain, patience=20), slow=True)]

    failures = [f"{v.check.name}: {v.reason}" for v in verdicts if v.outcome == "failed"]
    assert failures == []
