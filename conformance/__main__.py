"""python -m conformance URL: make the checks, say what came of them; exit 1 when one failed."""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

import conformance.checks  # noqa: F401 - enters the checks
from conformance import suite
from conformance.suite import Verdict
from conformance.target import Broken, Target

MARKS = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}
UNREACHABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 all held, 1 some did not, 2 nobody answered."""
    asked = _parser().parse_args(arguments)
    begun = time.monotonic()
    try:
        verdicts = asyncio.run(_examine(asked))
    except Broken as broken:
        print(f"conformance: {broken}", file=sys.stderr)
        return UNREACHABLE
    if asked.json:
        print(json.dumps(_report(asked.url, verdicts), indent=2, ensure_ascii=False))
    else:
        print(_summary(verdicts, time.monotonic() - begun))

    return int(any(verdict.outcome == "failed" for verdict in verdicts))


async def _examine(asked: argparse.Namespace) -> list[Verdict]:
    target = Target(
        asked.url.rstrip("/"), token=asked.token, patience=asked.patience, restart=asked.restart
    )
    (await target.ask("GET", "/api/jobs")).close()
    verdicts = []
    async for verdict in suite.run(target, only=asked.only, slow=asked.slow):
        verdicts.append(verdict)
        if not asked.json:
            print(_line(verdict), flush=True)

    return verdicts


def _line(verdict: Verdict) -> str:
    line = f"{MARKS[verdict.outcome]}  {verdict.check.name}"
    if verdict.outcome == "passed":
        return line

    promise = f"\n      {verdict.check.promise}" if verdict.outcome == "failed" else ""
    return f"{line}: {verdict.reason}{promise}"


def _summary(verdicts: Sequence[Verdict], seconds: float) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in MARKS if counts[outcome])
    return f"{len(verdicts)} checks in {seconds:.1f} s: {told}"


def _report(url: str, verdicts: Sequence[Verdict]) -> dict[str, object]:
    checks = [
        {
            "name": verdict.check.name,
            "promise": verdict.check.promise,
            "outcome": verdict.outcome,
            "reason": verdict.reason or None,
            "seconds": round(verdict.seconds, 3),
        }
        for verdict in verdicts
    ]
    return {"url": url, "counts": Counter(v.outcome for v in verdicts), "checks": checks}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("conformance", description=__doc__)
    parser.add_argument("url", help="the server's base address, such as http://127.0.0.1:8000")
    parser.add_argument("--token", help="sent as Bearer token")
    parser.add_argument("--only", default="", help="only checks with this in their name")
    parser.add_argument("--slow", action="store_true", help="also those that take half a minute")
    parser.add_argument("--restart", help="a shell command that restarts the server")
    parser.add_argument("--patience", type=float, default=5, help="seconds to wait for an event")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    return parser


if __name__ == "__main__":
    sys.exit(main())
