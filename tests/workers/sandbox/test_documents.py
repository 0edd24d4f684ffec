"""What the code is given, and that the four libraries work in there."""

import io
from collections.abc import Awaitable, Callable
from zipfile import ZipFile

import docx
import openpyxl
import pptx
import pypdfium2
import pytest

from db.settings import MIB
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Progress, Sandbox, Script, collect

Make = Callable[[str, str], Awaitable[bytes]]


async def test_a_workbook_with_chart_and_styles_opens_again(make: Make) -> None:
    code = """
import openpyxl
from openpyxl.chart import LineChart, Reference
from openpyxl.styles import PatternFill
workbook = openpyxl.Workbook()
sheet = workbook.active
for n in range(100):
    sheet.append([n, n * n])
sheet["A1"].fill = PatternFill("solid", fgColor="DDDDDD")
chart = LineChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=100))
sheet.add_chart(chart, "D2")
workbook.save(OUTPUT_PATH)
"""

    made = await make(code, "squares.xlsx")

    assert openpyxl.load_workbook(io.BytesIO(made)).active["B10"].value == 81


async def test_a_word_document_opens_again(make: Make) -> None:
    code = """
from docx import Document
from docx.shared import Inches
document = Document()
document.add_heading(TITLE, 0)
document.add_paragraph("Hello", style="List Bullet")
document.save(OUTPUT_PATH)
"""

    made = await make(code, "letter.docx")

    assert docx.Document(io.BytesIO(made)).paragraphs[0].text == "A title"


async def test_a_pdf_with_table_and_picture_opens_again(make: Make) -> None:
    code = """
from PIL import Image
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Image as Picture, Paragraph, SimpleDocTemplate, Table
Image.new("RGB", (20, 20), "red").save("red.png")
style = getSampleStyleSheet()["Normal"]
story = [Paragraph("Hello", style), Table([[1, 2]]), Picture("red.png", 20, 20)]
SimpleDocTemplate(OUTPUT_PATH, title=TITLE).build(story)
"""

    made = await make(code, "report.pdf")

    document = pypdfium2.PdfDocument(made)
    assert "Hello" in document[0].get_textpage().get_text_bounded()
    document.close()


async def test_a_slide_deck_opens_again(make: Make) -> None:
    code = """
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
deck = Presentation()
slide = deck.slides.add_slide(deck.slide_layouts[5])
slide.shapes.title.text = TITLE
chart = CategoryChartData()
chart.categories = ["a", "b"]
chart.add_series("s", (1, 2))
slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), chart)
deck.save(OUTPUT_PATH)
"""

    made = await make(code, "deck.pptx")

    assert pptx.Presentation(io.BytesIO(made)).slides[0].shapes.title.text == "A title"


CONTRACT = {
    "main": "assert __name__ == '__main__'",
    "file": "import os, sys; assert os.path.dirname(__file__) == os.getcwd() and "
    "sys.argv == [__file__]",
    "title": "assert TITLE == 'A title'",
    "data": "assert DATA == {'rows': [1, None, 'ü']}",
    "output": "import os; assert os.path.join(OUTPUT_DIR, 'out.txt') == OUTPUT_PATH",
    "input": "import os; assert open(os.path.join(INPUT_DIR, 'a.csv')).read() == '1,2'",
    "home": "import os; assert os.path.expanduser('~') == os.getcwd()",
    "environment": "import os; assert len(os.environ) == 13, os.environ",
    "environment_names": "import os\n"
    "for name in ('OUTPUT_PATH', 'OUTPUT_DIR', 'INPUT_DIR', 'TITLE'):\n"
    "    assert os.environ[name] == globals()[name]",
    "tempfile": "import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'x')",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\n"
    "with T(40) as pool: assert sum(pool.map(int, '1' * 200)) == 200",
    "asyncio": "import asyncio; asyncio.run(asyncio.sleep(0))",
    "copy": "import shutil; open('a', 'w').write('x'); shutil.copy2('a', 'b')",
    "move": "import os; open('a', 'w').write('x'); os.replace('a', OUTPUT_PATH)",
    "own_stdout": "import sys; sys.stdout = open('log', 'w'); print(1); sys.stderr = None",
    "zoneinfo": "from zoneinfo import ZoneInfo; ZoneInfo('Europe/Berlin')",
    "raise_signal": "import signal; signal.signal(10, lambda *_: None); signal.raise_signal(10)",
    "unicode": "print('snow \\u2603 \\ud800')",
    "cores": "import os; assert os.cpu_count() and os.sched_getaffinity(0)",
    "exit": "import sys; sys.exit(0)",
    "quit": "quit()",
    "own_module": "open('mine.py', 'w').write('x = 1')\nimport mine\nassert mine.x == 1",
    "late_import": "import wave, sqlite3, xml.dom.pulldom, encodings.idna",
    "known_folders": "import os\nos.makedirs('/mnt/data', exist_ok=True)\n"
    "assert os.path.samefile('/mnt/data', OUTPUT_DIR)\nname = 'x'\n"
    "open(f'/tmp/{name}', 'w').close()\nassert os.listdir('/tmp') == ['x']\n"
    "assert open('/mnt/data/a.csv').read() == '1,2'",
    "progress": "progress(10); progress('words'); progress(20, 'both'); "
    "progress(processed_files=1, total_files=2); progress(None, None); progress(object())",
}


