"""Titles as people write them, and the file names they become."""

import pytest

from workers.handlers import names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Q3 sales", "Q3 sales.pdf"),
        ("Q3 sales.pdf", "Q3 sales.pdf"),
        ("../../etc/passwd", "etc passwd.pdf"),
        ("a\x00b\nc", "a b c.pdf"),
        ('he said "no": <never>', "he said no never.pdf"),
        ("דוח מכירות", "דוח מכירות.pdf"),
        ("", "fallback.pdf"),
        (None, "fallback.pdf"),
        ("...", "fallback.pdf"),
    ],
)
def test_a_title_becomes_a_file_name(title, name):
    assert names.file_name(title, "fallback", ".pdf") == name


def test_a_long_title_is_cut_between_characters():
    name = names.file_name("ש" * 300, "fallback", ".pdf")

    assert len(name.encode()) <= names.NAME_BYTES + len(".pdf")
    assert name.endswith("ש.pdf")
