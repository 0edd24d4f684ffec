"""What is counted, and how it is written down for Prometheus.

What happens is counted where it happens, by a metric of REGISTRY. What is, is asked for at the
scrape: a state is a function that returns families.
"""

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Info,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
REGISTRY = CollectorRegistry()

State = Callable[[], Iterable[Metric]]


def exposition(*states: State) -> bytes:
    """The text that a scrape gets: all counts of the process, and the states of now."""
    now = CollectorRegistry()
    for state in states:
        now.register(_Collector(state))

    return generate_latest(REGISTRY) + generate_latest(now)


def program_version() -> str:
    """The version of the installed package; `checkout` where it runs from its sources."""
    try:
        return version("pressroom")
    except PackageNotFoundError:
        return "checkout"


class _Collector:
    """A state, as the library wants to call it."""

    def __init__(self, state: State) -> None:
        self.collect = state


# A second sample for each counter, which no query here reads.
disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)
Info("pressroom_build", "The version that runs.", registry=REGISTRY).info(
    {"version": program_version()}
)