@pytest.mark.parametrize("code", CONTRACT.values(), ids=CONTRACT.keys())
async def test_the_code_has_what_it_was_promised(run: Runs, code: str) -> None:
    data = {"rows": [1, None, "ü"]}

    ended = await run(code, data=data, inputs={"a.csv": b"1,2"})

    assert ended.failure is None, ended.failure


async def test_what_was_printed_comes_back_without_escapes(run: Runs) -> None:
    ended = await run("import sys\nprint('\\x1b[31mred\\x00')\nprint('oh', file=sys.stderr)")

    assert (ended.stdout, ended.stderr) == ("red\n", "oh\n")


async def test_a_file_that_only_a_circle_holds_is_written_too(sandbox: Sandbox) -> None:
    code = """
class Report:
    def __init__(self):
        self.own, self.file = self, open(OUTPUT_PATH, "w")
        self.file.write("flushed")
report = Report()
"""
    async with sandbox.run(Script(code=code, file_name="main.txt", title=""), LIMITS) as run:
        (output,) = collect(run, ".txt", MIB)

    assert output.data == b"flushed"


async def test_files_and_threads_are_finished_as_by_a_normal_end(sandbox: Sandbox) -> None:
    code = """
import atexit, threading
beside = open(OUTPUT_DIR + "/left-open.txt", "w")
beside.write("flushed")
go = threading.Event()
def late():
    go.wait()
    open(OUTPUT_PATH, "w").write("by a thread")
threading.Thread(target=late).start()
atexit.register(lambda: open(OUTPUT_DIR + "/at-exit.txt", "w").write("by atexit"))
go.set()
"""
    script = Script(code=code, file_name="main.txt", title="")

    async with sandbox.run(script, LIMITS) as run:
        outputs = {output.name: output.data for output in collect(run, ".txt", MIB)}

    assert outputs == {
        "main.txt": b"by a thread",
        "left-open.txt": b"flushed",
        "at-exit.txt": b"by atexit",
    }


async def test_progress_arrives_in_order_and_the_last_word_always(sandbox: Sandbox) -> None:
    code = "for n in range(101): progress(n, f'row {n}', total_files=3)\nprogress(5)"
    heard: list[Progress] = []

    async with sandbox.run(Script(code=code, file_name="a.txt", title=""), LIMITS, heard.append):
        percents = [progress.percent or 0 for progress in heard]

    assert heard[-1] == Progress(percent=100, message="row 100", total_files=3)
    assert percents == sorted(percents)
    assert len(heard) < 50


async def test_xlsxwriter_and_pillow_write_through_temporary_files(make: Make) -> None:
    pytest.importorskip("xlsxwriter")
    code = """
import xlsxwriter
workbook = xlsxwriter.Workbook(OUTPUT_PATH, {"constant_memory": True})
sheet = workbook.add_worksheet()
for n in range(50):
    sheet.write(n, 0, n)
workbook.close()
"""

    made = await make(code, "big.xlsx")

    assert "xl/workbook.xml" in ZipFile(io.BytesIO(made)).namelist()
