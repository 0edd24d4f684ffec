"""How much a page has to load for a card."""

import gzip

from tests.client.test_client import CLIENT, bare, needed_by

SHEETS = ("tokens", "controls", "document-job", "failure")


def test_card_weighs_less_than_twenty_kilobytes():
    """With its styles and English, before anybody looks into a document."""
    modules = sorted(needed_by(CLIENT / "document-job.js"))
    files = [*modules, *(CLIENT / f"{name}.css" for name in SHEETS)]

    weight = len(gzip.compress("".join(bare(path.read_text()) for path in files).encode()))

    assert weight < 20_000


def test_every_language_says_everything():
    """The type checker compares the files; this one compares what is in the nested tables."""
    english, hebrew = (keys_of(CLIENT / "words" / f"{name}.js") for name in ("en", "he"))

    assert english == hebrew


def keys_of(path):
    return {line.split(":")[0].strip() for line in path.read_text().splitlines() if is_entry(line)}


def is_entry(line):
    return (
        line[:2] == "  " and line[2:3].isalpha() and ":" in line and "=>" not in line.split(":")[0]
    )
