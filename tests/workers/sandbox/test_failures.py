"""Every way a run can fail has a code, and words that help whoever wrote the code."""

from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec

import pytest

from db.settings import MIB
from tests.workers.sandbox.conftest import LIMITS, SECOND, Runs
from workers.sandbox import Failure, Limits

SHORT = timedelta(milliseconds=300)

SCRIPTS = {
    "exception": ("x = 1\n\nraise KeyError('name')", "script_error", 3, "name"),
    "exit_text": ("import sys; sys.exit('no rows')", "script_error", 1, "no rows"),
    "exit_code": ("import sys; sys.exit(3)", "script_error", 1, "exit code 3"),
    "hard_exit": ("import os; os._exit(3)", "script_error", None, "exit code 3"),
    "input": ("input('name? ')", "script_error", 1, "DATA"),
    "in_thread_pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor() as pool:\n    pool.submit(lambda: 1 / 0).result()",
        "script_error",
        3,
        "division",
    ),
    "rude_exception": (
        "class Rude(Exception):\n    def __str__(self): raise SystemExit(0)\nraise Rude()",
        "script_error",
        3,
        "SystemExit",
    ),
    "rude_name": (
        "class Rude:\n    def __repr__(self): raise SystemExit(0)\n"
        "raise PermissionError(13, 'no', Rude())",
        "policy_violation",
        3,
        "not allow",
    ),
    "odd_name": ("raise FileNotFoundError(2, 'gone', 7)", "script_error", 1, "gone"),
    "recursion": ("def f(): f()\nf()", "script_error", 1, "recursion"),
    "at_exit": ("import atexit\natexit.register(print, 1)\nimport nothing", "script_error", 3, ""),
    "module": (
        "import math, tensorflow.keras",
        "script_error",
        1,
        "tensorflow is not installed here. There are: openpyxl, ",
    ),
    "module_of_the_network": ("import aiohttp", "script_error", 1, "may not use the network"),
    "arguments": (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('rows')\n"
        "parser.parse_args()",
        "script_error",
        4,
        "command-line arguments",
    ),
    "locale": (
        "import locale\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')",
        "script_error",
        2,
        "unsupported locale setting. There is no locale but C.UTF-8",
    ),
    "part_of_a_module": ("import docx.nothing", "script_error", 1, "'docx.nothing'"),
    "syntax": ("x = 1\nif x\n", "syntax_error", 2, "expected ':'"),
    "indentation": ("if 1:\nx", "syntax_error", 2, "indented"),
    "nul": ("x = 1\ny = '\0'", "syntax_error", 2, "null"),
    "nesting": ("(" * 500 + ")" * 500, "syntax_error", 1, "nested"),
    "deep_expression": ("-" * 100_000 + "1", "syntax_error", None, "nested too deeply"),
    "surrogate": ("x = '\ud800'", "syntax_error", None, "Unicode"),
    "memory": ("x = 'a' * 10**10", "memory_limit", 1, "memory"),
    "memory_for_a_library": (
        "raise ImportError('/x/y.so: failed to map segment from shared object')",
        "memory_limit",
        1,
        "memory",
    ),
    "network": (
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1/')",
        "policy_violation",
        2,
        "network",
    ),
    "name_lookup": (
        "import socket\nsocket.getaddrinfo('x.y', 1)",
        "policy_violation",
        2,
        "network",
    ),
    "program": ("import subprocess\nsubprocess.run(['ls'])", "policy_violation", 2, "programs"),
    "processes": ("import multiprocessing as m\nm.Pool(2)", "policy_violation", 2, "programs"),
    "fork": ("import os\nos.fork()", "policy_violation", 2, "processes"),
    "file_outside": ("open('/etc/passwd')", "policy_violation", 1, "/etc/passwd"),
    "handled_badly": (
        "try:\n    open('/etc/passwd')\nexcept OSError as e:\n    raise ValueError('no') from e",
        "policy_violation",
        4,
        "/etc/passwd",
    ),
    "segfault": ("import ctypes; ctypes.string_at(0)", "crashed", None, "Segmentation"),
    "abort": ("import os; os.abort()", "crashed", None, "Aborted"),
}


@pytest.mark.parametrize(
    ("code", "expected", "line", "words"), SCRIPTS.values(), ids=SCRIPTS.keys()
)
async def test_a_failure_names_its_kind_line_and_reason(
    run: Runs, code: str, expected: str, line: int | None, words: str
) -> None:
    ended = await run(code)

    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.line) == (expected, line), ended.failure
    assert words in ended.failure.message


