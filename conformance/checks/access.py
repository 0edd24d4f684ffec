"""Who may listen, and what the others are told."""

from conformance.http import Http
from conformance.suite import check, require
from conformance.target import NOBODY, Skipped, Target


async def _refusal(target: Target, path: str) -> tuple[int, dict[str, str], dict[str, object]]:
    answer = await target.ask("GET", path)
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        answer.close()
        return answer.status, answer.headers, {}

    return answer.status, answer.headers, await answer.json() or {}


@check("access")
async def unknown_is_404(target: Target) -> None:
    """A job that is not there has no stream: 404, not an empty 200."""
    status, _, _ = await _refusal(target, f"/api/jobs/{NOBODY}/events")
    require(status == 404, f"it was {status}")


@check("access")
async def malformed_is_404(target: Target) -> None:
    """An id that cannot be is as unknown as any other."""
    for text in ("x", "%20", "1" * 300, "..%2f..", "%F0%9F%98%80"):
        status, _, _ = await _refusal(target, f"/api/jobs/{text}/events")
        require(status == 404, f"{text:.20} was {status}")


@check("access")
async def refusals_are_problems(target: Target) -> None:
    """A refusal is application/problem+json with a stable code."""
    _, headers, body = await _refusal(target, f"/api/jobs/{NOBODY}/events")
    found = headers.get("content-type", "")
    require(found.startswith("application/problem+json"), f"it is {found!r}")
    require(body.get("code") == "job_not_found", f"its code is {body.get('code')!r}")


@check("access")
async def refusals_are_not_kept(target: Target) -> None:
    """No cache keeps a refusal."""
    _, headers, _ = await _refusal(target, f"/api/jobs/{NOBODY}/events")
    require("no-store" in headers.get("cache-control", ""), "one may")


@check("access")
async def nobody_is_refused(target: Target) -> None:
    """Without a token there is 401, before any byte of a stream."""
    if target.token is None:
        raise Skipped("no --token was given")
    answer = await Http(target.url, {}).ask("GET", f"/api/jobs/{await target.submit()}/events")
    answer.close()
    require(answer.status == 401, f"it was {answer.status}")


@check("access")
async def a_short_token_opens_its_stream(target: Target) -> None:
    """POST /api/tokens gives what ?token= takes, for this job and for no other."""
    if target.token is None:
        raise Skipped("no --token was given")
    job_id, other = await target.submit(), await target.submit()
    asked = {"scope": "events", "jobId": job_id}
    token = (await (await target.ask("POST", "/api/tokens", body=asked)).json())["token"]
    found = []
    for one in (job_id, other):
        path = f"/api/jobs/{one}/events?token={token}"
        answer = await Http(target.url, {}).ask("GET", path)
        answer.close()
        found.append(answer.status)
    require(found == [200, 404], f"they were {found}")
