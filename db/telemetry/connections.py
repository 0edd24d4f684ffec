"""How a program's connections to Postgres are, as figures."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from db.changes import Listener
from db.pool import Pool


def of_listener(listener: Listener) -> Iterator[Metric]:
    """Whether and for how long the LISTEN connection is there, and how often it came back."""
    yield GaugeMetricFamily(
        "pressroom_listener_connected",
        "1 while the LISTEN connection is there; without it news come by polling.",
        value=float(listener.is_listening),
    )
    yield GaugeMetricFamily(
        "pressroom_listener_connected_seconds",
        "Age of the present LISTEN connection; 0 without one.",
        value=listener.connected_for.total_seconds(),
    )
    yield CounterMetricFamily(
        "pressroom_listener_reconnects",
        "LISTEN connections that replaced a lost one.",
        value=listener.reconnects,
    )


def of_pool(pool: Pool) -> Iterator[Metric]:
    """The connections of the pool; the sum over the states is the most there may be."""
    family = GaugeMetricFamily(
        "pressroom_pool_connections",
        "Connections to Postgres: busy, idle, or free, which is not opened yet.",
        labels=["state"],
    )
    size, idle = pool.get_size(), pool.get_idle_size()
    family.add_metric(["busy"], size - idle)
    family.add_metric(["idle"], idle)
    family.add_metric(["free"], pool.get_max_size() - size)
    yield family