LIMITED = {
    "timeout": ("while True: pass", replace(LIMITS, wall=SHORT), "timeout"),
    "sleeping": ("import time; time.sleep(60)", replace(LIMITS, wall=SHORT), "timeout"),
    "deaf": (
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nsignal.pthread_sigmask(0, range(1, 65))\n"
        "while True: pass",
        replace(LIMITS, wall=SHORT),
        "timeout",
    ),
    "busy_in_c": ("10 ** 10 ** 9", replace(LIMITS, wall=SHORT), "timeout"),
    "lingering_thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
        replace(LIMITS, wall=SHORT),
        "timeout",
    ),
    "endless_recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f():\n    try: f()\n    finally: f()\nf()",
        replace(LIMITS, wall=SHORT, cpu=20 * SECOND),
        "timeout crashed memory_limit",
    ),
    "memory_in_steps": (
        "rows = []\nwhile True: rows.append(bytearray(16 << 20))",
        replace(LIMITS, memory_bytes=384 * MIB),
        "memory_limit",
    ),
    "cpu": ("while True: pass", replace(LIMITS, cpu=SECOND), "cpu_limit"),
    "cpu_deaf": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        replace(LIMITS, cpu=SECOND),
        "cpu_limit",
    ),
    "file": (
        "open('x', 'wb').write(bytes(2 << 20))",
        replace(LIMITS, file_bytes=MIB),
        "disk_limit",
    ),
    "many_files": (
        "n = 0\nwhile True:\n    n += 1\n    open(f'x{n}', 'w').close()",
        replace(LIMITS, files=500),
        "disk_limit",
    ),
    "much_in_all": (
        "n = 0\nwhile True:\n    n += 1\n    open(f'x{n}', 'wb').write(bytes(1 << 20))",
        replace(LIMITS, disk_bytes=8 * MIB),
        "disk_limit",
    ),
    "unlinked": (
        "import time\nf = open('x', 'wb')\nimport os; os.unlink('x')\n"
        "f.write(bytes(16 << 20)); f.flush(); time.sleep(60)",
        replace(LIMITS, disk_bytes=8 * MIB),
        "disk_limit",
    ),
    "hidden": (
        "import os, time\nos.mkdir('d')\nos.chdir('d')\nfor n in range(100):\n"
        "    os.mkdir('e', 0o300)\n    os.chdir('e')\ntime.sleep(60)",
        LIMITS,
        "disk_limit",
    ),
    "stdout": (
        "while True: print('x' * 10000)",
        replace(LIMITS, output_bytes=MIB),
        "output_limit",
    ),
    "stderr_without_lines": (
        "import os\nwhile True: os.write(2, bytes([255]) * 65536)",
        replace(LIMITS, output_bytes=MIB),
        "output_limit",
    ),
    "progress": (
        'import os\nwhile True: os.write(3, b\'{"message": "x"}\\n\')',
        replace(LIMITS, output_bytes=MIB),
        "output_limit",
    ),
    "threads": (
        "import threading, time\nfor n in range(40):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()",
        replace(LIMITS, threads=20),
        "thread_limit",
    ),
    "threads_beyond_memory": (
        "import threading, time\nthreading.stack_size(64 << 20)\nfor n in range(400):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        replace(LIMITS, memory_bytes=1024 * MIB, threads=1000),
        "thread_limit",
    ),
}


@pytest.mark.parametrize(("code", "limits", "expected"), LIMITED.values(), ids=LIMITED.keys())
async def test_a_limit_ends_the_run_and_says_which(
    run: Runs, code: str, limits: Limits, expected: str
) -> None:
    ended = await run(code, limits=limits)

    assert ended.failure is not None
    assert ended.failure.code in expected.split(), ended.failure
    assert len(ended.stdout) + len(ended.stderr) < 140_000


async def test_a_traceback_shows_only_their_frames_and_their_source(run: Runs) -> None:
    code = "import json\n\ndef read(text):\n    return json.loads(text)\n\nread('{')"

    ended = await run(code)

    assert ended.failure is not None
    assert ended.failure.traceback == (
        "Traceback (most recent call last):\n"
        '  File "script.py", line 6, in <module>\n'
        "    read('{')\n"
        '  File "script.py", line 4, in read\n'
        "    return json.loads(text)\n"
        "JSONDecodeError: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1)"
    )


