"""The contract for machines: written by hand, held to the routes by a test."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from db.contract import FORMS
from db.jobs import Status
from db.payloads import JOB_TYPES
from db.previews import KINDS
from server.batches import BatchRequest
from server.events import NAMED_MOST
from server.requests import JobRequest
from server.sessions import TokenRequest
from server.wire import Json

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
UUID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}


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
            "schemas": _schemas(),
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


def _schemas() -> Schema:
    stat = _object(
        jobType=TEXT,
        status=TEXT,
        jobs=WHOLE,
        scheduled=WHOLE,
        oldestWaitSeconds=_or_null({"type": "number"}),
        medianRunSeconds=_or_null({"type": "number"}),
    )
    example = _object(documentType=TEXT, title=TEXT, fileName=TEXT, code=TEXT)
    return {
        "Job": _job(),
        "JobList": _object(jobs=_list(_ref("Job")), nextCursor=_or_null(TEXT)),
        "JobRequest": _job_request(),
        "Accepted": _object(jobId=UUID, status=STATUS, statusUrl=TEXT, eventsUrl=TEXT),
        **_batches(),
        "Artifact": _object(
            artifactId=UUID,
            jobId=UUID,
            fileName=TEXT,
            mimeType=TEXT,
            fileSize=WHOLE,
            sha256=TEXT,
            createdAt=MOMENT,
            downloadUrl=TEXT,
            previewUrl=_or_null(TEXT),
        ),
        "Preview": _preview(),
        "Sheet": _sheet(),
        "TokenRequest": _model(TokenRequest),
        "Token": _object(token=TEXT, expiresAt=MOMENT),
        "Session": _object(userId=TEXT, expiresAt=_or_null(MOMENT)),
        "Stats": _object(stats=_list(stat)),
        "Examples": _list(example),
        "Prompt": _object(documentType=TEXT, systemPrompt=TEXT, tool=OBJECT, libraries=OBJECT),
        "JobTypes": _object(jobTypes=_list(_job_type())),
        "Workers": _object(workers=_list(_worker())),
        "Figures": _figures(),
        "Problem": _object(
            type=TEXT, title=TEXT, status=WHOLE, code=TEXT, detail=TEXT, requestId=TEXT
        )
        | {"description": "`code` is stable; `field` names what is wrong in a request."},
    }


def _batches() -> Schema:
    many = _object(batchId=TEXT, batchUrl=TEXT, jobs=_list(_ref("Accepted")))
    key = {"idempotencyKey": TEXT}
    one_of_many = {"allOf": [_ref("JobRequest")], "properties": key}
    request = _model(BatchRequest)
    request["properties"]["jobs"]["items"] = one_of_many
    return {
        "AcceptedOneOrMany": {"oneOf": [_ref("Accepted"), many]},
        "Batch": _object(
            batchId=TEXT,
            jobs=WHOLE,
            final={"type": "boolean"},
            progress={"type": "integer", "minimum": 0, "maximum": 100},
            statuses=_object(**dict.fromkeys(Status, WHOLE)),
        ),
        "BatchRequest": request,
        "JobOrBatch": {"oneOf": [_ref("JobRequest"), _ref("BatchRequest")]},
    }


def _job() -> Schema:
    text_or_null, moment_or_null = _or_null(TEXT), _or_null(MOMENT)
    return _object(
        jobId=UUID,
        jobType=TEXT,
        title=text_or_null,
        status=STATUS,
        final={"type": "boolean"},
        progress={"type": "integer", "minimum": 0, "maximum": 100},
        message=text_or_null,
        stage=text_or_null,
        totalFiles=_or_null(WHOLE),
        processedFiles=_or_null(WHOLE),
        attempt=WHOLE,
        retryCount=WHOLE,
        maxRetries=WHOLE,
        retryAt=moment_or_null,
        seq=WHOLE,
        result=_or_null(OBJECT),
        error=_or_null(OBJECT),
        userId=TEXT,
        sessionId=text_or_null,
        messageId=text_or_null,
        batchId=text_or_null,
        priority=WHOLE,
        createdAt=MOMENT,
        scheduledAt=MOMENT,
        startedAt=moment_or_null,
        completedAt=moment_or_null,
        expiresAt=moment_or_null,
        statusUrl=TEXT,
        eventsUrl=TEXT,
    )


def _preview() -> Schema:
    kind: Schema = {"type": "string", "enum": sorted(set(KINDS.values()))}
    pixels = _or_null(WHOLE)
    part = _object(url=TEXT, mimeType=TEXT, title=_or_null(TEXT), width=pixels, height=pixels)
    cut = {"description": "`total` is larger than the number of parts when some were left out."}
    return _object(kind=kind, total=WHOLE, parts=_list(part)) | cut


def _sheet() -> Schema:
    align: Schema = {"type": ["string", "null"], "enum": ["start", "end", "center", None]}
    cell = _object(text=TEXT, align=align)
    cell["properties"]["bold"] = {"type": "boolean"}
    rows = _list(_list({"anyOf": [cell, {"type": "null"}]}))
    return _object(
        name=TEXT,
        columns=WHOLE,
        rows=rows,
        totalRows=WHOLE,
        totalColumns=WHOLE,
        rtl={"type": "boolean"},
    )


def _job_type() -> Schema:
    number: Schema = {"type": "number"}
    ran = _object(p50=number, p90=number, samples=WHOLE) | {"description": "seconds"}
    return _object(jobType=TEXT, pausedAt=_or_null(MOMENT), ran=_or_null(ran))


def _worker() -> Schema:
    return _object(
        workerId=UUID,
        hostname=TEXT,
        pid=WHOLE,
        slots=WHOLE,
        running=WHOLE,
        isAlive={"type": "boolean"},
        startedAt=MOMENT,
        heartbeatAt=MOMENT,
        sandbox=_or_null(OBJECT),
    )


def _figures() -> Schema:
    seconds = _or_null({"type": "number"})
    return _object(
        waiting=WHOLE,
        running=WHOLE,
        perMinute=WHOLE,
        waitP95Seconds=seconds,
        runP95Seconds=seconds,
        workers=WHOLE,
        slots=WHOLE,
    )


def _job_request() -> Schema:
    schema = _model(JobRequest)
    schema["properties"]["documentType"] |= {"enum": list(JOB_TYPES)}
    schema["properties"]["code"] |= TEXT
    schema["required"] = ["documentType", "code"]

    return schema


def _model(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True)


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str) -> Schema:
    return {"description": name, "content": {"application/json": {"schema": _ref(name)}}}


def _problem() -> Schema:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
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
        content = {"application/json": {"schema": _ref(body)}}
        call["requestBody"] = {"required": True, "content": content}

    return call


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": UUID}


def _in_query(name: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "query", "schema": schema}


def _in_header(name: str) -> Schema:
    return {"name": name, "in": "header", "schema": TEXT}


STATUS: Schema = {"type": "string", "enum": list(Status)}
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
            "application/json": {"schema": _ref("Sheet")},
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
