"""What the autoscaler asks of Postgres, and what Postgres can bear."""

from datetime import timedelta
from typing import Any

import yaml

from server.app import POOL_SIZE
from tests.k8s.manifests import K8S, Object, of_kind

BASE = K8S / "base"
LISTEN = 1
SPARE = 4  # connections of a worker's pool besides its slots
MIGRATIONS, OPERATORS = 2, 10


def read(*path: str) -> list[Object]:
    return list(yaml.safe_load_all(K8S.joinpath(*path).read_text()))


def trigger() -> dict[str, Any]:
    scaler = of_kind(read("components", "keda", "scaler.yaml"), "ScaledObject")[0]
    return dict(scaler["spec"]["triggers"][0]["metadata"])


def slots() -> int:
    generated = yaml.safe_load((BASE / "kustomization.yaml").read_text())["configMapGenerator"]
    worker = next(one for one in generated if one["name"] == "pressroom-worker")
    return int(dict(line.split("=") for line in worker["literals"])["PRESSROOM_WORKER_CONCURRENCY"])


async def test_the_query_counts_what_runs_and_what_is_due(pool, queue, worker, enqueue):
    await enqueue()
    await queue.claim(worker, ["pdf"], 1)
    await enqueue()
    await enqueue()
    await enqueue(delay=timedelta(hours=1))
    await queue.cancel((await enqueue()).id)

    assert await pool.fetchval(trigger()["query"]) == 3


async def test_the_query_reads_indexes(pool):
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(r[0] for r in await connection.fetch("EXPLAIN " + trigger()["query"]))

    assert "Seq Scan" not in plan
    assert "document_jobs_held" in plan


def test_a_worker_is_counted_as_its_slots():
    assert int(trigger()["targetQueryValue"]) == slots()


def test_postgres_has_a_connection_for_everybody():
    cluster = of_kind(read("components", "cloudnative-pg", "cluster.yaml"), "Cluster")[0]
    allowed = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    scaler = of_kind(read("components", "keda", "scaler.yaml"), "ScaledObject")[0]
    scaler_hpa = read("components", "hpa", "autoscaler.yaml")[0]
    server = of_kind(read("base", "server.yaml"), "Deployment")[0]

    workers = max(scaler["spec"]["maxReplicaCount"], scaler_hpa["spec"]["maxReplicas"]) + 1
    servers = server["spec"]["replicas"] + 1  # one more while a release rolls out
    most = workers * (slots() + SPARE + LISTEN) + servers * (POOL_SIZE + LISTEN)
    assert most + MIGRATIONS + OPERATORS <= allowed
