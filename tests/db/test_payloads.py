"""What is refused, and which field is named."""

import pytest

from db import payloads
from db.errors import JobTypeUnknown, PayloadInvalid

LIMIT = 1024


def test_a_payload_is_stored_as_it_came():
    raw = {"code": "print('שלום')\n", "data": {"rows": [1, 2.5, None, True]}}

    assert payloads.parse("pdf", raw, code_limit_bytes=LIMIT) == raw


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({}, "code"),
        ({"code": ""}, "code"),
        ({"code": " \n\t"}, "code"),
        ({"code": 7}, "code"),
        ({"code": ["a"]}, "code"),
        ({"code": "x" * (LIMIT + 1)}, "code"),
        ({"code": "é" * (LIMIT // 2 + 1)}, "code"),
        ({"code": "a\x00b"}, "code"),
        ({"code": "\ud800"}, "code"),
        ({"code": "pass", "data": {"a": [{"b": "\x00"}]}}, "data.a.0.b"),
        ({"code": "pass", "data": {"\x00": 1}}, "data.\x00"),
        ({"code": "pass", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_payload_names_its_field(raw, field):
    with pytest.raises(PayloadInvalid) as refusal:
        payloads.parse("pdf", raw, code_limit_bytes=LIMIT)

    assert refusal.value.field == field


def test_an_unknown_type_names_the_known_ones():
    with pytest.raises(JobTypeUnknown, match="spreadsheet, document, pdf, presentation"):
        payloads.parse("hologram", {"code": "pass"}, code_limit_bytes=LIMIT)


def test_the_depth_of_the_data_breaks_nothing():
    deep: object = "\x00"
    for _ in range(5000):
        deep = [deep]

    with pytest.raises(PayloadInvalid, match="NUL"):
        payloads.refuse_unstorable({"data": deep})
