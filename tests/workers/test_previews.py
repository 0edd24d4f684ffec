"""What a worker makes of a finished document for people to look at."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image

from db.artifacts import Artifact, Artifacts
from db.jobs import Job, Status
from db.previews import Previews
from tests.factories import until

BOOK = """
from openpyxl import Workbook
book = Workbook()
book.active.append(["Item", 12300])
book.active["B1"].number_format = "#,##0"
book.create_sheet("Second")
book.save(OUTPUT_PATH)
"""
LETTER = """
from docx import Document
letter = Document()
letter.add_heading("Dear <script>alert(1)</script>", 1)
letter.save(OUTPUT_PATH)
"""
PAGES = """
from reportlab.pdfgen.canvas import Canvas
canvas = Canvas(OUTPUT_PATH)
for n in range(2):
    canvas.drawString(72, 720, str(n))
    canvas.showPage()
canvas.save()
"""
DECK = """
from pptx import Presentation
deck = Presentation()
deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Hello <b>deck</b>"
deck.save(OUTPUT_PATH)
"""
Look = Callable[..., Awaitable[tuple[Job, list[bytes]]]]


@pytest.fixture
def previews(pool: Any) -> Previews:
    return Previews(pool)


@pytest.fixture
def look(worker, enqueue, queue, artifacts: Artifacts, previews: Previews) -> Look:
    """Have a document made and then its preview; return the preview's job and its parts."""

    async def read(part: Artifact) -> bytes:
        return b"".join([chunk async for chunk in artifacts.read(part, 0, part.file_size)])

    async def look(job_type: str, code: str) -> tuple[Job, list[bytes]]:
        job = await enqueue(job_type=job_type, payload={"code": code})
        made = await until(queue, job.id, lambda job: job.status.is_final)
        artifact = await artifacts.get(made.result["artifact_id"])
        preview = await previews.enqueue(artifact)
        job = await until(queue, preview.id, lambda job: job.status.is_final)
        count = len(job.result["parts"]) if job.result else 0
        parts = [await previews.part(artifact, n + 1) for n in range(count)]

        return job, [await read(part) for part in parts]

    return look


async def test_a_pdf_becomes_a_picture_a_page(look: Look):
    job, parts = await look("pdf", PAGES)

    assert (job.status, job.result["kind"], job.result["total"]) == (Status.COMPLETED, "pages", 2)
    assert {(part["width"], part["height"]) for part in job.result["parts"]} == {(1132, 1600)}
    assert [Image.open(io.BytesIO(part)).size for part in parts] == [(1132, 1600)] * 2


async def test_a_workbook_becomes_a_table_a_sheet(look: Look):
    job, parts = await look("spreadsheet", BOOK)

    assert job.result, job.error
    assert job.result["kind"] == "sheets"
    assert [part["title"] for part in job.result["parts"]] == ["Sheet", "Second"]
    sheet = json.loads(parts[0])
    assert sheet["rows"] == [[{"text": "Item", "align": None}, {"text": "12,300", "align": "end"}]]


async def test_a_word_document_becomes_a_page_without_script(look: Look):
    job, parts = await look("document", LETTER)

    assert job.result["kind"] == "html"
    assert b"<h1>Dear &lt;script&gt;alert(1)&lt;/script&gt;</h1>" in parts[0]


async def test_a_deck_becomes_a_page_a_slide(look: Look):
    job, parts = await look("presentation", DECK)

    assert job.result["kind"] == "slides"
    assert b"Hello &lt;b&gt;deck&lt;/b&gt;" in parts[0]


async def test_a_deck_without_slides_has_a_preview_without_parts(look: Look):
    job, parts = await look("presentation", "import pptx\npptx.Presentation().save(OUTPUT_PATH)")

    assert (job.status, job.result["total"], parts) == (Status.COMPLETED, 0, [])


async def test_a_preview_goes_with_its_document(worker, enqueue, queue, artifacts, previews, pool):
    job = await enqueue(job_type="spreadsheet", payload={"code": BOOK})
    made = await until(queue, job.id, lambda job: job.status.is_final)
    await pool.execute("UPDATE document_jobs SET expires_at = now() + interval '2 hours'")

    preview = await previews.enqueue(await artifacts.get(made.result["artifact_id"]))

    assert 7190 < preview.retention.total_seconds() <= 7200
    await until(queue, preview.id, lambda job: job.status.is_final)


async def test_many_who_look_at_once_get_one_preview(
    worker, enqueue, queue, artifacts, previews, pool
):
    job = await enqueue(job_type="spreadsheet", payload={"code": BOOK})
    made = await until(queue, job.id, lambda job: job.status.is_final)
    artifact = await artifacts.get(made.result["artifact_id"])

    asked = await asyncio.gather(*(previews.enqueue(artifact) for _ in range(8)))

    assert len({preview.id for preview in asked}) == 1
    await until(queue, asked[0].id, lambda job: job.status.is_final)


async def test_a_preview_that_fails_leaves_its_document_alone(
    worker, enqueue, queue, artifacts, previews, pool
):
    job = await enqueue(job_type="spreadsheet", payload={"code": BOOK})
    made = await until(queue, job.id, lambda job: job.status.is_final)
    await pool.execute("UPDATE document_artifact_chunks SET data = 'no workbook'")
    await pool.execute("UPDATE document_artifacts SET file_size = 11")

    preview = await previews.enqueue(await artifacts.get(made.result["artifact_id"]))
    failed = await until(queue, preview.id, lambda job: job.status.is_final)

    assert (failed.status, failed.error["code"]) == (Status.FAILED, "script_error")
    assert (await queue.get(job.id)).status is Status.COMPLETED


async def test_nobodys_preview_reads_anothers_artifact(worker, enqueue, queue):
    job = await enqueue(job_type="spreadsheet", payload={"code": BOOK}, user_id="ada")
    made = await until(queue, job.id, lambda job: job.status.is_final)

    payload = {"artifact_id": made.result["artifact_id"]}
    stolen = await enqueue(job_type="preview", payload=payload, user_id="eve")
    ended = await until(queue, stolen.id, lambda job: job.status.is_final)

    assert ended.error["code"] == "artifact_gone"
