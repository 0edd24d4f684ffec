"""Each alert fires for its sickness, and none while all is well."""

import asyncio
import shutil
from pathlib import Path

import pytest
import yaml

from tests.monitoring.conftest import ALERTS, ROOT, RULES

PROMTOOL = shutil.which("promtool")


def test_every_alert_says_what_to_do():
    runbook = (ROOT / "RUNBOOK.md").read_text()
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]
        assert f"\n### {rule['alert']}\n" in runbook
        assert rule["annotations"]["runbook"] == f"RUNBOOK.md#{rule['alert'].lower()}"


# An hour of a system that is well, a sample a minute.
WELL = {
    'pressroom_streams{instance="s"}': "0x60",
    'pressroom_jobs{job_type="pdf",status="pending"}': "9x60",
    'pressroom_queue_oldest_wait_seconds{job_type="pdf"}': "3x60",
    'pressroom_worker_slots{instance="w",state="busy"}': "1x60",
    'pressroom_listener_connected{instance="s"}': "1x60",
    'pressroom_listener_connected{instance="w"}': "1x60",
    'pressroom_rescues_total{instance="w",status="pending"}': "0x60",
    'pressroom_rescues_total{instance="w",status="failed"}': "0x60",
    'pressroom_attempts_total{instance="w",outcome="completed"}': "0+10x60",
    'pressroom_attempts_total{instance="w",outcome="failed"}': "0+3x60",
    'pressroom_attempts_total{instance="w",outcome="retried"}': "0x60",
    'pressroom_sandbox_info{instance="w",proven="yes"}': "1x60",
    'pressroom_sandbox_runs_total{instance="w",failure="sandbox_lost"}': "0x60",
    'pressroom_http_requests_total{route="/api/jobs",status="202"}': "0+100x60",
    'pressroom_http_requests_total{route="/api/jobs",status="503"}': "0+1x60",
    'pressroom_http_requests_total{route="/readyz",status="503"}': "0+100x60",
    'pressroom_pool_connections{instance="s",state="busy"}': "1x60",
    'pressroom_pool_connections{instance="s",state="idle"}': "1x60",
    'pressroom_pool_connections{instance="s",state="free"}': "8x60",
}
# What is different where the alert must fire; None: the series is not there.
SICK: dict[str, dict[str, str | None]] = {
    "PressroomServerGone": {'pressroom_streams{instance="s"}': None},
    "PressroomWorkerGone": {'pressroom_worker_slots{instance="w",state="busy"}': None},
    "PressroomDatabaseGone": {'pressroom_jobs{job_type="pdf",status="pending"}': None},
    "PressroomQueueWaits": {'pressroom_queue_oldest_wait_seconds{job_type="pdf"}': "0+60x60"},
    "PressroomListenerLost": {'pressroom_listener_connected{instance="w"}': "0x60"},
    "PressroomWorkersDie": {
        'pressroom_rescues_total{instance="w",status="pending"}': "0x50 2 4 6x8"
    },
    "PressroomPoisonJob": {'pressroom_rescues_total{instance="w",status="failed"}': "0x50 1x9"},
    "PressroomAttemptsRetried": {
        'pressroom_attempts_total{instance="w",outcome="retried"}': "0+3x60"
    },
    "PressroomMostJobsFail": {'pressroom_attempts_total{instance="w",outcome="failed"}': "0+20x60"},
    "PressroomSandboxOpen": {'pressroom_sandbox_info{instance="w",proven="no"}': "1x60"},
    "PressroomSandboxLost": {
        'pressroom_sandbox_runs_total{instance="w",failure="sandbox_lost"}': "0+1x60"
    },
    "PressroomServerErrors": {
        'pressroom_http_requests_total{route="/api/jobs",status="503"}': "0+20x60"
    },
    "PressroomPoolExhausted": {
        'pressroom_pool_connections{instance="s",state="busy"}': "10x60",
        'pressroom_pool_connections{instance="s",state="idle"}': "0x60",
        'pressroom_pool_connections{instance="s",state="free"}': "0x60",
    },
}


def test_every_alert_has_its_sickness():
    assert {rule["alert"] for rule in ALERTS} == set(SICK)


@pytest.mark.skipif(PROMTOOL is None, reason="no `promtool` on the PATH (Debian: prometheus)")
@pytest.mark.parametrize("sickness", [None, *SICK])
async def test_an_alert_fires_for_its_sickness_and_for_no_other(
    tmp_path: Path, sickness: str | None
):
    series = {**WELL, **SICK.get(sickness or "", {})}
    firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    expected = [{"labels": f'{{alertname="{sickness}"}}', "value": 1}] if sickness else []
    case = {
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in series.items() if v],
        "promql_expr_test": [{"expr": firing, "eval_time": "59m", "exp_samples": expected}],
    }
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(RULES))
    (tmp_path / "case.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [case]})
    )

    process = await asyncio.create_subprocess_exec(
        str(PROMTOOL), "test", "rules", "case.yml", cwd=tmp_path, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()

    assert process.returncode == 0, (out + err).decode()
