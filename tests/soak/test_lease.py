"""Ten thousand leases that end under their writers."""

import time

import pytest

from db.pool import Pool
from tests.lease import AT_ONCE, race

RACES = 10_000


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_lease(pool: Pool):
    started = time.monotonic()
    lost, stale = await race(pool, RACES // AT_ONCE)
    seconds = time.monotonic() - started
    print(f"\n{RACES} races, {lost} leases lost, {stale} stale writes stood, {seconds:.0f} s")

    assert 0 < lost < RACES, "neither side always came first"
    assert stale == 0
