"""Waits between retries."""

from datetime import timedelta

from workers import backoff


def longest(low: float, high: float) -> float:
    return high


def test_it_doubles_up_to_a_limit():
    waits = [backoff.delay(n, longest) for n in (0, 1, 2, 40)]

    assert waits == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8), backoff.MOST]


def test_the_jitter_is_full():
    assert {backoff.delay(3).total_seconds() < 8 for _ in range(100)} == {True, False}
