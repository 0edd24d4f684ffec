"""Every fault, again and again, under steady load."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.chaos import faults
from tests.chaos.faults import Fault
from tests.chaos.load import Load
from tests.chaos.system import Victim, small_folder, victim
from tests.chaos.verdict import Felt, broken_promises, feel, outcomes

RATE = 3
SOON_SECONDS = 10


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_chaos(tmp_path: Path, minutes: float):
    with small_folder() as small, victim(tmp_path, lease_seconds=10, scratch=small) as target:
        chosen = [*faults.ALL, faults.fill_the_scratch] if small else faults.ALL
        felt, broken, ends = asyncio.run(_throw(target, chosen, minutes))

    show(felt, ends)
    if small is None:
        print("the scratch was not filled: nobody but root may mount a small one")
    assert broken == []
    late = [f for f in felt if f.back_after_seconds is None or f.back_after_seconds > SOON_SECONDS]
    assert not late, f"not back within {SOON_SECONDS} s: {late}"


async def _throw(
    target: Victim, chosen: list[Fault], minutes: float
) -> tuple[list[Felt], list[str], dict[str, int]]:
    felt: list[Felt] = []
    end = time.monotonic() + minutes * 60
    load = Load(target.system.url, RATE)
    async with load.running():
        while len(felt) < len(chosen) or time.monotonic() < end:
            felt.append(await feel(chosen[len(felt) % len(chosen)], target, load))
            show(felt[-1:], {})

    return felt, await broken_promises(target, load), await outcomes(target)


def show(felt: list[Felt], ends: dict[str, int]) -> None:
    for f in felt:
        back = "never" if f.back_after_seconds is None else f"{f.back_after_seconds:5.1f} s"
        print(
            f"{f.name:<40} lasted {f.lasted_seconds:5.1f} s, "
            f"{f.completed_meanwhile:3} completed   back at 90 % after {back}"
        )
    if ends:
        print(", ".join(f"{count} {what}" for what, count in sorted(ends.items())))
