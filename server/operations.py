"""The routes of who operates: job types, workers, figures."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db.history import Ran
from db.jobs import Status
from db.payloads import JOB_TYPES
from server import auth, wire
from server.parts import parts
from server.wire import Json


async def list_job_types(request: Request) -> Response:
    """GET /api/job-types: what can be made, how long that took of late, what is paused."""
    parts(request).access.identify(request)
    paused = await parts(request).queue.paused()
    ran = await parts(request).figures.ran()

    return Json(
        {
            "jobTypes": [
                {
                    "jobType": job_type,
                    "pausedAt": wire.moment(paused.get(job_type)),
                    "ran": _ran(ran.get(job_type)),
                }
                for job_type in JOB_TYPES
            ]
        }
    )


async def pause(request: Request) -> Response:
    """POST /api/job-types/{type}/pause: its jobs wait from now on."""
    await parts(request).queue.pause(_operated(request))
    return await list_job_types(request)


async def resume(request: Request) -> Response:
    """POST /api/job-types/{type}/resume: its jobs run again."""
    await parts(request).queue.resume(_operated(request))
    return await list_job_types(request)


async def list_workers(request: Request) -> Response:
    """GET /api/workers: who works, on how many slots, in what sandbox."""
    auth.check_may_operate(parts(request).access.identify(request))
    return Json({"workers": [_worker(row) for row in await parts(request).queue.workers()]})


async def show_figures(request: Request) -> Response:
    """GET /api/figures: the queue in seven numbers."""
    auth.check_may_operate(parts(request).access.identify(request))
    rows = [row for row in await parts(request).census.take() or () if row["job_type"] in JOB_TYPES]
    lately = await parts(request).figures.lately()
    workers = [row for row in await parts(request).queue.workers() if row["is_alive"]]

    return Json(
        {
            "waiting": sum(row["due"] for row in rows),
            "running": sum(row["jobs"] for row in rows if row["status"] == Status.PROCESSING),
            "perMinute": lately.per_minute,
            "waitP95Seconds": lately.wait_p95_seconds,
            "runP95Seconds": lately.run_p95_seconds,
            "workers": len(workers),
            "slots": sum(row["slots"] for row in workers),
        }
    )


def _operated(request: Request) -> str:
    auth.check_may_operate(parts(request).access.identify(request))
    job_type: str = request.path_params["job_type"]
    if job_type not in JOB_TYPES:
        raise HTTPException(404)

    return job_type


def _ran(ran: Ran | None) -> dict[str, Any] | None:
    return {"p50": ran.p50, "p90": ran.p90, "samples": ran.samples} if ran else None


def _worker(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "workerId": str(row["id"]),
        "hostname": row["hostname"],
        "pid": row["pid"],
        "slots": row["slots"],
        "running": row["running"],
        "isAlive": row["is_alive"],
        "startedAt": wire.moment(row["started_at"]),
        "heartbeatAt": wire.moment(row["heartbeat_at"]),
        "sandbox": row["sandbox"],
    }
