"""The real PgBouncer between us and Postgres, in transaction mode; LISTEN goes past it."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from db import migrate, settings
from db.changes import Listener
from db.embedded import identity
from db.embedded.tether import tied
from db.errors import SettingInvalid
from db.jobs import NewJob, Status
from db.pool import connect, connect_pool
from db.queue import Queue
from pressroom import up
from pressroom.api import Api
from tests.factories import a_worker

CODE = "from openpyxl import Workbook\nWorkbook().save(OUTPUT_PATH)"
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin:/usr/local/bin")
PORT = 6432  # of a Unix socket: a name, nothing is bound

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="apt-get install pgbouncer")

CONFIGURATION = """
[databases]
* = host={postgres[host][0]} port={postgres[port][0]} user={url.username} password={url.password}
[pgbouncer]
listen_port = 6432
unix_socket_dir = {sockets}
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
"""


@pytest.fixture
def pooled_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The migrated database behind three connections that everybody shares."""
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    if "host" not in query:
        pytest.skip("needs the Postgres that the tests start themselves")

    owner = identity.choose(tmp_path)
    with TemporaryDirectory(prefix="pgbouncer-") as sockets:  # their paths are short
        os.chown(sockets, owner.uid, owner.gid)
        file = Path(sockets) / "pgbouncer.ini"
        file.write_text(CONFIGURATION.format(sockets=sockets, url=parts, postgres=query))
        command = tied([str(PGBOUNCER), str(file)], signal.SIGINT, owner.tether)
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        try:
            lines = iter(process.stderr.readline, "")
            assert any("process up" in line for line in lines), "PgBouncer did not start"
            yield f"postgresql://x@{parts.path}?host={sockets}&port={PORT}"
        finally:
            process.kill()
            process.communicate()


async def test_a_job_lives_its_life_among_many_on_few_connections(pooled_url: str):
    worker = a_worker()
    async with await connect_pool(pooled_url, name="test", size=8) as pool:
        queue = Queue(pool)
        await queue.heartbeat(worker, [])

        async def live(number: int) -> Status:
            await queue.enqueue(NewJob(user_id=f"user {number}", job_type="pdf"))
            (job,), _ = await queue.claim(worker, ["pdf"], 1)
            await queue.report_progress(job.claim, percent=number)
            await queue.complete(job.claim, {"number": number})
            return (await queue.get(job.id)).status

        ends = await asyncio.gather(*(live(number) for number in range(50)))

    assert set(ends) == {Status.COMPLETED}


async def test_prepared_statements_would_not_have_worked(pooled_url: str):
    """The twin of the test above: the second time it is another server's connection."""
    one, other = [await asyncpg.connect(pooled_url) for _ in range(2)]
    await one.fetchval("SELECT $1::int", 1)
    async with other.transaction():
        await other.execute("SELECT 1")
        with pytest.raises(asyncpg.PostgresError, match="prepared statement"):
            await one.fetchval("SELECT $1::int", 2)

    for connection in (one, other):
        connection.terminate()


async def test_a_listener_behind_it_says_what_to_set(
    pooled_url: str, caplog: pytest.LogCaptureFixture
):
    connected = asyncio.Event()
    listener = Listener(pooled_url, name="test", on_notice=lambda *_: None, on_resync=connected.set)
    running = asyncio.create_task(listener.run())
    await asyncio.wait_for(connected.wait(), 10)
    running.cancel()

    assert not listener.is_listening
    assert "LISTEN_DATABASE_URL" in caplog.text


async def test_migrations_refuse_it_and_say_what_to_set(pooled_url: str):
    with pytest.raises(SettingInvalid, match="LISTEN_DATABASE_URL"):
        await migrate.upgrade(pooled_url)


async def test_all_of_pressroom_works_behind_it_and_listens_past_it(
    pooled_url: str, database_url: str, tmp_path: Path
):
    configured = replace(
        settings.load({}), database_url=pooled_url, data_dir=tmp_path / "data", port=0
    )
    told = {"LISTEN_DATABASE_URL": database_url, "PRESSROOM_WORKER_CONCURRENCY": "1"}
    with up.running(configured, environment=told) as system:
        async with Api(system.url) as api:
            accepted = await api.submit(CODE, "spreadsheet", "Behind")
            states = [state async for state in api.watch(accepted["eventsUrl"])]

        connection = await connect(database_url, name="test")
        direct = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'pressroom % listener'"
        )
        await connection.close()

    assert states[-1]["status"] == "completed"
    assert direct == 2, "one LISTEN connection a program"
