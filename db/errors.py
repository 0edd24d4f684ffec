"""Everything that Pressroom raises on purpose.

PressroomError
├── SettingInvalid          an environment variable cannot be used
├── DatabaseMissing         no Postgres to start, or none that answers
├── PayloadInvalid          a field of a request is missing, unknown or wrong
│   └── JobTypeUnknown      no handler for that job type
├── IdempotencyConflict     the key was used before with another request
├── QuotaExceeded           the user has as many pending jobs as they may
├── JobNotFound             no such job for this caller
├── BatchNotFound           no such batch for this caller
├── JobFinal                a completed job cannot be retried
├── ArtifactNotFound        no such artifact for this caller
├── AccessDenied            the caller is known, and may not
├── Unauthenticated         the caller is not known
├── ClaimLost               another attempt owns the job now
└── SandboxMissing          a layer of the sandbox is not there
"""


class PressroomError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class SettingInvalid(PressroomError):
    """A setting cannot be used."""


class DatabaseMissing(PressroomError):
    """There is no Postgres to talk to."""


class PayloadInvalid(PressroomError):
    """A field of the request is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.reason = message


class JobTypeUnknown(PayloadInvalid):
    """There is no such document type."""


class IdempotencyConflict(PressroomError):
    """This Idempotency-Key was used before with another request; send a new key."""


class QuotaExceeded(PressroomError):
    """Too many of the user's jobs are waiting; send this one again when some have run."""


class JobNotFound(PressroomError):
    """There is no such job."""


class BatchNotFound(PressroomError):
    """There is no such batch."""


class JobFinal(PressroomError):
    """The job has completed; only failed and cancelled jobs can be retried."""


class ArtifactNotFound(PressroomError):
    """There is no such artifact."""


class AccessDenied(PressroomError):
    """This caller may not do that."""


class Unauthenticated(PressroomError):
    """Send a valid token: Authorization: Bearer …"""


class ClaimLost(PressroomError):
    """The claim is no longer held: the job was cancelled, rescued or settled by another attempt."""


class SandboxMissing(PressroomError):
    """A mandatory layer of the sandbox is missing."""

    def __init__(self, layer: str, fix: str) -> None:
        super().__init__(f"sandbox layer missing: {layer}. {fix}")
        self.layer = layer
        self.fix = fix
