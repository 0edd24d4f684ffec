"""Settings: read once, wrong ones named with the fix."""

from datetime import timedelta

import pytest

from db import settings
from db.errors import SettingInvalid


def test_the_defaults_serve_one_developer_on_this_machine():
    default = settings.load({})

    assert default.is_local
    assert (default.port, default.lease) == (8000, timedelta(seconds=10))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PRESSROOM_PORT", "http"),
        ("PRESSROOM_LEASE_SECONDS", "0"),
        ("PRESSROOM_LEASE_SECONDS", "-3"),
        ("PRESSROOM_LEASE_SECONDS", "nan"),
        ("PRESSROOM_WORKER_CONCURRENCY", "0"),
        ("PRESSROOM_AUTH", "none"),
        ("PRESSROOM_JOB_MEMORY_MIB", "64"),
        ("PRESSROOM_ALLOW_UNSANDBOXED", "yes"),
        ("PRESSROOM_METRICS_PORT", "none"),
        ("PRESSROOM_LOG", "xml"),
        ("PRESSROOM_RUNNING_PER_TYPE", "pdf"),
        ("PRESSROOM_RUNNING_PER_TYPE", "pdf:0"),
        ("PRESSROOM_RUNNING_PER_TYPE", "pdf:1,pdf:2"),
    ],
)
def test_a_wrong_value_names_the_variable(name, text):
    with pytest.raises(SettingInvalid, match=name):
        settings.load({name: text})


def test_limits_are_told_by_job_type():
    told = settings.load({"PRESSROOM_RUNNING_PER_TYPE": "presentation:2, pdf:8"})

    assert told.running_per_type == {"presentation": 2, "pdf": 8}


def test_an_empty_variable_is_the_default():
    assert settings.load({"PRESSROOM_PORT": ""}).port == 8000


def test_an_address_that_others_reach_needs_auth():
    with pytest.raises(SettingInvalid, match="PRESSROOM_JWT_SECRET"):
        settings.load({"PRESSROOM_HOST": "0.0.0.0"})


def test_a_short_secret_is_refused():
    with pytest.raises(SettingInvalid, match="32 bytes"):
        settings.load({"PRESSROOM_AUTH": "token", "PRESSROOM_JWT_SECRET": "short"})


def test_every_variable_is_documented_once():
    names = [name for name, _, meaning in settings.documented() if meaning]

    assert len(names) == len(set(names)) == len(settings.fields(settings.Settings))


def test_a_secret_can_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("s" * 32 + "\n")

    read = settings.load({"PRESSROOM_JWT_SECRET_FILE": str(tmp_path / "secret")})

    assert read.jwt_secret == "s" * 32


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingInvalid, match="DATABASE_URL_FILE"):
        settings.load({"DATABASE_URL_FILE": str(tmp_path / "none")})
