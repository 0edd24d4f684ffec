"""One name for a request, in its answer, in the log and in the caller's own records."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "x-request-id"
SANE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

present: ContextVar[str] = ContextVar("request_id", default="")


def adopt(sent: str | None) -> str:
    """Take the caller's id when it is short and harmless, else make one; it becomes `present`."""
    request_id = sent if sent and SANE.fullmatch(sent) else uuid4().hex
    present.set(request_id)

    return request_id
