"""What the routes stand on; opened by the app's lifespan."""

from dataclasses import dataclass

from starlette.requests import Request

from db.artifacts import Artifacts
from db.changes import Listener
from db.pool import Pool
from db.previews import Previews
from db.queue import Queue
from db.settings import Settings
from server.auth import Access
from server.census import Census
from server.figures import Figures
from server.hub import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The open parts of one server process."""

    settings: Settings
    access: Access
    pool: Pool
    queue: Queue
    artifacts: Artifacts
    previews: Previews
    listener: Listener
    hub: Hub
    census: Census
    figures: Figures


def parts(request: Request) -> Parts:
    """The parts that serve this request."""
    found: Parts = request.app.state.parts
    return found
