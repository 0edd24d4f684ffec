"""What a job of each type takes: what HTTP accepts is what handlers get."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from db.errors import JobTypeUnknown, PayloadInvalid

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class DocumentPayload(BaseModel):
    """Python that builds one document, and JSON that it finds as DATA."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    code: str
    data: JsonValue = None


JOB_TYPES: dict[str, type[DocumentPayload]] = {
    "spreadsheet": DocumentPayload,
    "document": DocumentPayload,
    "pdf": DocumentPayload,
    "presentation": DocumentPayload,
}

# Of an artifact, made when somebody looks at it; nobody posts one.
PREVIEW = "preview"


def parse(job_type: str, raw: dict[str, Any], *, code_limit_bytes: int) -> dict[str, Any]:
    """Validate a payload and return it as it is stored. Raises PayloadInvalid, JobTypeUnknown."""
    model = JOB_TYPES.get(job_type)
    if model is None:
        known = ", ".join(JOB_TYPES)
        raise JobTypeUnknown("documentType", f"unknown type {job_type!r}; use one of {known}")

    refuse_unstorable(raw)
    try:
        payload = model.model_validate(raw)
    except ValidationError as error:
        raise first_problem(error) from None

    if not payload.code.strip():
        raise PayloadInvalid("code", "is empty; send the Python that builds the document")
    if len(payload.code.encode()) > code_limit_bytes:
        raise PayloadInvalid("code", f"is larger than {code_limit_bytes // 1024} KiB")

    return payload.model_dump(mode="json")


def refuse_unstorable(value: Any) -> None:
    """Raise PayloadInvalid for text that Postgres cannot hold, wherever it hides."""
    for path, text in _texts(value, ""):
        found = _UNSTORABLE.search(text)
        if found and found[0] == "\x00":
            raise PayloadInvalid(path, "contains a NUL character; remove it")
        if found:
            raise PayloadInvalid(path, "contains half of a surrogate pair; send whole characters")


def first_problem(error: ValidationError) -> PayloadInvalid:
    """Turn pydantic's first complaint into ours, with the field's path."""
    problem = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in problem["loc"]) or "body"
    reason = str(problem["msg"]).removeprefix("Value error, ")

    return PayloadInvalid(path, reason[:1].lower() + reason[1:])


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    # By hand, not by recursion: the depth of the value is the sender's choice.
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path or "body", value
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield f"{path}.{key}".strip("."), str(key)
                waiting.append((f"{path}.{key}".strip("."), inner))
        elif isinstance(value, list):
            waiting.extend(
                (f"{path}.{n}".strip("."), inner)
                for n, inner in enumerate(value)
                if isinstance(inner, (str, dict, list))
            )
