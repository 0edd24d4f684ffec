"""The application: its routes, its errors, and what it opens before it serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from db import address, changes
from db import settings as settings_
from db.artifacts import Artifacts
from db.changes import Listener
from db.errors import PressroomError
from db.history import History
from db.pool import OUTAGE, connect_pool, cut
from db.previews import Previews
from db.queue import Queue
from db.settings import Settings
from db.states import States
from server import (
    artifacts,
    batches,
    events,
    health,
    jobs,
    metrics,
    observed,
    openapi,
    operations,
    pages,
    previews,
    problems,
    prompt,
    sessions,
    signals,
)
from server.auth import Access
from server.census import Census
from server.figures import Figures
from server.hub import Hub
from server.origins import Origins
from server.parts import Parts
from server.stream import STREAM

POOL_SIZE = 10

ROUTES = [
    Route("/api/jobs", jobs.create, methods=["POST"]),
    Route("/api/jobs", jobs.list_jobs),
    Route("/api/jobs/enqueue", batches.enqueue, methods=["POST"]),
    Route("/api/batches/{batch_id:path}", batches.show),
    Route("/api/jobs/{job_id}", jobs.show),
    Route("/api/jobs/{job_id}/status", jobs.show),
    Route("/api/jobs/{job_id}/events", events.job_events),
    Route("/api/events", events.many_events),
    Route("/api/jobs/{job_id}/cancel", jobs.cancel, methods=["POST"]),
    Route("/api/jobs/{job_id}/retry", jobs.retry, methods=["POST"]),
    Route("/api/artifacts/{artifact_id}", artifacts.show),
    Route("/api/artifacts/{artifact_id}/download", artifacts.download),
    Route("/api/artifacts/{artifact_id}/preview", previews.show),
    Route("/api/artifacts/{artifact_id}/preview/{number}", previews.show_part),
    Route("/api/tokens", sessions.create_token, methods=["POST"]),
    Route("/api/session", sessions.create_session, methods=["POST"]),
    Route("/api/session", sessions.delete_session, methods=["DELETE"]),
    Route("/api/job-types", operations.list_job_types),
    Route("/api/job-types/{job_type}/pause", operations.pause, methods=["POST"]),
    Route("/api/job-types/{job_type}/resume", operations.resume, methods=["POST"]),
    Route("/api/workers", operations.list_workers),
    Route("/api/figures", operations.show_figures),
    Route("/api/stats", jobs.stats),
    Route("/api/prompt", prompt.show),
    Route("/api/examples", pages.list_examples),
    Route("/healthz", health.healthz),
    Route("/readyz", health.readyz),
    Route("/metrics", metrics.show),
    Route("/openapi.json", openapi.show),
    Route("/", pages.index, include_in_schema=False),
    Route("/jobs", pages.jobs, include_in_schema=False),
    Mount("/client", pages.client),
]


class Application(Starlette):
    """Runs streams below nothing but the server: a third of the memory of a stream that waits
    under its middleware and routes is theirs.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return

        with observed.observe(scope, send) as request:
            await super().__call__(scope, receive, request.send)
        stream = scope.pop(STREAM, None)
        if stream:
            await stream.run(receive, send)


def __getattr__(name: str) -> Starlette:
    """`app`, for servers that are told `server.app:app`; made when it is asked for."""
    if name != "app":
        raise AttributeError(name)

    configured = settings_.load()
    return create_app(configured, address.database_url(configured), heeds_signals=True)


def create_app(settings: Settings, database_url: str, *, heeds_signals: bool = False) -> Starlette:
    """The ASGI application; it opens its pool, its listener and its hub when it starts.

    A server that is not ours tells it of its end when all streams are over; then it must heed
    the signal itself.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_parts(settings, database_url) as parts:
            app.state.parts = parts
            with signals.heeded(parts.hub.close) if heeds_signals else nullcontext():
                yield

    return Application(
        routes=ROUTES,
        lifespan=lifespan,
        middleware=[Middleware(Origins, settings=settings)],
        exception_handlers={
            PressroomError: problems.answer,
            HTTPException: problems.answer_http,
            ClientDisconnect: problems.gone,
            Exception: problems.unexpected,
            **dict.fromkeys(OUTAGE, problems.unavailable),
        },
    )


@asynccontextmanager
async def open_parts(settings: Settings, database_url: str) -> AsyncIterator[Parts]:
    """Open what the routes stand on; close it in the opposite order."""
    async with await connect_pool(
        database_url, name="pressroom server", size=POOL_SIZE, is_lazy=True
    ) as pool:
        queue = Queue(pool)
        hub = Hub(
            queue,
            States(pool),
            poll_interval=settings.poll_interval,
            is_listening=lambda: listener.is_listening,
            most_per_owner=settings.streams_per_user,
        )
        listener = Listener(
            settings.listen_database_url or database_url,
            name="pressroom server",
            on_notice=hub.notice,
            on_resync=hub.resync,
            on_silence=lambda: cut(pool),
            channels=(changes.CHANGES,),
        )
        async with asyncio.TaskGroup() as tasks:
            minders = [
                tasks.create_task(listener.run(), name="listener"),
                tasks.create_task(hub.run(), name="hub"),
            ]
            yield Parts(
                settings=settings,
                access=Access(settings),
                pool=pool,
                queue=queue,
                artifacts=Artifacts(pool),
                previews=Previews(pool),
                listener=listener,
                hub=hub,
                census=Census(queue),
                figures=Figures(History(pool)),
            )
            hub.close()
            for minder in minders:
                minder.cancel()
