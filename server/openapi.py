"""The contract for machines: written by hand, held to the routes by a test."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from db.contract import FORMS
from db.payloads import JOB_TYPES
from server import schemas
from server.events import NAMED_MOST
from server.schemas import STATUS, TEXT, UUID, Schema
from server.wire import Json


async def show(_request: Request) -> Response:
    """GET /openapi.json."""
    return Json(document())


@cache
def document() -> Schema:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pressroom", "version": "1", "description": __doc__},
        "paths": _paths(),
        "components": {
            "schemas": schemas.components(),
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "pressroom_session"},
                "token": {"type": "apiKey", "in": "query", "name": "token"},
            },
        },
        "security": [{"bearer": []}, {"session": []}],
    }


def _paths() -> Schema:
    return {**_paths_of_jobs(), **_paths_of_files(), **_paths_of_callers(), **_paths_of_probes()}


def _paths_of_jobs() -> Schema:
    job = [_in_path("job_id")]
    created = {"202": _json("Accepted"), "200": _json("Job")}
    stored = {"202": _json("AcceptedOneOrMany"), "200": _json("Job")}
    return {
        "/api/jobs": {
            "post": _call("Enqueue a job", created, body="JobRequest", parameters=POST_HEADERS),
            "get": _call("List jobs, newest first", {"200": _json("JobList")}, parameters=FILTERS),
        },
        "/api/jobs/enqueue": {
            "post": _call("Enqueue one or many, with a service key", stored, body="JobOrBatch")
        },
        "/api/batches/{batch_id}": {
            "get": _call("How far a batch is", {"200": _json("Batch")}, parameters=[BATCH_ID])
        },
        "/api/jobs/{job_id}": {"get": _call("The job", POLLED, parameters=[*job, INCLUDE])},
        "/api/jobs/{job_id}/status": {"get": _call("The job", POLLED, parameters=[*job, INCLUDE])},
        "/api/jobs/{job_id}/events": {
            "get": _call("The job's states until its end", STREAMED, parameters=[*job, *RESUME])
            | READER
        },
        "/api/events": {"get": _call(MANY_EVENTS, STREAM_OF_MANY, parameters=FOLLOWED) | READER},
        "/api/jobs/{job_id}/cancel": {
            "post": _call("Cancel", {"200": _json("Job")}, parameters=job)
        },
        "/api/jobs/{job_id}/retry": {
            "post": _call("Run again", {"200": _json("Job")}, parameters=job)
        },
        "/api/job-types": {"get": _call("What can be made", {"200": _json("JobTypes")})},
        "/api/job-types/{job_type}/pause": {
            "post": _call("Let its jobs wait", {"200": _json("JobTypes")}, parameters=[JOB_TYPE])
        },
        "/api/job-types/{job_type}/resume": {
            "post": _call("Let them run", {"200": _json("JobTypes")}, parameters=[JOB_TYPE])
        },
        "/api/workers": {"get": _call("Who works, for who may operate", {"200": _json("Workers")})},
        "/api/figures": {"get": _call("The queue now, for the same", {"200": _json("Figures")})},
        "/api/stats": {"get": _call("Jobs by type and status", {"200": _json("Stats")})},
        "/api/examples": {"get": _call("One script a type", {"200": _json("Examples")})},
        "/api/prompt": {
            "get": _call("What to tell a language model", {"200": _json("Prompt")}, parameters=TYPE)
        },
    }


def _paths_of_files() -> Schema:
    artifact = [_in_path("artifact_id")]
    return {
        "/api/artifacts/{artifact_id}": {
            "get": _call("About a file", {"200": _json("Artifact")}, parameters=artifact) | READER
        },
        "/api/artifacts/{artifact_id}/download": {
            "get": _call("The file", FILE, parameters=[*artifact, _in_header("Range")]) | READER
        },
        "/api/artifacts/{artifact_id}/preview": {
            "get": _call("What there is to look at", PREVIEW, parameters=artifact) | READER
        },
        "/api/artifacts/{artifact_id}/preview/{number}": {
            "get": _call("A page, a sheet, a slide", PART, parameters=[*artifact, NUMBER]) | READER
        },
    }


def _paths_of_callers() -> Schema:
    return {
        "/api/tokens": {
            "post": _call("A short token", {"201": _json("Token")}, body="TokenRequest")
        },
        "/api/session": {
            "post": _call("The token as a cookie", {"201": _json("Session")}),
            "delete": _call("Forget the cookie", {"204": {"description": "Forgotten"}}),
        },
    }


def _paths_of_probes() -> Schema:
    return {
        "/healthz": {"get": _call("The process is alive", OK) | PUBLIC},
        "/readyz": {"get": _call("Requests will be served", OK) | PUBLIC},
        "/metrics": {"get": _call("Figures for Prometheus, for who may operate", FIGURES)},
        "/openapi.json": {"get": _call("This document", OK) | PUBLIC},
    }


def _json(name: str) -> Schema:
    return {"description": name, "content": {"application/json": {"schema": schemas.ref(name)}}}


def _problem() -> Schema:
    content = {"application/problem+json": {"schema": schemas.ref("Problem")}}
    return {"description": "What was wrong", "content": content}


def _call(
    summary: str,
    responses: Schema,
    *,
    body: str | None = None,
    parameters: list[Schema] | None = None,
) -> Schema:
    call: Schema = {
        "summary": summary,
        "responses": {**responses, "default": {"$ref": "#/components/responses/Problem"}},
    }
    if parameters:
        call["parameters"] = parameters
    if body:
        content = {"application/json": {"schema": schemas.ref(body)}}
        call["requestBody"] = {"required": True, "content": content}

    return call


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": UUID}


def _in_query(name: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _in_header(name: str) -> Schema:
    return {"name": name, "in": "header", "schema": TEXT}


PUBLIC: Schema = {"security": []}
READER: Schema = {"security": [{"bearer": []}, {"session": []}, {"token": []}]}
FIGURES: Schema = {"200": {"description": "The text format", "content": {"text/plain": {}}}}
OK: Schema = {"200": {"description": "Yes"}}
POLLED: Schema = {"200": _json("Job"), "304": {"description": "As the caller knows it"}}
STREAMED: Schema = {
    "200": {
        "description": "status … job-complete | job-failed",
        "content": {"text/event-stream": {}},
    },
    "204": {"description": "The caller has the final event already"},
}
MANY_EVENTS = "The states of many jobs, for as long as the caller listens"
STREAM_OF_MANY: Schema = {
    "200": {
        "description": "The named jobs and those of the session that are not final (without"
        " either, all that the caller sees), then `ready`, then every change, without ids. A job"
        " that the caller holds for unfinished and that was not shown before `ready` has ended.",
        "content": {"text/event-stream": {}},
    }
}
FILE: Schema = {
    "200": {"description": "All of it", "content": {"application/octet-stream": {}}},
    "206": {"description": "The range"},
    "304": {"description": "As the caller has it"},
}
PREVIEW: Schema = {
    "200": _json("Preview"),
    "202": _json("Accepted"),
    "304": {"description": "As the caller has it"},
    "404": {"description": "`preview_failed`: never to be; else no such artifact"},
}
PART: Schema = {
    "200": {
        "description": "Shows, and does nothing: no script, no request of its own",
        "content": {
            "image/png": {},
            "application/json": {"schema": schemas.ref("Sheet")},
            "text/html": {},
        },
    },
    "304": {"description": "As the caller has it"},
}
NUMBER: Schema = {**_in_path("number"), "schema": {"type": "integer", "minimum": 1}}
BATCH_ID: Schema = {**_in_path("batch_id"), "schema": TEXT}
JOB_TYPE: Schema = {
    **_in_path("job_type"),
    "schema": {"type": "string", "enum": list(JOB_TYPES)},
}
INCLUDE = _in_query("include", {"type": "string", "examples": ["payload", "attempts"]})
RESUME = [_in_header("Last-Event-ID"), _in_query("lastEventId"), _in_query("unnamed")]
FOLLOWED = [
    _in_query("job", {"type": "array", "items": UUID, "maxItems": NAMED_MOST}),
    *map(_in_query, ("session", "userId", "unnamed")),
]
TYPE = [_in_query("documentType", {"type": "string", "enum": list(FORMS)})]
POST_HEADERS = [_in_header("Idempotency-Key"), _in_header("Prefer")]
FILTERS = [
    _in_query("status", STATUS),
    *map(_in_query, ("sessionId", "jobType", "batchId", "userId", "search", "cursor")),
    _in_query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
]
