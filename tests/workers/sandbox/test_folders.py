"""The absolute folders that LLMs know serve as the run's own, and texts stay as they are."""

import io
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest

from tests.workers.sandbox.conftest import Runs
from workers.sandbox import folders

Make = Callable[[str, str], Awaitable[bytes]]


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/mnt/data/x.xlsx", "/tmp/root/run/output/x.xlsx"),
        ("/mnt/data", "/tmp/root/run/output"),
        ("/mnt/data/in.csv", "/tmp/root/run/input/in.csv"),
        ("/mnt/user-data/outputs/x", "/tmp/root/run/output/x"),
        ("/tmp/outputs/x", "/tmp/root/run/output/x"),
        ("/outputs/x", "/tmp/root/run/output/x"),
        ("/tmp/x", "/tmp/root/run/tmp/x"),
        ("/home/user/x", "/tmp/root/run/x"),
        ("/home/jane/Documents/x", "/tmp/root/run/output/x"),
        ("/Users/jane/Desktop/x", "/tmp/root/run/output/x"),
        ("/Users/jane/x", "/tmp/root/run/output/x"),
        ("/tmp/root/run/Desktop/x", "/tmp/root/run/output/x"),
        ("C:\\Users\\jane\\x", "/tmp/root/run/output/x"),
        ("D:/x", "/tmp/root/run/output/x"),
        (b"/tmp/\xff", b"/tmp/root/run/tmp/\xff"),
        (Path("/tmp/x"), "/tmp/root/run/tmp/x"),
    ],
)
def test_a_path_in_a_known_folder_leads_inside(path: Any, own: Any) -> None:
    assert folders.own_path(path, "/tmp/root/run", ["in.csv"]) == own


@pytest.mark.parametrize(
    "path",
    [
        "/tmpfile",
        "tmp/x",
        "/etc/x",
        "/home/jane/x",
        "x:y",
        "/tmp/root/run/Desk",
        "/tmp/root/run/x",
        "/tmp/root/other",
        "",
        3,
        None,
        [1],
    ],
)
def test_any_other_argument_stays_the_same_object(path: Any) -> None:
    assert folders.own_path(path, "/tmp/root/run", []) is path


def test_a_path_of_the_libraries_is_meant_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout below /home/ubuntu or /tmp has its templates and fonts there."""
    monkeypatch.setattr(folders, "_LIBRARIES", ("/home/ubuntu/pressroom/.venv/",))
    template = "/home/ubuntu/pressroom/.venv/lib/docx/default.docx"

    assert folders.own_path(template, "/tmp/root/run", []) is template
    assert folders.own_path("/home/ubuntu/x.docx", "/tmp/root/run", []) == "/tmp/root/run/x.docx"


TEXTS = ["/content/blog/post-1", "/tmp/cache", "/content/1/x", "/mnt/data"]


async def test_texts_that_look_like_known_folders_stay_in_cells(make: Make) -> None:
    """Such constants were rewritten, which changed documents and showed paths of the worker."""
    code = """
import openpyxl
book = openpyxl.Workbook()
book.active.append(["/content/blog/post-1", "/tmp/cache", f"/content/{1}/x", "/mnt/data"])
book.save("/mnt/data/report.xlsx")
"""

    made = await make(code, "report.xlsx")

    (row,) = openpyxl.load_workbook(io.BytesIO(made)).active.values
    assert list(row) == TEXTS


async def test_texts_that_look_like_known_folders_stay_in_paragraphs(make: Make) -> None:
    code = f"""
import docx
document = docx.Document()
for text in {TEXTS}: document.add_paragraph(text)
document.save("/tmp/outputs/letter.docx")
"""

    made = await make(code, "letter.docx")

    assert [p.text for p in docx.Document(io.BytesIO(made)).paragraphs] == TEXTS


async def test_texts_that_look_like_known_folders_stay_on_slides(make: Make) -> None:
    code = f"""
