"""Is the process alive; may it be sent requests."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from db import migrate
from db.pool import OUTAGE
from db.telemetry.metrics import exposition
from db.telemetry.probes import Answers
from server import metrics, problems
from server.parts import Parts, parts
from server.wire import Json


async def healthz(_request: Request) -> Response:
    """GET /healthz: the event loop turns."""
    return Json({"status": "ok"})


async def readyz(request: Request) -> Response:
    """GET /readyz: 503 and the reason while requests would fail or news would be late."""
    reason = await _unready(parts(request))
    if reason:
        return problems.response(503, "not_ready", reason, headers={"Retry-After": "1"})

    return Json({"status": "ready"})


def answers(app: Starlette) -> Answers:
    """The same for the port of the probes, which answers before the app has opened its parts."""

    async def why_unready() -> str | None:
        found = getattr(app.state, "parts", None)
        return await _unready(found) if found else "The server is starting."

    async def figures() -> bytes:
        found = getattr(app.state, "parts", None)
        return await metrics.exposition(found) if found else exposition()

    return Answers(metrics=figures, unready=why_unready)


async def _unready(parts: Parts) -> str | None:
    if parts.hub.is_closed:
        return "The server is shutting down."

    try:
        if not await migrate.is_current(parts.pool):
            return "The schema is not up to date; run `pressroom migrate`."
    except OUTAGE as error:
        return f"The database does not answer: {error}"

    return None if parts.listener.is_connected else "The listener is not connected."
