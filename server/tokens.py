"""Tokens: those that users bring, and the short ones that we hand out for one resource."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from db.errors import Unauthenticated
from db.jobs import Job
from db.settings import Settings

ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=5)
ID_LENGTH = 200
AUDIENCE = "pressroom/"
EVENTS = "events"
ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a short token opens: events of a job or of a session's jobs, or one artifact."""

    scope: str
    job_id: UUID | None = None
    session_id: str | None = None
    artifact_id: UUID | None = None

    def opens_job(self, job: Job) -> bool:
        """Whether the token is for this job's events."""
        if self.scope != EVENTS:
            return False

        return job.id == self.job_id or (
            self.session_id is not None and job.session_id == self.session_id
        )

    def opens_artifact(self, artifact_id: UUID) -> bool:
        """Whether the token is for this artifact."""
        return self.scope == ARTIFACT and self.artifact_id == artifact_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a valid token says."""

    user_id: str | None
    role: str | None = None
    expires_at: datetime | None = None
    grant: Grant | None = None


class Tokens:
    """Reads and writes JWTs with the key of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.jwt_secret
        self._own_key = _own_key(settings)

    def read_user(self, token: str) -> Claims:
        """The claims of a user token. Raises Unauthenticated."""
        if self._secret is None:
            raise Unauthenticated

        claims = _decode(token, self._secret)
        user_id = claims.get("sub")
        if not isinstance(user_id, str) or not _is_id(user_id):
            raise Unauthenticated("The token's `sub` must be the user's id, a string.")

        return Claims(user_id=user_id, role=claims.get("role"), expires_at=_expiry(claims))

    def read_grant(self, token: str) -> Claims:
        """The claims of one of our short tokens. Raises Unauthenticated."""
        claims = _decode(token, self._own_key)
        grant = Grant(
            scope=claims["aud"].removeprefix(AUDIENCE),
            job_id=_uuid(claims.get("jobId")),
            session_id=claims.get("sessionId"),
            artifact_id=_uuid(claims.get("artifactId")),
        )
        return Claims(user_id=claims.get("sub"), expires_at=_expiry(claims), grant=grant)

    def write_grant(self, grant: Grant, user_id: str | None) -> tuple[str, datetime]:
        """A token for one resource of one user (None: of anybody), and when it ends."""
        expires_at = datetime.now(UTC).replace(microsecond=0) + LIFETIME
        names = {
            "sub": user_id,
            "jobId": grant.job_id and str(grant.job_id),
            "sessionId": grant.session_id,
            "artifactId": grant.artifact_id and str(grant.artifact_id),
        }
        claims: dict[str, Any] = {name: value for name, value in names.items() if value is not None}
        claims |= {"aud": AUDIENCE + grant.scope, "exp": expires_at}

        return jwt.encode(claims, self._own_key, algorithm=ALGORITHM), expires_at


def _own_key(settings: Settings) -> str:
    """A key of our own, so that no short token passes for a user's, nor the other way round.

    Every process that has the same secrets has the same key; without secrets it dies with us.
    """
    known = (settings.jwt_secret or "", *sorted(settings.service_keys))
    secret = "\x00".join(("pressroom tokens", *known)) if any(known) else secrets.token_hex(32)

    return hashlib.sha256(secret.encode()).hexdigest()


def _decode(token: str, key: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token, key, algorithms=[ALGORITHM], options={"verify_aud": False, "verify_sub": False}
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The token has expired; get a new one.") from None
    except jwt.InvalidTokenError:
        raise Unauthenticated("The token is not valid here.") from None


def _is_id(text: str) -> bool:
    """Whether Postgres can hold it, and index it."""
    return 0 < len(text) <= ID_LENGTH and text.isprintable()


def _expiry(claims: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(claims["exp"]), UTC) if "exp" in claims else None
    except (ValueError, OverflowError, OSError):
        raise Unauthenticated("The token's `exp` is no date.") from None


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