import pptx
deck = pptx.Presentation()
for text in {TEXTS}: deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = text
deck.save("/home/user/deck.pptx")
"""

    made = await make(code, "deck.pptx")

    slides = pptx.Presentation(io.BytesIO(made)).slides
    assert [slide.shapes.title.text for slide in slides] == TEXTS


PICTURE = "from PIL import Image\nImage.new('RGB', (9, 9)).save('/tmp/red.png')\n"
USES = {
    "pathlib": "from pathlib import Path\nfolder = Path('/mnt/data')\n"
    "folder.mkdir(parents=True, exist_ok=True)\n(folder / 'a' / 'b').mkdir(parents=True)\n"
    "(folder / 'x.txt').write_text('x')\nassert (folder / 'x.txt').is_file()\n"
    "assert [p.name for p in sorted(folder.iterdir())] == ['a', 'x.txt']\n"
    "assert list(folder.glob('*.txt')) == [folder / 'x.txt']\n(folder / 'x.txt').unlink()\n"
    "assert folder.resolve() == folder and folder.exists() and not (folder / 'x.txt').exists()",
    "os": "import os\nos.makedirs('/tmp/outputs/a/b', exist_ok=True)\n"
    "assert os.path.exists('/mnt/data/a/b') and os.path.samefile('/mnt/data', OUTPUT_DIR)\n"
    "os.rename('/mnt/data/a/b', '/tmp/c')\nassert os.listdir(path='/tmp') == ['c']\n"
    "os.rmdir('/tmp/c')\nos.chdir('/mnt/data')\nassert os.getcwd() == OUTPUT_DIR\n"
    "assert [found[1] for found in os.walk('/mnt/data')] == [['a'], []]",
    "descriptors": "import os\nfd = os.open('/tmp/x', os.O_CREAT | os.O_RDWR)\n"
    "assert os.stat(fd).st_size == 0 and os.listdir()\nopen(fd, 'w').close()\n"
    "assert open(b'/tmp/x', 'rb').read() == b'' and os.listdir(b'/tmp') == [b'x']",
    "shutil": "import os, shutil\nopen('/tmp/x', 'w').write('x')\n"
    "for copy in (shutil.copyfile, shutil.copy, shutil.copy2): copy('/tmp/x', '/mnt/data/y')\n"
    "shutil.copytree('/mnt/data', '/tmp/tree')\nshutil.move('/tmp/x', '/output/z')\n"
    "assert sorted(os.listdir(OUTPUT_DIR)) == ['y', 'z'] and shutil.disk_usage('/mnt/data')\n"
    "shutil.rmtree('/tmp/tree')\nassert os.listdir('/tmp') == []\n"
    "assert shutil.rmtree.avoids_symlink_attacks",
    "zipfile": "import zipfile\nwith zipfile.ZipFile('/mnt/data/a.zip', 'w') as z:\n"
    "    z.writestr('a', 'b')\nassert zipfile.is_zipfile('/mnt/data/a.zip')\n"
    "zipfile.ZipFile('/mnt/data/a.zip').extractall('/tmp/a')\nassert open('/tmp/a/a').read()",
    "tempfile": "import tempfile\nwith tempfile.TemporaryDirectory(dir='/tmp') as d:\n"
    "    tempfile.NamedTemporaryFile(dir=d).write(b'x')\ntempfile.TemporaryFile(dir='/tmp')\n"
    "with tempfile.NamedTemporaryFile('w', dir='/tmp', suffix='.png') as file: file.write('x')\n"
    "import os; assert os.listdir('/tmp') == []",
    "gzip": "import gzip\ngzip.open('/tmp/a.gz', 'wt').write('a')",
    "logging": "import logging\nlogging.basicConfig(filename='/tmp/log')\nlogging.error('x')",
    "openpyxl": "import openpyxl\nopenpyxl.Workbook().save('/mnt/data/report.xlsx')\n"
    "openpyxl.load_workbook('/mnt/data/report.xlsx')",
    "xlsxwriter": PICTURE + "import xlsxwriter\n"
    "book = xlsxwriter.Workbook('/tmp/outputs/x.xlsx', {'constant_memory': True})\n"
    "book.add_worksheet().insert_image('A1', '/tmp/red.png')\nbook.close()",
    "docx": PICTURE + "import docx\nd = docx.Document()\nd.add_picture('/tmp/red.png')\n"
    "d.save('/mnt/data/x.docx')\ndocx.Document('/mnt/data/x.docx')",
    "pptx": PICTURE + "import pptx\nd = pptx.Presentation()\n"
    "slide = d.slides.add_slide(d.slide_layouts[6])\n"
    "slide.shapes.add_picture('/tmp/red.png', 0, 0)\n"
    "d.save('/mnt/data/x.pptx')\npptx.Presentation('/mnt/data/x.pptx')",
    "reportlab": PICTURE + "from reportlab.lib.styles import getSampleStyleSheet\n"
    "from reportlab.platypus import Image, Paragraph, SimpleDocTemplate\n"
    "text = Paragraph('<img src=\"/tmp/red.png\"/> x', getSampleStyleSheet()['Normal'])\n"
    "SimpleDocTemplate('/mnt/data/x.pdf').build([text, Image('/tmp/red.png')])",
    "pillow": PICTURE + "assert Image.open('/tmp/red.png').size == (9, 9)",
    "sqlite3": "import sqlite3\nwith sqlite3.connect('/tmp/a.db') as database:\n"
    "    database.execute('CREATE TABLE t (a)')\n"
    "import os; assert os.listdir('/tmp') == ['a.db']",
    "lxml": "from lxml import etree\nopen('/tmp/a.xml', 'w').write('<a/>')\n"
    "assert etree.parse('/tmp/a.xml').getroot().tag == 'a'",
    "pandas": "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2]})\n"
    "frame.to_csv('/mnt/data/a.csv', index=False)\n"
    "assert pd.read_csv('/mnt/data/a.csv').equals(frame)\n"
    "frame.to_excel('/tmp/a.xlsx')\nassert len(pd.read_excel('/tmp/a.xlsx')) == 2",
    "matplotlib": "import os\nfrom matplotlib import pyplot\npyplot.plot([1, 2])\n"
    "for kind in ('png', 'svg', 'pdf'): pyplot.savefig(f'/mnt/data/a.{kind}')\n"
    "assert len(os.listdir(OUTPUT_DIR)) == 3\npyplot.imread('/mnt/data/a.png')",
    "desktop": "import os\npath = os.path.expanduser('~/Desktop/report.txt')\n"
    "os.makedirs(os.path.dirname(path), exist_ok=True)\nopen(path, 'w').close()\n"
    "assert os.listdir(OUTPUT_DIR) == ['report.txt']",
    "signature": "import inspect\nassert 'encoding' in inspect.signature(open).parameters",
}


@pytest.mark.parametrize("code", USES.values(), ids=USES.keys())
async def test_known_folders_work_however_they_are_used(run: Runs, code: str) -> None:
    for library in ("xlsxwriter", "pandas", "matplotlib"):
        if library in code and not find_spec(library):
            pytest.skip(f"without {library}")

    ended = await run(code)

    assert ended.failure is None, ended.failure


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("open('/mnt/data/input.xlsx')", "'/mnt/data/input.xlsx'"),
        ("from pathlib import Path; Path('/tmp/x').read_text()", "'/tmp/x'"),
        ("import os; os.stat(path=b'/tmp/x')", "b'/tmp/x'"),
        ("import os; os.rename('/tmp/x', '/content/y')", "'/tmp/x' -> '/content/y'"),
        ("import os; os.rename('x', dst='y')", "'x' -> 'y'"),
    ],
)
async def test_an_error_names_the_path_that_the_code_wrote(
    run: Runs, code: str, named: str
) -> None:
    ended = await run(code)

    assert ended.failure is not None
    assert f"No such file or directory: {named}" in ended.failure.message


async def test_code_that_takes_the_leading_away_is_still_refused(run: Runs) -> None:
    code = "import os\nos.listdir = os.listdir.__wrapped__\nprint(os.listdir('/tmp'))"

    ended = await run(code)

    assert ended.failure is not None
    assert (ended.failure.code, ended.stdout) == ("policy_violation", "")
