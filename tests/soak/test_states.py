"""The state machine for minutes: every legal arrow, and no other."""

import asyncio
import time

import pytest
from hypothesis import Phase, settings

from tests.db.life import LEGAL
from tests.db.test_state_machine import live

LONG = settings(max_examples=60, stateful_step_count=80, phases=[Phase.generate])


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_states(database_url: str, minutes: float):
    end, arrows = time.monotonic() + minutes * 60, set()
    while not arrows or time.monotonic() < end:
        arrows |= await asyncio.to_thread(live, database_url, LONG)

    assert arrows == LEGAL
