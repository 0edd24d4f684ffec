"""What goes into the sandbox and what comes out of it, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from db.settings import Settings

MIB = 1024 * 1024
LEAST_MEMORY_BYTES = 288 * MIB
FILE_BYTES = 128 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A stranger's Python and what it works on."""

    code: str
    file_name: str
    title: str
    data: Any = None
    inputs: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.file_name, *self.inputs):
            if not _is_plain(name):
                raise ValueError(f"{name!r} must be a plain file name, without a folder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use; every limit ends the run with a failure code of its own."""

    wall: timedelta = timedelta(seconds=300)
    cpu: timedelta = timedelta(seconds=300)
    memory_bytes: int = 1024 * MIB
    file_bytes: int = FILE_BYTES
    disk_bytes: int = 256 * MIB
    output_bytes: int = 32 * MIB
    open_files: int = 128
    threads: int = 64
    files: int = 20_000

    def __post_init__(self) -> None:
        if self.memory_bytes < LEAST_MEMORY_BYTES:
            raise ValueError(
                f"memory_bytes: {self.memory_bytes // MIB} MiB is less than the libraries need; "
                f"give {LEAST_MEMORY_BYTES // MIB} MiB or more"
            )

    @classmethod
    def of(cls, settings: Settings, wall: timedelta | None = None) -> "Limits":
        """The limits that the settings ask for, with a shorter wall time where one is given."""
        wall = min(wall or settings.job_timeout, settings.job_timeout)
        disk = settings.job_disk_bytes

        return cls(
            wall=wall,
            cpu=wall,
            memory_bytes=settings.job_memory_bytes,
            file_bytes=min(disk, FILE_BYTES),
            disk_bytes=disk,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the code says it is; percent is 0 to 100 and never falls within a run."""

    percent: int | None = None
    message: str | None = None
    total_files: int | None = None
    processed_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run did not succeed; line counts from 1 in the code as it was sent."""

    code: str
    message: str
    type: str | None = None
    line: int | None = None
    traceback: str = ""

    @property
    def retryable(self) -> bool:
        """Whether the same code may well succeed next time."""
        return self.code == "sandbox_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run whose process is dead; directory exists until the context that gave it ends."""

    failure: Failure | None
    directory: Path
    output_directory: Path
    output_path: Path
    stdout: str
    stderr: str
    seconds: float
    report: dict[str, Any]


def _is_plain(name: str) -> bool:
    return bool(name) and name not in (".", "..") and not {"/", "\0"} & set(name)
