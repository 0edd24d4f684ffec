"""A job as Python sees it: frozen rows, and the words of its life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

MAX_LOST = 3


class Status(StrEnum):
    """Where a job stands; the last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing but an explicit retry changes the job any more."""
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class Claim(NamedTuple):
    """What a worker holds, and the fence of everything it writes."""

    job_id: UUID
    attempt: int

    def __str__(self) -> str:
        return f"{self.job_id}/{self.attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What is needed to enqueue a job; everything else is the database's."""

    user_id: str
    job_type: str
    payload: dict[str, Any] = field(default_factory=dict)
    title: str | None = None
    session_id: str | None = None
    message_id: str | None = None
    batch_id: str | None = None
    priority: int = 0
    max_retries: int = 3
    timeout: timedelta | None = None
    retention: timedelta = timedelta(days=7)
    scheduled_at: datetime | None = None
    delay: timedelta = timedelta(0)
    start_before: datetime | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None
    trace_context: str | None = None


class Job(NamedTuple):
    """One row of document_jobs. A tuple, because it is made for each row of each claim."""

    id: UUID
    user_id: str
    session_id: str | None
    message_id: str | None
    batch_id: str | None
    job_type: str
    title: str | None
    status: Status
    payload: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    progress: int
    progress_message: str | None
    stage: str | None
    total_files: int | None
    processed_files: int | None
    priority: int
    attempt: int
    retry_count: int
    max_retries: int
    lost_count: int
    seq: int
    idempotency_key: str | None
    request_digest: str | None
    worker_id: UUID | None
    timeout: timedelta | None
    retention: timedelta
    scheduled_at: datetime
    start_before: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    expires_at: datetime | None
    trace_context: str | None

    @classmethod
    def from_row(cls, row: Any) -> "Job":
        """Take the columns of a row; columns of a newer schema are left alone."""
        values = list(_columns(row))
        values[_STATUS] = Status(values[_STATUS])
        return cls(*values)

    @property
    def claim(self) -> Claim:
        """The fence of the present attempt."""
        return Claim(self.id, self.attempt)

    @property
    def retry_at(self) -> datetime | None:
        """When a job that waits for another attempt may be claimed again."""
        if self.status is Status.PENDING and self.attempt > 0:
            return self.scheduled_at

        return None


_columns = itemgetter(*Job._fields)
_STATUS = Job._fields.index("status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How many jobs of a batch stand where; `progress` is the sum of theirs, a final one's 100."""

    counts: Mapping[Status, int]
    progress: int

    @property
    def jobs(self) -> int:
        """How many jobs the batch has."""
        return sum(self.counts.values())

    @property
    def is_final(self) -> bool:
        """Whether every job has ended."""
        return all(status.is_final for status in self.counts)
