"""Previews: an artifact is opened in the sandbox once more, and what can be shown comes out."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from db.errors import ArtifactNotFound
from db.previews import KINDS
from db.settings import MIB
from workers.handlers.documents import Assignment, failed
from workers.outcomes import Completed, Failed, File, Outcome
from workers.sandbox import Failure, OutputInvalid, Run, Script, collect_named
from workers.sandbox.streams import clean

TIME = timedelta(seconds=60)
MOST_BYTES = 24 * MIB
MOST_PARTS = 50
TITLE_LENGTH = 200
MANIFEST = "manifest.json"
# By what is shown, not by what the child says: it has parsed a stranger's file.
PARTS = {
    "pages": ("image/png", ".png"),
    "sheets": ("application/json", ".json"),
    "html": ("text/html", ".html"),
    "slides": ("text/html", ".html"),
}
CODE = (
    "from workers.opening import previews\n"
    "previews.make(DATA[0], f'{INPUT_DIR}/{DATA[1]}', OUTPUT_DIR)"
)
GONE = {"code": "artifact_gone", "message": "The document is not there.", "retryable": False}
BROKEN = (OutputInvalid, ValueError, KeyError, TypeError, OverflowError, RecursionError)


async def handle(assignment: Assignment) -> Outcome:
    """Make the preview of the artifact that the payload names."""
    try:
        source = await assignment.fetch(assignment.payload["artifact_id"])
        kind = KINDS[source.mime_type]
    except (ArtifactNotFound, KeyError):
        return Failed(error=GONE)

    limits = replace(assignment.limits, wall=TIME, cpu=TIME)
    assignment.enter_stage("running")
    async with assignment.sandbox.run(_script(kind, source), limits) as run:
        if run.failure:
            return failed(run, run.failure)
        try:
            return await asyncio.to_thread(_collected, run, kind)
        except BROKEN as problem:
            return failed(run, Failure(code="preview_invalid", message=str(problem)))


def _script(kind: str, source: File) -> Script:
    # The document's own name says nothing here, and may be longer than a path can be.
    name = "document"
    return Script(
        code=CODE, file_name=MANIFEST, title="", data=[kind, name], inputs={name: source.data}
    )


def _collected(run: Run, kind: str) -> Completed:
    mime_type, suffix = PARTS[kind]
    manifest = json.loads(collect_named(run, MANIFEST, MIB).data)
    parts = [_part(said) for said in manifest["parts"][:MOST_PARTS]]
    files: list[File] = []
    room = MOST_BYTES
    for number, _ in enumerate(parts, 1):
        output = collect_named(run, f"{number}{suffix}", room)
        files.append(File(name=output.name, mime_type=mime_type, data=output.data))
        room -= len(output.data)

    facts = {"kind": kind, "total": max(_whole(manifest["total"]), len(parts)), "parts": parts}
    return Completed(files=tuple(files), facts=facts)


def _part(said: dict[str, Any]) -> dict[str, Any]:
    title, width, height = said["title"], said["width"], said["height"]
    return {
        "title": None if title is None else clean(str(title))[:TITLE_LENGTH],
        "width": None if width is None else _whole(width),
        "height": None if height is None else _whole(height),
    }


def _whole(number: Any) -> int:
    return min(max(int(number), 0), 1_000_000)
