"""The only reader of the environment: every setting, its default, its unit, its reason."""

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from db.errors import SettingInvalid

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MIB = 1024 * 1024


def load(environment: Mapping[str, str] | None = None) -> "Settings":
    """Read the settings from the environment; SettingInvalid names the variable and the fix."""
    environment = os.environ if environment is None else environment
    values = {f.name: _read(f, environment) for f in fields(Settings)}
    settings = Settings(**values)
    settings.check()

    return settings


def variable(f: "Field[Any]") -> str:
    """Name the environment variable of a field of Settings."""
    return str(f.metadata["variable"])


def documented() -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, meaning), for the README's table."""
    return [(variable(f), f.metadata["shown"], f.metadata["doc"]) for f in fields(Settings)]


def child_environment(**extra: str) -> dict[str, str]:
    """Return the environment for a program that Pressroom starts itself."""
    return {**os.environ, **extra}


def _read(f: "Field[Any]", environment: Mapping[str, str]) -> Any:
    text = environment.get(variable(f), "") or _from_file(variable(f), environment)
    if not text.strip():
        return f.default_factory() if callable(f.default_factory) else f.default

    try:
        return f.metadata["parse"](text.strip())
    except ValueError as error:
        raise SettingInvalid(f"{variable(f)}={text.strip()!r}: {error}") from None


def _from_file(name: str, environment: Mapping[str, str]) -> str:
    """Read a secret that is mounted as a file: NAME_FILE holds its path."""
    path = environment.get(f"{name}_FILE", "")
    if not path:
        return ""

    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{name}_FILE={path!r}: cannot be read: {error}") from None


def _setting(
    name: str, default: Any, parse: Callable[[str], Any], doc: str, shown: str | None = None
) -> Any:
    shown = shown if shown is not None else str(default)
    metadata = {"variable": name, "parse": parse, "doc": doc, "shown": shown}
    if callable(default):
        return field(default_factory=default, metadata=metadata)

    return field(default=default, metadata=metadata)