async def test_a_syntax_error_says_its_line_once(run: Runs) -> None:
    unclosed, unterminated = await run("x = 1\nf(x"), await run("x = 1\ny = 'x")

    assert unclosed.failure is not None
    assert unterminated.failure is not None
    assert (unclosed.failure.message, unclosed.failure.line) == ("'(' was never closed", 2)
    assert (unterminated.failure.message, unterminated.failure.line) == (
        "unterminated string literal",
        2,
    )


NO_INPUT = "There are no input files; send values in `data`, the code finds them as DATA."
MISSING = {
    "relative": ("open('sales.csv')", "'sales.csv'", NO_INPUT),
    "known": ("open('/mnt/data/input.xlsx')", "'/mnt/data/input.xlsx'. ", NO_INPUT),
    "workbook": (
        "import openpyxl; openpyxl.load_workbook('/mnt/data/input.xlsx')",
        "'/mnt/data/input.xlsx'",
        NO_INPUT,
    ),
    "picture": (
        "from reportlab.platypus import Image, SimpleDocTemplate\n"
        "SimpleDocTemplate(OUTPUT_PATH).build([Image('/tmp/logo.png')])",
        "/tmp/logo.png",
        NO_INPUT,
    ),
    "folder": (
        "open('/mnt/data/charts/a.png', 'wb')",
        "'/mnt/data/charts/a.png'",
        "There is no folder '/mnt/data/charts': to write there, make it first with os.makedirs. "
        + NO_INPUT,
    ),
    "descriptor": ("import os; os.stat('x' * 9, dir_fd=99)", "Bad file", "descriptor: 'xxxxxxxxx'"),
    "handled": (
        "try:\n    open('x')\nexcept OSError:\n    {}['name']",
        "'name'",
        "'name'",
    ),
}


@pytest.mark.parametrize(("code", "named", "end"), MISSING.values(), ids=MISSING.keys())
async def test_a_missing_file_is_named_as_written_with_what_to_do(
    run: Runs, code: str, named: str, end: str
) -> None:
    ended = await run(code, file_name="x.pdf")

    assert ended.failure is not None
    assert ended.failure.code == "script_error"
    assert named in ended.failure.message
    assert ended.failure.message.endswith(end)


async def test_a_missing_module_is_answered_with_those_that_can_be_imported(run: Runs) -> None:
    ended = await run("import nothing")

    assert ended.failure is not None
    words = ended.failure.message
    assert words.startswith("nothing is not installed here. There are: openpyxl, ")
    assert all(name in words for name in ("python-docx", "reportlab", "Pillow"))
    assert ("xlsxwriter" in words) == (find_spec("xlsxwriter") is not None)
    assert ("pandas" in words) == (find_spec("pandas") is not None)


async def test_a_byte_order_mark_and_a_coding_cookie_do_no_harm(run: Runs) -> None:
    ended = await run("\ufeff# -*- coding: nonsense -*-\nprint('fine')")

    assert (ended.failure, ended.stdout) == (None, "fine\n")


async def test_a_run_cannot_have_itself_retried(run: Runs) -> None:
    code = 'import os\nos.write(3, b\'{"failure": {"code": "sandbox_lost"}}\\n\')\nos._exit(1)'

    ended = await run(code)

    assert isinstance(ended.failure, Failure)
    assert not ended.failure.retryable


async def test_a_disk_that_is_not_full_is_not_believed_to_be(run: Runs) -> None:
    ended = await run("raise OSError(28, 'No space left on device')")

    assert ended.failure is not None
    assert ended.failure.code == "disk_limit"


@pytest.mark.parametrize("fd", [0, 1, 2, 3])
async def test_a_closed_descriptor_leaves_the_run_an_end(run: Runs, fd: int) -> None:
    ended = await run(f"import os\nos.close({fd})\nprint('x')\nprogress(1)")

    assert ended.seconds < 5


async def test_long_output_keeps_its_beginning_and_its_end(run: Runs) -> None:
    ended = await run("print('first'); print('x' * 200_000); print('last')")

    assert ended.stdout.startswith("first\n")
    assert ended.stdout.endswith("last\n")
    assert "bytes left out" in ended.stdout
    assert len(ended.stdout) < 70_000
