"""Who calls, and what they may touch: one function a rule."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from db.artifacts import Artifact
from db.errors import (
    AccessDenied,
    ArtifactNotFound,
    JobNotFound,
    PayloadInvalid,
    Unauthenticated,
)
from db.jobs import Job
from db.settings import Settings
from server.tokens import EVENTS, Claims, Grant, Tokens

LOCAL_USER = "local"
COOKIE = "pressroom_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A caller. `user_id` None is a trusted backend, which acts for any user."""

    user_id: str | None
    sees_all: bool = False
    is_local: bool = False
    expires_at: datetime | None = None
    grant: Grant | None = None


LOCAL = Principal(user_id=LOCAL_USER, sees_all=True, is_local=True)
SERVICE = Principal(user_id=None, sees_all=True)


class Access:
    """Recognizes callers by what they bring."""

    def __init__(self, settings: Settings) -> None:
        self.is_local = settings.is_local
        self.tokens = Tokens(settings)
        self._service_keys = [key.encode() for key in settings.service_keys]

    def identify(self, request: Request) -> Principal:
        """Who calls. Raises Unauthenticated."""
        if self.is_local:
            return LOCAL

        bearer = bearer_token(request) or request.cookies.get(COOKIE)
        if not bearer:
            raise Unauthenticated
        if bearer_token(request) and self._is_service_key(bearer):
            return SERVICE

        return _user(self.tokens.read_user(bearer))

    def identify_reader(self, request: Request) -> Principal:
        """Who reads a stream or a file, where `?token=` will do. Raises Unauthenticated."""
        token = request.query_params.get("token")
        if not token or self.is_local:
            return self.identify(request)

        claims = self.tokens.read_grant(token)
        return Principal(
            user_id=claims.user_id,
            sees_all=claims.user_id is None,
            expires_at=claims.expires_at,
            grant=claims.grant,
        )

    def _is_service_key(self, bearer: str) -> bool:
        # Every key is compared, in constant time each: timing tells nothing.
        matches = [hmac.compare_digest(bearer.encode(), key) for key in self._service_keys]
        return any(matches)


def bearer_token(request: Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def sees_job(principal: Principal, job: Job) -> bool:
    """Whether the job is theirs, and within what their token was given for."""
    if principal.grant and not principal.grant.opens_job(job):
        return False

    return principal.sees_all or principal.user_id == job.user_id


def check_sees_job(principal: Principal, job: Job) -> None:
    """Another's job does not exist. Raises JobNotFound."""
    if not sees_job(principal, job):
        raise JobNotFound


def granted_session(principal: Principal, asked: str | None) -> str | None:
    """The session that a stream may follow: of a short token, its own. Raises AccessDenied."""
    if principal.grant is None:
        return asked
    if principal.grant.scope != EVENTS or asked not in (None, principal.grant.session_id):
        raise AccessDenied("The token was given for something else.")

    return principal.grant.session_id


def check_sees_artifact(principal: Principal, artifact: Artifact) -> None:
    """Another's artifact does not exist. Raises ArtifactNotFound."""
    if principal.grant and not principal.grant.opens_artifact(artifact.id):
        raise ArtifactNotFound
    if not principal.sees_all and principal.user_id != artifact.user_id:
        raise ArtifactNotFound


def check_may_operate(principal: Principal) -> None:
    """Figures about all users are for admins and backends. Raises AccessDenied."""
    if not principal.sees_all:
        raise AccessDenied


def owner_of_new_job(principal: Principal, named: str | None) -> str:
    """Whose the job will be. Raises AccessDenied, or PayloadInvalid when nobody is named."""
    if principal.is_local:
        return named or LOCAL_USER
    if principal.user_id is None:
        if named is None:
            raise PayloadInvalid("userId", "is missing; a service key must name the user")
        return named
    if named not in (None, principal.user_id):
        raise AccessDenied("userId is not the token's user; leave it out.")

    return principal.user_id


def check_may_rank(principal: Principal, priority: int) -> None:
    """A user ranks their own jobs, by lowering some. Raises PayloadInvalid.

    The claim compares everybody's jobs, so to raise one is to pass other people's.
    """
    if priority > 0 and principal.user_id is not None and not principal.is_local:
        raise PayloadInvalid("priority", "above 0 takes a service key; send -100 to 0")


def listed_user(principal: Principal, named: str | None) -> str | None:
    """Whose jobs a list may show; None for everybody's. Raises AccessDenied."""
    if principal.sees_all:
        return named
    if named not in (None, principal.user_id):
        raise AccessDenied("userId is not the token's user; leave it out.")

    return principal.user_id


def parse_id(text: str, missing: type[JobNotFound] | type[ArtifactNotFound]) -> UUID:
    """An id as it stands in a path; a malformed one is as unknown as any other."""
    try:
        return UUID(text)
    except ValueError:
        raise missing from None


def _user(claims: Claims) -> Principal:
    return Principal(
        user_id=claims.user_id, sees_all=claims.role == "admin", expires_at=claims.expires_at
    )
