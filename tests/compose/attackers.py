"""Runs inside the worker's container: every attack of the suite against its sandbox there.

Prints {"report": …, "tried": …, "through": {name: what it said}, "seen": …} as JSON; `seen` is
whether a path that is known exactly can be told to exist. Arguments take layers away.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from db import settings
from tests.workers.sandbox.attacks.suite import ATTACKS, JUDGE, missing, runs
from tests.workers.sandbox.attacks.targets import Targets
from workers.sandbox import Limits, Sandbox, Script

ORACLE = {"oracle": "import os; os.stat(DATA['prey'])"}
LIMITS = Limits(wall=timedelta(seconds=60))


async def main(without: frozenset[str]) -> None:
    """Attack, and tell."""
    configured = replace(settings.load(), allow_unsandboxed=bool(without))
    async with Sandbox(configured, slots=1, without=without) as sandbox:
        with targets() as prey:
            before = prey.seen_from_outside()
            said: dict[str, str] = {}
            for group in runs():
                codes = {name: attack.code for name, attack in group.items()}
                said |= await attack(sandbox, prey, codes)
            seen = await attack(sandbox, prey, ORACLE)
            is_untouched = prey.seen_from_outside() == before

        told = {
            "report": sandbox.report,
            "tried": len(said),
            "through": {name: word for name, word in said.items() if word != "refused"},
            "wrong": wrong(said, without | missing(sandbox.report), sandbox.report),
            "untouched": is_untouched,
            "seen": seen["oracle"] == "open",
        }
    print(json.dumps(told))


@contextmanager
def targets() -> Iterator[Targets]:
    """What the attackers are after, in a folder of the worker's."""
    # Beside the runs: where root may not make them in the image's folder, they are in /tmp, too.
    where = "/tmp" if os.geteuid() == 0 else settings.load().data_dir
    with tempfile.TemporaryDirectory(dir=where) as folder, ExitStack() as stack:
        yield Targets(Path(folder), stack)


async def attack(sandbox: Sandbox, prey: Targets, codes: dict[str, str]) -> dict[str, str]:
    """Make some attacks in one run; what became of each."""
    data = {"attacks": codes, "targets": prey.named}
    script = Script(code=JUDGE, file_name="out.txt", title="", data=data)
    async with sandbox.run(script, LIMITS) as ended:
        if ended.failure is None and not ended.stdout:
            return dict.fromkeys(codes, "open")  # it became something else
        assert ended.failure is None, ended
        said: dict[str, str] = json.loads(ended.stdout)

    return said


def wrong(said: dict[str, str], absent: frozenset[str], report: dict[str, Any]) -> dict[str, str]:
    """What did not end as the table of attacks has it, without these layers."""
    expected = {name: ATTACKS[name].gets_through(absent, report["landlock_abi"]) for name in said}
    return {n: word for n, word in said.items() if expected[n] not in (None, word == "open")}


if __name__ == "__main__":
    asyncio.run(main(frozenset(sys.argv[1:])))
