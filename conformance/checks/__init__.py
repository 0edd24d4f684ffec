"""The checks, a file a subject; importing a file enters its checks."""

from conformance.checks import (
    access,
    final,
    head,
    limits,
    many,
    races,
    restart,
    resume,
    text,
    wire,
)

__all__ = [
    "access",
    "final",
    "head",
    "limits",
    "many",
    "races",
    "restart",
    "resume",
    "text",
    "wire",
]
