"""What real programs say of themselves after one document and one failure."""

import re

from db import settings
from tests.monitoring.conftest import Samples


def value(samples: Samples, name: str, **labels: str) -> float:
    found = [v for own, v in samples[name] if labels.items() <= own.items()]
    assert found, f"{name} has none with {labels}"

    return sum(found)


async def test_the_server_says_that_nothing_is_left(of_server: Samples):
    jobs = {(own["job_type"], own["status"]): v for own, v in of_server["pressroom_jobs"]}

    assert jobs["pdf", "pending"] == jobs["pdf", "processing"] == 0, "none is a figure too"
    assert sum(jobs.values()) == 0, "what has ended is counted by the workers"
    assert value(of_server, "pressroom_queue_due_jobs", job_type="spreadsheet") == 0
    assert value(of_server, "pressroom_queue_oldest_wait_seconds") == 0


async def test_the_server_counts_requests_by_route_and_not_by_path(of_server: Samples):
    made = {"route": "/api/jobs", "method": "POST", "status": "200"}

    assert value(of_server, "pressroom_http_requests_total", **made) == 2
    assert value(of_server, "pressroom_http_request_seconds_count", route="/api/jobs") == 2
    assert value(of_server, "pressroom_stream_frames_total") == 2
    assert value(of_server, "pressroom_streams") == 0
    for labels, _ in of_server["pressroom_http_requests_total"]:
        assert not re.search(r"[0-9a-f]{8}-", labels["route"]), "a series for each job"


async def test_the_worker_counts_waits_runs_and_outcomes(of_worker: Samples):
    made = {"job_type": "spreadsheet"}

    assert value(of_worker, "pressroom_job_wait_seconds_count", **made) == 2
    assert value(of_worker, "pressroom_attempt_run_seconds_count", **made) == 2
    for outcome in ("completed", "failed"):
        assert value(of_worker, "pressroom_attempts_total", outcome=outcome, **made) == 1
    assert value(of_worker, "pressroom_attempts_total") == 2
    assert value(of_worker, "pressroom_rescues_total") == 0


async def test_the_worker_tells_of_its_slots_and_its_sandbox(of_worker: Samples):
    slots = settings.load({}).worker_concurrency
    ((sandbox, _),) = of_worker["pressroom_sandbox_info"]

    assert value(of_worker, "pressroom_worker_slots") == slots
    assert value(of_worker, "pressroom_worker_slots", state="busy") == 0
    assert sandbox["proven"] == "yes"
    assert int(sandbox["landlock_abi"]) >= 1
    assert value(of_worker, "pressroom_sandbox_runs_total", failure="script_error") == 1
    assert value(of_worker, "pressroom_sandbox_runs_total", failure="none") == 3, "with the checks"


async def test_both_tell_of_their_connections_and_their_version(
    of_server: Samples, of_worker: Samples
):
    for samples in (of_server, of_worker):
        assert value(samples, "pressroom_listener_connected") == 1
        assert value(samples, "pressroom_listener_connected_seconds") > 0
        assert value(samples, "pressroom_listener_reconnects_total") == 0
        assert value(samples, "pressroom_pool_connections") > 1
        assert value(samples, "pressroom_build_info") == 1
        assert value(samples, "process_resident_memory_bytes") > 0
