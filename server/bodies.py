"""Bodies of requests: read to a limit, parsed as JSON, validated by a model."""

import asyncio
import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request

from db import payloads
from db.errors import PayloadInvalid
from server.problems import Problem

DEPTH_MOST = 100
LARGE_BYTES = 64 * 1024


class Body(BaseModel):
    """A body: camelCase, snake_case understood; what is not a field is refused."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


SomeBody = TypeVar("SomeBody", bound=Body)
Understood = TypeVar("Understood")


async def read(request: Request, *, limit_bytes: int) -> bytes:
    """The body. Raises Problem 413 as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise Problem(
                413,
                "body_too_large",
                f"The body is larger than {limit_bytes // 1024} KiB.",
                headers={"Connection": "close"},  # what is still to come is not read
            )

    return bytes(body)


async def understood(body: bytes, understand: Callable[[Any], Understood]) -> Understood:
    """What a function makes of the JSON of a body.

    A body of megabytes is seconds of work, and every stream would wait for it.
    """
    if len(body) > LARGE_BYTES:
        return await asyncio.to_thread(lambda: understand(decode(body)))

    return understand(decode(body))


def decode(body: bytes) -> Any:
    """The JSON of a body. Raises Problem 400 when it is none."""
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_number, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_json", f"The body is not UTF-8: {error.reason}.") from None
    except ValueError as error:
        raise Problem(400, "invalid_json", f"The body is not JSON: {error}") from None

    _check_depth(value)
    return value


def parse(model: type[SomeBody], body: Any) -> SomeBody:
    """Validate a body. Raises PayloadInvalid with the field's path."""
    if not isinstance(body, dict):
        raise PayloadInvalid("body", "must be a JSON object")

    payloads.refuse_unstorable(body)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _first_problem(model, error) from None


def _refuse_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")

    return number


def _check_depth(value: Any) -> None:
    # What can just be read here could not be, from the database, a few calls deeper.
    level = [value]
    for _ in range(DEPTH_MOST):
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return

    raise _too_deep()


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()

    return value if isinstance(value, list) else ()


def _too_deep() -> Problem:
    return Problem(400, "invalid_json", f"The body is nested more than {DEPTH_MOST} levels deep.")


def _first_problem(model: type[Body], error: ValidationError) -> PayloadInvalid:
    problem = payloads.first_problem(error)
    match error.errors(include_url=False, include_input=False)[0]["type"]:
        case "extra_forbidden":
            known = ", ".join(str(field.alias) for field in model.model_fields.values())
            return PayloadInvalid(problem.field, f"is not known here; the fields are {known}")
        case "missing":
            return PayloadInvalid(problem.field, f"is missing{_choice(model, problem.field)}")
        case "timezone_aware":
            return PayloadInvalid(problem.field, "needs a zone, such as 2030-01-31T12:00:00Z")

    return problem


def _choice(model: type[Body], name: str) -> str:
    kinds = {field.alias: field.annotation for field in model.model_fields.values()}
    kind = kinds.get(name)

    return f"; it is {' or '.join(get_args(kind))}" if get_origin(kind) is Literal else ""
