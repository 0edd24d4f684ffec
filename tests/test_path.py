"""The whole path, once: a POST, a row, a claim, a confined child, an artifact, a stream, a file."""

from io import BytesIO

import openpyxl

from db.pool import connect
from pressroom.api import Api
from pressroom.up import System

CODE = """
from openpyxl import Workbook

book = Workbook()
progress(40, "Writing the rows")
for n in DATA["numbers"]:
    book.active.append([n, n * n])
book.active.title = TITLE
book.save(OUTPUT_PATH)
"""


async def test_from_a_post_to_an_open_workbook(system: System):
    async with Api(system.url) as api:
        accepted = await api.submit(CODE, "spreadsheet", "Squares", data={"numbers": [2, 3]})
        states = [state async for state in api.watch(accepted["eventsUrl"])]
        done = states[-1]
        file = await api.download(done["result"]["download_url"])

    assert [s["seq"] for s in states] == sorted({s["seq"] for s in states}), "each once, in order"
    assert (done["status"], done["progress"], done["attempt"]) == ("completed", 100, 1)
    assert done["result"]["file_name"] == "Squares.xlsx"
    assert done["result"]["sheets"] == 1
    sheet = openpyxl.load_workbook(BytesIO(file)).active
    assert sheet.title == "Squares"
    assert list(sheet.values) == [(2, 4), (3, 9)]

    database = await connect(system.database_url, name="test")
    row = await database.fetchrow(
        "SELECT status, seq, (SELECT count(*) FROM document_job_artifacts WHERE job_id = job.id)"
        " FROM document_jobs AS job WHERE id = $1",
        accepted["jobId"],
    )
    await database.close()
    assert tuple(row) == ("completed", done["seq"], 1)
