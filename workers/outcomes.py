"""The values in which an attempt ends: decided first, written once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One finished file."""

    name: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The handler made what was asked for: files, the main one first, and its own facts."""

    files: tuple[File, ...]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Running it again would change nothing."""

    error: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It was not the job's fault; costs one retry."""

    error: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Not now; costs nothing."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Release:
    """The worker stops; costs nothing."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The claim is somebody else's now, or nobody's; there is nothing to write."""


Outcome = Completed | Failed | Retry | Snooze | Release | Lost
