"""A few faults under steady load; `./dev soak chaos` throws all of them, and measures."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.chaos import faults
from tests.chaos.load import Load
from tests.chaos.system import Victim, descendants, victim
from tests.chaos.verdict import broken_promises, completed
from tests.ends import gone

FAULTS = [
    faults.kill_worker,
    faults.kill_server,
    faults.kill_warm_parent,
    faults.restart_postgres_immediately,
    faults.cut_the_network,
]


@pytest.mark.timeout(240)
def test_nothing_accepted_is_lost_or_done_twice_whatever_is_killed(tmp_path: Path):
    with victim(tmp_path, lease_seconds=4) as target:
        broken = asyncio.run(throw(target))
        family = [pid for name in target.system.minders for pid in everybody(target, name)]

    assert broken == []
    assert gone(family)


async def throw(target: Victim) -> list[str]:
    load = Load(target.system.url, rate=2)
    async with load.running(), asyncio.timeout(200):
        for fault in FAULTS:
            await fault(target)
            since = time.time()
            while not await completed(target, since):  # noqa: ASYNC110 - the workers complete it
                await asyncio.sleep(0.1)

    return await broken_promises(target, load)


def everybody(target: Victim, name: str) -> list[int]:
    pid = target.pid(name)
    return [pid, *descendants(pid)] if pid else []
