"""No website may use its visitor's browser against us: Host, Origin and content type.

A page of another site can send simple requests and, by DNS rebinding, can be our own host's
name. So: names that we do not serve are refused, and whatever changes something must come from
our own pages, from an origin that the settings name, or from no page at all.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.settings import LOOPBACK, Settings
from server.problems import Problem, answer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Without credentials: a page of another origin brings a token, never the cookie.
MAY_BE_READ = "ETag, Location, Retry-After, X-Request-Id, Content-Disposition"
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match,"
    " Last-Event-ID, Prefer, X-Request-Id",
    "Access-Control-Max-Age": "600",
    "Cache-Control": "no-store",
}


class Origins:
    """Refuses requests that a foreign page made."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._is_local = settings.is_local
        self._allowed = {name.lower() for name in settings.allowed_hosts}
        self._names = {*LOOPBACK, settings.host.lower(), *self._allowed}
        self._origins = settings.allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        headers = Headers(scope=scope)
        if headers.get("origin") in self._origins:
            send = _readable(headers["origin"], send)
        try:
            self._check(scope["method"], headers)
        except Problem as problem:
            return await answer(Request(scope), problem)(scope, receive, send)
        if _is_preflight(scope["method"], headers) and headers["origin"] in self._origins:
            return await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)

        return await self.app(scope, receive, send)

    def _check(self, method: str, headers: Headers) -> None:
        if self._is_local and _name(headers.get("host", "")) not in self._names:
            raise Problem(
                421,
                "host_not_allowed",
                "This server answers to its own address only; name further hosts in "
                "PRESSROOM_ALLOWED_HOSTS.",
            )

        if method in SAFE_METHODS:
            return

        self._check_origin(headers)
        _check_content_type(headers)

    def _check_origin(self, headers: Headers) -> None:
        if not self._is_ours(headers.get("origin"), headers):
            raise Problem(
                403,
                "origin_not_allowed",
                "Pages of other origins may not do that; name our own in PRESSROOM_ALLOWED_HOSTS "
                "where a proxy changes the Host header.",
            )

    def _is_ours(self, origin: str | None, headers: Headers) -> bool:
        if origin in self._origins:
            return True
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin")

        place = origin.lower().partition("://")[2]  # empty in "null"
        is_host = bool(place) and place == headers.get("host", "").lower()
        return is_host or _name(place) in self._allowed


def _is_preflight(method: str, headers: Headers) -> bool:
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def _readable(origin: str, send: Send) -> Send:
    """Let pages of this origin read the answer."""
    named = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": MAY_BE_READ,
        "Vary": "Origin",
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in named.items()]

    async def send_readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return send_readable


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _check_content_type(headers: Headers) -> None:
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise Problem(
            415, "unsupported_media_type", "Send the body with Content-Type: application/json."
        )