def _whole(minimum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < minimum:
            raise ValueError(f"must be a whole number, {minimum} or more")

        return int(text)

    return parse


def _seconds(text: str) -> timedelta:
    try:
        value = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise ValueError("must be a number of seconds") from None

    if value <= timedelta(0):
        raise ValueError("must be more than 0 seconds")

    return value


def _days(text: str) -> timedelta:
    return _seconds(text) * 86_400


def _mebibytes(text: str, minimum: int = 1) -> int:
    return _whole(minimum)(text) * MIB


def _job_memory(text: str) -> int:
    return _mebibytes(text, minimum=256)  # less does not hold the libraries


def _kibibytes(text: str) -> int:
    return _whole(1)(text) * 1024


def _auth(text: str) -> str:
    if text not in ("local", "token"):
        raise ValueError("must be 'local' or 'token'")

    return text


def _log(text: str) -> str:
    if text not in ("plain", "json"):
        raise ValueError("must be 'plain' or 'json'")

    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _limits(text: str) -> Mapping[str, int]:
    limits = {}
    for limit in _words(text):
        name, _, most = limit.rpartition(":")
        if not name.strip() or name.strip() in limits:
            raise ValueError(f"{limit!r} must be type:number, each type once")
        limits[name.strip()] = _whole(1)(most.strip())

    return limits


def _origins(text: str) -> tuple[str, ...]:
    for origin in _words(text):
        scheme, _, place = origin.partition("://")
        if scheme not in ("http", "https") or not place or set(place) & set("/*?#@ "):
            raise ValueError(f"{origin!r} must be scheme://host or scheme://host:port, exactly")

    return _words(text.lower())


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")

    return text == "1"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process was told; passed down, never read again."""

    database_url: str | None = _setting(
        "DATABASE_URL", None, str, "Postgres to use", "the embedded Postgres"
    )
    listen_database_url: str | None = _setting(
        "LISTEN_DATABASE_URL",
        None,
        str,
        "direct connection for LISTEN and migrations, where `DATABASE_URL` is a transaction pooler",
        "`DATABASE_URL`",
    )
    data_dir: Path = _setting(
        "PRESSROOM_DATA_DIR", Path(".pressroom"), Path, "embedded database and scratch"
    )
    postgres_bin: Path | None = _setting(
        "PRESSROOM_POSTGRES_BIN",
        None,
        Path,
        "folder with `initdb` and `postgres` for the embedded database",
        "the installed wheel, else the system's",
    )
    host: str = _setting("PRESSROOM_HOST", "127.0.0.1", str, "address the server listens on")
    port: int = _setting("PRESSROOM_PORT", 8000, _whole(0), "port; 0 takes a free one")
    auth: str | None = _setting(
        "PRESSROOM_AUTH",
        None,
        _auth,
        "`local`: one user, no token, this machine only; `token`: Bearer tokens",
        "`local` on loopback",
    )
    jwt_secret: str | None = _setting(
        "PRESSROOM_JWT_SECRET", None, str, "HS256 secret of user tokens, 32 bytes or more", "none"
    )
    service_keys: tuple[str, ...] = _setting(
        "PRESSROOM_SERVICE_KEYS", tuple, _words, "keys of trusted backends, by comma", "none"
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "PRESSROOM_ALLOWED_HOSTS",
        tuple,
        _words,
        "names that `Host` and `Origin` may carry besides the listening address, by comma",
        "none",
    )
    allowed_origins: tuple[str, ...] = _setting(
        "PRESSROOM_ALLOWED_ORIGINS",
        tuple,
        _origins,
        "origins whose pages may call the API and embed the card, such as `https://app.example`,"
        " by comma",
        "none",
    )
    url: str | None = _setting(
        "PRESSROOM_URL",
        None,
        str,
        "the server that `submit` and `watch` talk to",
        "`http://HOST:PORT`",
    )
    token: str | None = _setting(
        "PRESSROOM_TOKEN", None, str, "what `submit` and `watch` send as Bearer token", "none"
    )
    worker_concurrency: int = _setting(
        "PRESSROOM_WORKER_CONCURRENCY", _cores, _whole(1), "attempts at once in a worker", "cores"
    )
    lease: timedelta = _setting(
        "PRESSROOM_LEASE_SECONDS",
        timedelta(seconds=10),
        _seconds,
        "silence after which a worker counts as dead",
        "10",
    )
    poll_interval: timedelta = _setting(
        "PRESSROOM_POLL_INTERVAL_SECONDS",
        timedelta(seconds=1),
        _seconds,
        "how often to look when no notice came",
        "1",
    )
    shutdown: timedelta = _setting(
        "PRESSROOM_SHUTDOWN_SECONDS",
        timedelta(seconds=25),
        _seconds,
        "grace of a drain after SIGTERM",
        "25",
    )
    stream_lifetime: timedelta = _setting(
        "PRESSROOM_STREAM_SECONDS",
        timedelta(minutes=10),
        _seconds,
        "age at which an event stream ends, give or take a fifth; the browser opens the next",
        "600",
    )
    streams_per_user: int = _setting(
        "PRESSROOM_STREAMS_PER_USER", 100, _whole(1), "event streams of one user at once"
    )
    running_per_user: int | None = _setting(
        "PRESSROOM_RUNNING_PER_USER", None, _whole(1), "jobs of one user that run at once", "all"
    )
    running_per_type: Mapping[str, int] = _setting(
        "PRESSROOM_RUNNING_PER_TYPE",
        dict,
        _limits,
        "jobs of one type that run at once, such as `presentation:2,pdf:8`",
        "all",
    )
    pending_per_user: int = _setting(
        "PRESSROOM_PENDING_PER_USER",
        10_000,
        _whole(1),
        "jobs of one user that wait; one more is answered 429",
        "10000",
    )
    job_timeout: timedelta = _setting(
        "PRESSROOM_JOB_TIMEOUT_SECONDS",
        timedelta(seconds=300),
        _seconds,
        "wall time of one attempt, and the most a request may ask for",
        "300",
    )
    job_memory_bytes: int = _setting(
        "PRESSROOM_JOB_MEMORY_MIB", 1024 * MIB, _job_memory, "address space of one attempt", "1024"
    )
    job_disk_bytes: int = _setting(
        "PRESSROOM_JOB_DISK_MIB", 256 * MIB, _mebibytes, "scratch space of one attempt", "256"
    )
    preload: tuple[str, ...] = _setting(
        "PRESSROOM_PRELOAD",
        tuple,
        _words,
        "modules to import once, before the first attempt, besides the document libraries;"
        " `pandas,matplotlib.pyplot` where the extra `documents-full` is installed",
        "none",
    )
    code_limit_bytes: int = _setting(
        "PRESSROOM_CODE_LIMIT_KIB", MIB, _kibibytes, "largest code of a job", "1024"
    )
    result_limit_bytes: int = _setting(
        "PRESSROOM_RESULT_LIMIT_KIB", 256 * 1024, _kibibytes, "largest result of a job", "256"
    )
    artifact_limit_bytes: int = _setting(
        "PRESSROOM_ARTIFACT_LIMIT_MIB", 50 * MIB, _mebibytes, "largest artifact", "50"
    )
    metrics_port: int | None = _setting(
        "PRESSROOM_METRICS_PORT",
        None,
        _whole(0),
        "port of `/metrics`, `/healthz` and `/readyz` on all addresses; 0 takes a free one",
        "none",
    )
    log: str = _setting("PRESSROOM_LOG", "plain", _log, "`json` writes each line as an object")
    otlp_endpoint: str | None = _setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        None,
        str,
        "collector that traces go to, by OTLP over HTTP; needs the extra `otel`",
        "none",
    )
    allow_unsandboxed: bool = _setting(
        "PRESSROOM_ALLOW_UNSANDBOXED",
        False,
        _flag,
        "1 runs code with the layers that are there, on a developer's machine only",
        "0",
    )

    def check(self) -> None:
        """Refuse settings that are wrong together."""
        if self.auth == "local" or (self.auth is None and self.host in LOOPBACK):
            return

        if self.jwt_secret is None and not self.service_keys:
            host = "" if self.auth else f"PRESSROOM_HOST={self.host} can be reached by others: "
            raise SettingInvalid(
                f"{host}PRESSROOM_AUTH=token needs PRESSROOM_JWT_SECRET (tokens of people)"
                " or PRESSROOM_SERVICE_KEYS (keys of backends) or both; PRESSROOM_AUTH=local"
                " is for a port that only this machine can reach"
            )

        if self.jwt_secret is not None and len(self.jwt_secret.encode()) < 32:
            raise SettingInvalid("PRESSROOM_JWT_SECRET: must be 32 bytes or more")

    @property
    def is_local(self) -> bool:
        """Whether the server serves one local user without a token."""
        return self.auth == "local" or (self.auth is None and self.host in LOOPBACK)
