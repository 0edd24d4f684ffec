"""What goes in and out, as JSON Schema: the fields that the routes' answers have."""

from typing import Any

from pydantic import BaseModel

from db.jobs import Status
from db.payloads import JOB_TYPES
from db.previews import KINDS
from server.batches import BatchRequest
from server.requests import JobRequest
from server.sessions import TokenRequest

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
UUID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}
STATUS: Schema = {"type": "string", "enum": list(Status)}


def components() -> Schema:
    """Every schema, by its name."""
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
        "JobList": _object(jobs=_list(ref("Job")), nextCursor=_or_null(TEXT)),
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
    many = _object(batchId=TEXT, batchUrl=TEXT, jobs=_list(ref("Accepted")))
    key = {"idempotencyKey": TEXT}
    one_of_many = {"allOf": [ref("JobRequest")], "properties": key}
    request = _model(BatchRequest)
    request["properties"]["jobs"]["items"] = one_of_many
    return {
        "AcceptedOneOrMany": {"oneOf": [ref("Accepted"), many]},
        "Batch": _object(
            batchId=TEXT,
            jobs=WHOLE,
            final={"type": "boolean"},
            progress={"type": "integer", "minimum": 0, "maximum": 100},
            statuses=_object(**dict.fromkeys(Status, WHOLE)),
        ),
        "BatchRequest": request,
        "JobOrBatch": {"oneOf": [ref("JobRequest"), ref("BatchRequest")]},
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


def ref(name: str) -> Schema:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/{name}"}
