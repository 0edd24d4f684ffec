"""A script that says its progress in every turn of a loop is innocent, and heard."""

from pathlib import Path
from typing import Any

import pytest

from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Progress, Sandbox, Script
from workers.sandbox.pace import AT_ONCE, SECONDS, Pace

Told = list[dict[str, Any]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands still until it is set."""
    now = [1000.0]
    monkeypatch.setattr("workers.sandbox.pace.time.monotonic", lambda: now[0])
    return now


def test_what_repeats_is_told_once(clock: list[float]) -> None:
    told: Told = []
    pace = Pace(told.append)

    for _ in range(3):
        pace.say({"percent": 5, "message": "rows"})
        pace.say({"percent": 5, "message": None})
    pace.finish()

    assert told == [{"percent": 5, "message": "rows"}]


def test_a_loop_is_told_as_it_begins_then_now_and_then_and_as_it_ends(clock: list[float]) -> None:
    told: Told = []
    pace = Pace(told.append)

    for n in range(10_000):
        pace.say({"percent": n})
        clock[0] += SECONDS / 100
    pace.finish()

    percents = [state["percent"] for state in told]
    assert percents[:AT_ONCE] == list(range(AT_ONCE))
    assert percents[-1] == 9_999
    assert AT_ONCE + 90 < len(percents) < AT_ONCE + 110


def test_what_was_held_back_keeps_what_the_next_word_does_not_say(clock: list[float]) -> None:
    told: Told = []
    pace = Pace(told.append)

    for n in range(AT_ONCE):
        pace.say({"percent": n})
    pace.say({"message": "saving"})
    pace.say({"percent": 99})
    pace.finish()

    assert told[-1] == {"percent": 99, "message": "saving"}


async def test_a_word_after_a_loop_does_not_wait_for_the_end(sandbox: Sandbox) -> None:
    """It would stand still at the loop's last words for as long as saving takes."""
    code = f"""
import os, time
progress(0, os.getcwd())
for n in range({2 * AT_ONCE}): progress(n / 4, "row")
progress(99, "saving")
while not os.path.exists("input/heard"): time.sleep(0.001)
"""
    heard: list[Progress] = []

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.message == "saving":
            Path(heard[0].message or "", "input", "heard").touch()

    async with sandbox.run(Script(code=code, file_name="a.txt", title=""), LIMITS, hear) as ended:
        assert ended.failure is None


async def test_three_hundred_thousand_words_are_no_flood(run: Runs) -> None:
    """Above 131,000 it was stopped as `output_limit`."""
    code = "for n in range(300_000): progress(n / 3000, f'row {n}')\nprint('done')"

    ended = await run(code)

    assert (ended.failure, ended.stdout) == (None, "done\n")
