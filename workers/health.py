"""What a worker tells those who probe it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from db.pool import Pool
from db.telemetry import connections, metrics
from db.telemetry.probes import Answers
from workers.sandbox import Sandbox
from workers.worker import Worker

LAYERS = ("landlock_abi", "seccomp", "uid", "namespaces", "cgroups", "scratch")


class Health:
    """Answers from the first moment; ready only once there is a worker in a proven sandbox."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._sandbox: Sandbox | None = None
        self._states: tuple[metrics.State, ...] = ()

    @property
    def answers(self) -> Answers:
        """What the probes may ask."""
        return Answers(metrics=self._metrics, unready=self._unready, facts=self._facts)

    def introduce(self, worker: Worker, sandbox: Sandbox, pool: Pool) -> None:
        """Answer for this worker from now on. Its sandbox is proven, or there were none."""
        self._worker, self._sandbox = worker, sandbox
        self._states = (
            partial(of_worker, worker),
            partial(of_sandbox, sandbox),
            partial(connections.of_listener, worker.listener),
            partial(connections.of_pool, pool),
        )

    async def _metrics(self) -> bytes:
        return metrics.exposition(*self._states)

    async def _unready(self) -> str | None:
        if self._worker is None:
            return "The sandbox is not proven yet."
        if self._sandbox is not None and self._sandbox.refused:
            return str(self._sandbox.refused)

        return self._worker.unready

    def _facts(self) -> dict[str, Any]:
        return {} if self._sandbox is None else {"sandbox": self._sandbox.report}


def of_worker(worker: Worker) -> Iterator[Metric]:
    """How many slots are taken."""
    family = GaugeMetricFamily(
        "pressroom_worker_slots", "Attempts that run at once: busy, or free.", labels=["state"]
    )
    family.add_metric(["busy"], worker.busy)
    family.add_metric(["free"], worker.slots - worker.busy)
    yield family


def of_sandbox(sandbox: Sandbox) -> Iterator[Metric]:
    """What the self-test found, and how the runs ended."""
    report = sandbox.report
    facts = {name: str(report[name]) for name in LAYERS}
    yield InfoMetricFamily(
        "pressroom_sandbox",
        "The layers that hold; `proven` is no where a probe got through and was let pass.",
        value={**facts, "proven": "no" if report["failed"] else "yes"},
    )
    runs = CounterMetricFamily(
        "pressroom_sandbox_runs",
        "Runs of code, the checks of files among them, by the code of their failure.",
        labels=["failure"],
    )
    for failure, count in sandbox.runs.items():
        runs.add_metric([failure], count)
    yield runs
