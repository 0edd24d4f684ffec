"""What the verbs should do to a job, said a second time: the model of the state machine."""

from dataclasses import dataclass, replace
from typing import Any

from db.jobs import MAX_LOST, Status

LEGAL = {
    (Status.PENDING, Status.PROCESSING),
    (Status.PENDING, Status.FAILED),
    (Status.PENDING, Status.CANCELLED),
    (Status.PROCESSING, Status.PENDING),
    (Status.PROCESSING, Status.COMPLETED),
    (Status.PROCESSING, Status.FAILED),
    (Status.PROCESSING, Status.CANCELLED),
    (Status.FAILED, Status.PENDING),
    (Status.CANCELLED, Status.PENDING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A job as it must be."""

    max_retries: int
    status: Status = Status.PENDING
    attempt: int = 0
    retry_count: int = 0
    lost_count: int = 0
    is_due: bool = True
    worker: int | None = None

    def becomes(self, status: Status, **changes: Any) -> "Known":
        """The same job, with nobody."""
        return replace(self, status=status, worker=None, **changes)

    def claimed(self, worker: int) -> "Known":
        """With a worker."""
        assert self.status is Status.PENDING, "only pending jobs are claimed"
        assert self.is_due, "a job is not claimed before its time"
        return replace(self, status=Status.PROCESSING, attempt=self.attempt + 1, worker=worker)

    def lost(self) -> "Known":
        """After its worker died."""
        count = self.lost_count + 1
        status = Status.PENDING if count < MAX_LOST else Status.FAILED
        return self.becomes(status, lost_count=count, is_due=True)

    def after(self, verb: str, attempt: int) -> "Known | None":
        """After a verb; None where it must be refused, or finds nothing to do."""
        match verb:
            case "cancel":
                return None if self.status.is_final else self.becomes(Status.CANCELLED)
            case "reopen":
                return self._reopened()

        is_held = self.status is Status.PROCESSING and self.attempt == attempt
        return self._settled(verb) if is_held else None

    def _reopened(self) -> "Known | None":
        if self.status not in (Status.FAILED, Status.CANCELLED):
            return None

        return self.becomes(Status.PENDING, retry_count=0, lost_count=0, is_due=True)

    def _settled(self, verb: str) -> "Known":
        match verb:
            case "complete":
                return self.becomes(Status.COMPLETED)
            case "fail":
                return self.becomes(Status.FAILED)
            case "snooze":
                return self.becomes(Status.PENDING, is_due=False)
            case "release":
                return self.becomes(Status.PENDING)
            case "retry" if self.retry_count < self.max_retries:
                count = self.retry_count + 1
                return self.becomes(Status.PENDING, retry_count=count, is_due=False)
            case "retry":
                return self.becomes(Status.FAILED)

        raise AssertionError(verb)
