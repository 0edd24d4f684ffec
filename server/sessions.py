"""The routes that trade one proof of identity for another."""

from typing import Literal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from db.errors import AccessDenied, ArtifactNotFound, JobNotFound, PayloadInvalid, Unauthenticated
from server import auth, bodies, wire
from server.auth import COOKIE, Principal
from server.bodies import Body
from server.parts import parts
from server.requests import Id
from server.tokens import ARTIFACT, EVENTS, Grant
from server.wire import Json

BODY_LIMIT_BYTES = 16 * 1024


class TokenRequest(Body):
    """The body of POST /api/tokens: a scope, and the one resource that it opens."""

    scope: Literal["events", "artifact"]
    job_id: str | None = None
    session_id: Id | None = None
    artifact_id: str | None = None


async def create_token(request: Request) -> Response:
    """POST /api/tokens: a short token for URLs, where no header can be sent."""
    principal = parts(request).access.identify(request)
    body = await bodies.read(request, limit_bytes=BODY_LIMIT_BYTES)
    asked = bodies.parse(TokenRequest, bodies.decode(body))
    grant, user_id = await _grant(request, principal, asked)
    token, expires_at = parts(request).access.tokens.write_grant(grant, user_id)

    return Json({"token": token, "expiresAt": wire.moment(expires_at)}, 201)


async def create_session(request: Request) -> Response:
    """POST /api/session: the Bearer token becomes a cookie that scripts cannot read."""
    principal = parts(request).access.identify(request)
    expires_at = wire.moment(principal.expires_at)
    response = Json({"userId": principal.user_id, "expiresAt": expires_at}, 201)
    if principal.is_local:
        return response

    token = auth.bearer_token(request)
    if token is None:
        raise Unauthenticated("Send the user token as Authorization: Bearer …")
    if principal.user_id is None:
        raise AccessDenied("A service key is no user; send a user token.")

    response.set_cookie(
        COOKIE,
        token,
        expires=principal.expires_at,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


async def delete_session(request: Request) -> Response:
    """DELETE /api/session: forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    return response


async def _grant(
    request: Request, principal: Principal, asked: TokenRequest
) -> tuple[Grant, str | None]:
    """The grant and the user that it is limited to; nobody grants more than they see."""
    match asked:
        case TokenRequest(scope="events", job_id=str(text), session_id=None, artifact_id=None):
            job = await parts(request).queue.get(auth.parse_id(text, JobNotFound))
            auth.check_sees_job(principal, job)
            return Grant(scope=EVENTS, job_id=job.id), job.user_id
        case TokenRequest(scope="events", job_id=None, session_id=str(session), artifact_id=None):
            return Grant(scope=EVENTS, session_id=session), _limited_to(principal)
        case TokenRequest(scope="artifact", job_id=None, session_id=None, artifact_id=str(text)):
            artifact_id: UUID = auth.parse_id(text, ArtifactNotFound)
            artifact = await parts(request).artifacts.get(artifact_id)
            auth.check_sees_artifact(principal, artifact)
            return Grant(scope=ARTIFACT, artifact_id=artifact_id), artifact.user_id

    raise PayloadInvalid(
        "scope", "events goes with one of jobId and sessionId, artifact with artifactId"
    )


def _limited_to(principal: Principal) -> str | None:
    return None if principal.sees_all else principal.user_id
