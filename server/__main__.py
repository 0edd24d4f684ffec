"""python -m server: serves until SIGTERM, then lets streams end at a frame boundary."""

import asyncio
import logging
import math
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from db import settings
from db.address import database_url
from db.errors import DatabaseMissing, SettingInvalid
from db.settings import Settings
from db.telemetry import logs, probes, tracing
from server import health
from server.app import create_app

MISCONFIGURED = 78
# A peer that takes nothing for so long is gone or frozen; the kernel then cuts it off.
SEND_PATIENCE_MS = 30_000
BACKLOG = 2048
FAREWELL = timedelta(seconds=2)

log = logging.getLogger("server")


def main() -> None:
    """Serve; exit 78 when the settings do not allow it."""
    logs.set_up("plain")  # until the settings say otherwise
    try:
        configured = settings.load()
        logs.set_up(configured.log)
        tracing.set_up(configured, service="pressroom-server")
        serve(configured)
    except (SettingInvalid, DatabaseMissing) as error:
        log.error("%s", error)
        sys.exit(MISCONFIGURED)


def serve(settings: Settings) -> None:
    """Listen on the address of the settings and serve until told to stop."""
    app = create_app(settings, database_url(settings))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # server.observed writes a line with the request's id
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.shutdown.total_seconds()),
    )
    server = Server(
        config,
        drain=lambda: _drain(app),
        probing=lambda: probes.listening(settings.metrics_port, health.answers(app)),
    )
    with listen(settings.host, settings.port) as listening:
        log.info("server.listening url=%s", url(listening))
        server.run([listening])
    if server.lifespan.error_occurred:
        sys.exit(1)


class Server(uvicorn.Server):
    """Tells the hub of the signal itself: uvicorn tells the app only when all streams are over.

    The port of the probes answers for as long as it runs, its drain included.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        drain: Callable[[], None],
        probing: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._probing = probing

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._probing():
            await super().serve(sockets)

    async def on_tick(self, counter: int) -> bool:
        # The hub or the listener has died: no server is better than one that looks alive.
        return self.lifespan.error_occurred or await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        cutting = self._loop.call_later(FAREWELL.total_seconds(), self._cut_frozen)
        await super().shutdown(sockets)
        cutting.cancel()

    def _cut_frozen(self) -> None:
        """Whoever has not taken the farewell by now reads nothing."""
        for connection in list(self.server_state.connections):
            flow = getattr(connection, "flow", None)
            if flow and flow.write_paused:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not the inherited one: it would raise the signal again at the end, and an order that
        # was obeyed is exit code 0.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._drain)


def _drain(app: Starlette) -> None:
    parts = getattr(app.state, "parts", None)
    if parts:  # else it has not begun to serve
        parts.hub.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, whose patience every connection inherits. Raises SettingInvalid."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingInvalid(f"cannot listen on {host} port {port}: {error.strerror}") from None

    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SEND_PATIENCE_MS)

    return listening


def url(listening: socket.socket) -> str:
    """Where a person on this machine finds the socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


if __name__ == "__main__":
    main()
