"""What a worker counts."""

from datetime import timedelta

from prometheus_client import Counter, Histogram

from db.jobs import Job, Status
from db.telemetry.metrics import REGISTRY
from workers.handlers import HANDLERS

# The words of document_job_attempts.outcome; a cancelled attempt is one whose claim was lost.
OUTCOMES = ("completed", "retried", "snoozed", "released", "failed", "lost")
WAIT_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60, 300, 900, 3600)
RUN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

WAIT = Histogram(
    "pressroom_job_wait_seconds",
    "From when a job was due until its claim.",
    ["job_type"],
    buckets=WAIT_SECONDS,
    registry=REGISTRY,
)
RUN = Histogram(
    "pressroom_attempt_run_seconds",
    "From a claim until it was settled.",
    ["job_type"],
    buckets=RUN_SECONDS,
    registry=REGISTRY,
)
ATTEMPTS = Counter(
    "pressroom_attempts",
    "Attempts by what came of them.",
    ["job_type", "outcome"],
    registry=REGISTRY,
)
RESCUES = Counter(
    "pressroom_rescues",
    "Jobs that this worker took from dead workers, by what they became.",
    ["status"],
    registry=REGISTRY,
)


def count_claim(job: Job) -> None:
    """Count a claimed job, and how long it waited."""
    begun = job.started_at or job.scheduled_at
    WAIT.labels(job.job_type).observe(max(begun - job.scheduled_at, timedelta(0)).total_seconds())


def count_attempt(job_type: str, outcome: str, seconds: float) -> None:
    """Count an attempt that was settled."""
    ATTEMPTS.labels(job_type, outcome).inc()
    RUN.labels(job_type).observe(seconds)


def count_rescue(status: Status) -> None:
    """Count a job that was taken from a dead worker."""
    RESCUES.labels(status).inc()


# There from the start, so that the first event is an increase and not the birth of a series.
for job_type in HANDLERS:
    WAIT.labels(job_type)
    RUN.labels(job_type)
    for outcome in OUTCOMES:
        ATTEMPTS.labels(job_type, outcome)
for status in (Status.PENDING, Status.FAILED):
    RESCUES.labels(status)
