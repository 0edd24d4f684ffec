"""Nobody sees another's job, by any route; nothing is told but that it does not exist."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from starlette.routing import Route

from db.queue import Page, Queue
from server.app import ROUTES
from tests.server.conftest import NOBODYS_ID, SECRET, SERVICE, SERVICE_KEY, bearer

JOB = [
    ("GET", "/api/jobs/{job}"),
    ("GET", "/api/jobs/{job}/status"),
    ("GET", "/api/jobs/{job}?include=payload,attempts"),
    ("GET", "/api/jobs/{job}/events"),
    ("HEAD", "/api/jobs/{job}/events"),
    ("POST", "/api/jobs/{job}/cancel"),
    ("POST", "/api/jobs/{job}/retry"),
    ("POST", "/api/tokens", {"scope": "events", "jobId": "{job}"}),
]
ARTIFACT = [
    ("GET", "/api/artifacts/{artifact}"),
    ("GET", "/api/artifacts/{artifact}/download"),
    ("HEAD", "/api/artifacts/{artifact}/download"),
    ("GET", "/api/artifacts/{artifact}/preview"),
    ("POST", "/api/tokens", {"scope": "artifact", "artifactId": "{artifact}"}),
]
OWN = [
    ("GET", "/api/jobs"),
    ("GET", "/api/events"),
    ("POST", "/api/jobs", {"code": "x", "documentType": "pdf"}),
    ("POST", "/api/jobs/enqueue", {"code": "x", "documentType": "pdf", "userId": "ada"}),
    ("POST", "/api/session"),
    ("GET", "/api/artifacts/{artifact}/preview/{number}"),
    ("GET", "/api/batches/{batch}"),
    ("GET", "/api/prompt"),
    ("GET", "/api/stats"),
    ("GET", "/api/figures"),
    ("GET", "/api/workers"),
    ("GET", "/api/job-types"),
    ("POST", "/api/job-types/{job_type}/pause"),
    ("POST", "/api/job-types/{job_type}/resume"),
    ("GET", "/api/examples"),
    ("GET", "/metrics"),
]


async def call(
    client: httpx2.AsyncClient, route: Any, job: Any, headers: dict[str, str]
) -> httpx2.Response:
    method, path, *body = route
    names = {"{job}": str(job.id), "{artifact}": job.result["artifact_id"]}
    for name, value in names.items():
        path = path.replace(name, value)
        body = [{k: v.replace(name, value) for k, v in fields.items()} for fields in body]
    # One id for all, or no two answers would be the same.
    headers = {"X-Request-Id": "same", **headers}
    return await client.request(method, path, headers=headers, json=body[0] if body else None)


def expected(route: Any) -> int:
    """How a route answers who may."""
    odd = {"/api/jobs/{job}/retry": 409, "/api/artifacts/{artifact}/preview": 202}
    return odd.get(route[1], 201 if route[2:] else 200)


class TestOwnership:
    async def test_anothers_is_as_unknown_as_none(
        self, guarded: httpx2.AsyncClient, complete: Any, queue: Queue
    ):
        job = await complete(user_id="ada", payload={"code": "secret"})
        unknown = job._replace(id=UUID(NOBODYS_ID), result={"artifact_id": NOBODYS_ID})

        for route in JOB + ARTIFACT:
            anothers = await call(guarded, route, job, bearer("mallory"))
            none = await call(guarded, route, unknown, bearer("mallory"))

            assert (anothers.status_code, none.status_code) == (404, 404), route
            assert anothers.content == none.content, route
            assert dict(anothers.headers) == dict(none.headers), route
        assert await queue.get(job.id) == job, "it was touched"

    @pytest.mark.parametrize(
        "headers",
        [bearer("ada"), bearer("root", role="admin"), SERVICE],
        ids=["owner", "admin", "service"],
    )
    async def test_the_owner_admins_and_backends_get_through(
        self, guarded: httpx2.AsyncClient, complete: Any, headers: dict[str, str]
    ):
        job = await complete(user_id="ada")

        for route in JOB + ARTIFACT:
            answer = await call(guarded, route, job, headers)

            assert answer.status_code == expected(route), route

    async def test_without_a_token_there_is_nothing(
        self, guarded: httpx2.AsyncClient, complete: Any, queue: Queue
    ):
        job = await complete(user_id="ada")

        for route in JOB + ARTIFACT + OWN:
            answer = await call(guarded, route, job, {})

            assert answer.status_code == 401, route
            assert answer.headers["www-authenticate"] == "Bearer"
        assert await queue.get(job.id) == job, "it was touched"
        assert len(await queue.list(Page())) == 1

    def test_no_route_is_forgotten(self):
        """A new route must say here whose it is."""
        public = {"/", "/jobs", "/healthz", "/readyz", "/openapi.json"}
        tried = {path.partition("?")[0] for _, path, *_ in JOB + ARTIFACT + OWN}

        paths = {route.path_format for route in ROUTES if isinstance(route, Route)}
        named = {path.replace("_id}", "}") for path in paths - public}
        assert named == tried

    async def test_a_list_shows_ones_own(self, guarded: httpx2.AsyncClient, enqueue: Any):
        await enqueue(user_id="ada", session_id="shared")
        await enqueue(user_id="grace", session_id="shared")

        async def users(headers: dict[str, str], query: str = "") -> list[str]:
            answer = await guarded.get(f"/api/jobs?sessionId=shared{query}", headers=headers)
            return sorted(job["userId"] for job in answer.json()["jobs"])

        assert await users(bearer("ada")) == ["ada"]
        assert await users(bearer("ada"), "&userId=ada") == ["ada"]
        assert await users(bearer("root", role="admin")) == ["ada", "grace"]
        assert await users(SERVICE, "&userId=grace") == ["grace"]
        refused = await guarded.get("/api/jobs?userId=grace", headers=bearer("ada"))
        assert refused.status_code == 403

    async def test_figures_of_all_are_for_admins(self, guarded: httpx2.AsyncClient):
        refused = await guarded.get("/api/stats", headers=bearer("ada"))
        shown = await guarded.get("/api/stats", headers=bearer("root", role="admin"))

        assert (refused.status_code, shown.status_code) == (403, 200)


class TestWhoseJob:
    @pytest.mark.parametrize(
        ("headers", "user_id", "status", "owner"),
        [
            (bearer("ada"), None, 202, "ada"),
            (bearer("ada"), "ada", 202, "ada"),
            (bearer("7"), 7, 202, "7"),
            (bearer("ada"), "grace", 403, None),
            (bearer("root", role="admin"), "grace", 403, None),
            (SERVICE, "grace", 202, "grace"),
            (SERVICE, None, 422, None),
        ],
    )
    async def test_the_token_decides(
        self,
        guarded: httpx2.AsyncClient,
        queue: Queue,
        headers: dict[str, str],
        user_id: Any,
        status: int,
        owner: str | None,
    ):
        asked = {"code": "x", "documentType": "pdf"} | ({"userId": user_id} if user_id else {})

        answer = await guarded.post("/api/jobs", json=asked, headers=headers)

        assert answer.status_code == status
        assert [job.user_id for job in await queue.list(Page())] == ([owner] if owner else [])

    async def test_the_backends_door_is_closed_to_users(self, guarded: httpx2.AsyncClient):
        asked = {"code": "x", "documentType": "pdf", "userId": "ada"}

        answer = await guarded.post("/api/jobs/enqueue", json=asked, headers=bearer("ada"))
        backend = await guarded.post("/api/jobs/enqueue", json=asked, headers=SERVICE)

        assert (answer.status_code, backend.status_code) == (403, 202)

    @pytest.mark.parametrize(
        ("headers", "priority", "status"),
        [(bearer("ada"), -5, 202), (bearer("ada"), 1, 422), (SERVICE, 1, 202)],
    )
    async def test_no_user_passes_another(
        self, guarded: httpx2.AsyncClient, headers: dict[str, str], priority: int, status: int
    ):
        asked = {"code": "x", "documentType": "pdf", "userId": "ada", "priority": priority}

        answer = await guarded.post("/api/jobs", json=asked, headers=headers)

        assert answer.status_code == status
        assert status == 202 or answer.json()["field"] == "priority"

    async def test_keys_of_two_users_do_not_meet(self, guarded: httpx2.AsyncClient):
        asked = {"code": "x", "documentType": "pdf"}

        answers = [
            await guarded.post(
                "/api/jobs", json=asked, headers=bearer(user) | {"Idempotency-Key": "k"}
            )
            for user in ("ada", "grace")
        ]

        assert answers[0].json()["jobId"] != answers[1].json()["jobId"]


def signed(claims: dict[str, Any], key: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


AGO = datetime.now(UTC) - timedelta(minutes=1)
BAD_TOKENS = {
    "empty": "",
    "nonsense": "nonsense",
    "other key": signed({"sub": "ada"}, "x" * 40),
    "expired": signed({"sub": "ada", "exp": AGO}),
    "unsigned": jwt.encode({"sub": "ada"}, None, algorithm="none"),
    "no sub": signed({"role": "admin"}),
    "number as sub": signed({"sub": 7}),
    "empty sub": signed({"sub": ""}),
    "endless sub": signed({"sub": "a" * 6000}),
    "unstorable sub": signed({"sub": "a\x00"}),
    "half a surrogate": signed({"sub": "\ud800"}),
    "exp of the far future": signed({"sub": "ada", "exp": 10**18}),
    "prefix of a key": SERVICE_KEY[:-1],
    "two keys": f"another-key,{SERVICE_KEY}",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_a_bad_token_is_no_token(guarded: httpx2.AsyncClient, token: str):
    answer = await guarded.get("/api/jobs", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("claims", [{}, {"aud": "authenticated"}, {"aud": ["a", "b"]}, {"iat": 1}])
async def test_user_tokens_of_any_issuer_are_read(guarded: httpx2.AsyncClient, claims: Any):
    token = signed({"sub": "ada", **claims})

    answer = await guarded.get("/api/jobs", headers={"Authorization": f"bearer {token}"})

    assert answer.status_code == 200


class TestShortTokens:
    async def token(self, client: httpx2.AsyncClient, **asked: Any) -> str:
        answer = await client.post("/api/tokens", json=asked, headers=bearer("ada"))
        assert answer.status_code == 201, answer.text
        left = datetime.fromisoformat(answer.json()["expiresAt"]) - datetime.now(UTC)
        assert timedelta(minutes=4) < left <= timedelta(minutes=5)
        return str(answer.json()["token"])

    async def test_who_names_no_scope_is_told_which_there_are(self, guarded: httpx2.AsyncClient):
        answer = await guarded.post("/api/tokens", json={}, headers=bearer("ada"))

        assert answer.json()["detail"] == "scope: is missing; it is events or artifact"

    async def test_a_jobs_token_opens_its_stream_and_nothing_else(
        self, guarded: httpx2.AsyncClient, complete: Any
    ):
        job, other = await complete(user_id="ada"), await complete(user_id="ada")
        token = await self.token(guarded, scope="events", jobId=str(job.id))
        artifact = f"/api/artifacts/{job.result['artifact_id']}"

        statuses = [
            (await guarded.get(f"{path}?token={token}")).status_code
            for path in (
                f"/api/jobs/{job.id}/events",
                f"/api/jobs/{other.id}/events",
                f"/api/jobs/{job.id}",
                "/api/jobs",
                artifact,
                f"{artifact}/download",
            )
        ]

        assert statuses == [200, 404, 401, 401, 404, 404]
        as_bearer = await guarded.get("/api/jobs", headers={"Authorization": f"Bearer {token}"})
        assert as_bearer.status_code == 401

    async def test_an_artifacts_token_opens_it_and_nothing_else(
        self, guarded: httpx2.AsyncClient, complete: Any
    ):
        job, other = await complete(user_id="ada"), await complete(user_id="ada")
        artifact_id = job.result["artifact_id"]
        token = await self.token(guarded, scope="artifact", artifactId=artifact_id)

        statuses = [
            (await guarded.get(f"{path}?token={token}")).status_code
            for path in (
                f"/api/artifacts/{artifact_id}",
                f"/api/artifacts/{artifact_id}/download",
                f"/api/artifacts/{other.result['artifact_id']}/download",
                f"/api/jobs/{job.id}/events",
            )
        ]

        assert statuses == [200, 200, 404, 404]

    async def test_a_sessions_token_opens_the_streams_of_its_users_jobs(
        self, guarded: httpx2.AsyncClient, complete: Any
    ):
        own = await complete(user_id="ada", session_id="s1")
        elsewhere = await complete(user_id="ada", session_id="s2")
        anothers = await complete(user_id="grace", session_id="s1")
        token = await self.token(guarded, scope="events", sessionId="s1")

        statuses = [
            (await guarded.get(f"/api/jobs/{job.id}/events?token={token}")).status_code
            for job in (own, elsewhere, anothers)
        ]

        assert statuses == [200, 404, 404]

    async def test_a_user_token_is_no_token_for_urls(
        self, guarded: httpx2.AsyncClient, complete: Any
    ):
        job = await complete(user_id="ada")
        token = bearer("ada")["Authorization"].removeprefix("Bearer ")

        answer = await guarded.get(f"/api/jobs/{job.id}/events?token={token}")

        assert answer.status_code == 401

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"scope": "all"},
            {"scope": "events"},
            {"scope": "artifact"},
            {"scope": "artifact", "sessionId": "s1"},
            {"scope": "events", "jobId": NOBODYS_ID, "sessionId": "s1"},
            {"scope": "events", "sessionId": "s1", "userId": "grace"},
        ],
    )
    async def test_a_request_for_anything_else_is_refused(
        self, guarded: httpx2.AsyncClient, asked: Any
    ):
        answer = await guarded.post("/api/tokens", json=asked, headers=bearer("ada"))

        assert answer.status_code == 422
        assert answer.json()["field"]


class TestCookie:
    async def test_the_token_becomes_a_cookie_that_scripts_cannot_read(
        self, guarded: httpx2.AsyncClient
    ):
        answer = await guarded.post("/api/session", headers=bearer("ada"))

        cookie = answer.headers["set-cookie"].lower()
        assert (answer.status_code, answer.json()["userId"]) == (201, "ada")
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "secure" not in cookie
        assert (await guarded.get("/api/jobs")).status_code == 200

    async def test_it_is_secure_over_https(self, guarded: httpx2.AsyncClient):
        answer = await guarded.post("https://127.0.0.1/api/session", headers=bearer("ada"))

        assert "secure" in answer.headers["set-cookie"].lower()

    async def test_it_can_be_forgotten(self, guarded: httpx2.AsyncClient):
        await guarded.post("/api/session", headers=bearer("ada"))

        answer = await guarded.delete("/api/session")

        assert answer.status_code == 204
        assert (await guarded.get("/api/jobs")).status_code == 401

    async def test_it_does_not_work_for_pages_of_others(self, guarded: httpx2.AsyncClient):
        await guarded.post("/api/session", headers=bearer("ada"))
        asked = {"code": "x", "documentType": "pdf"}

        foreign = await guarded.post("/api/jobs", json=asked, headers={"Origin": "https://evil"})
        own = await guarded.post(
            "/api/jobs", json=asked, headers={"Origin": "http://127.0.0.1:8000"}
        )

        assert (foreign.status_code, foreign.json()["code"]) == (403, "origin_not_allowed")
        assert own.status_code == 202

    async def test_a_service_key_is_no_session(self, guarded: httpx2.AsyncClient):
        answer = await guarded.post("/api/session", headers=SERVICE)

        assert answer.status_code == 403
