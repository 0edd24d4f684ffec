"""Runs inside the worker's image: the sandbox proves itself, then makes a document of each type.

Prints {"report": …, "made": {type: facts}} as JSON; `report.failed` names the probes that failed.
"""

import asyncio
import json
from typing import Any

import examples
from db import settings
from db.settings import Settings
from workers.handlers import HANDLERS
from workers.handlers.documents import Assignment
from workers.outcomes import Completed, File
from workers.sandbox import Limits, Sandbox

# The 14 fonts of PDF know neither Greek nor Cyrillic.
IN_A_FONT = """
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

registerFont(TTFont("DejaVu", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
canvas = Canvas(OUTPUT_PATH)
canvas.setFont("DejaVu", 12)
canvas.drawString(72, 720, "Ωμέγα, Щука")
canvas.save()
"""


async def main() -> None:
    """Make them one after the other."""
    configured = settings.load()
    async with Sandbox(configured, slots=2) as sandbox:
        made = {
            example.document_type: await make(
                sandbox, configured, example.document_type, example.code
            )
            for example in examples.load()
        }
        made["in a font"] = await make(sandbox, configured, "pdf", IN_A_FONT)
        print(json.dumps({"report": sandbox.report, "made": made}))


async def no_other(artifact_id: str) -> File:
    """Read another artifact; none of these scripts has one."""
    raise LookupError(artifact_id)


async def make(sandbox: Sandbox, configured: Settings, job_type: str, code: str) -> Any:
    """Run one script as a job would; the facts of its file, or the error."""
    outcome = await HANDLERS[job_type](
        Assignment(
            job_type=job_type,
            title="Test",
            payload={"code": code},
            sandbox=sandbox,
            limits=Limits.of(configured),
            artifact_limit_bytes=configured.artifact_limit_bytes,
            report=lambda progress: None,
            enter_stage=lambda stage: None,
            fetch=no_other,
        )
    )
    return outcome.facts if isinstance(outcome, Completed) else repr(outcome)


if __name__ == "__main__":
    asyncio.run(main())
