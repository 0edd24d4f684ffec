"""No website may use its visitor's browser against us: Host, Origin and content type.

A page of another site can send simple requests and, by DNS rebinding, can be our own host's
name. So: names that we do not serve are refused, and whatever changes something must come from
our own pages or from no page at all.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from db.settings import LOOPBACK, Settings
from server.problems import Problem, answer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Origins:
    """Refuses requests that a foreign page made."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._is_local = settings.is_local
        self._allowed = {name.lower() for name in settings.allowed_hosts}
        self._names = {*LOOPBACK, settings.host.lower(), *self._allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._check(scope["method"], Headers(scope=scope))
            except Problem as problem:
                return await answer(Request(scope), problem)(scope, receive, send)

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
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin")

        place = origin.lower().partition("://")[2]  # empty in "null"
        is_host = bool(place) and place == headers.get("host", "").lower()
        return is_host or _name(place) in self._allowed


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
