"""What the confined child does with the code: read it, compile it, run it, say how it ended."""

import atexit
import gc
import io
import json
import linecache
import os
import resource
import select
import stat
import sys
import tempfile
import threading
import types
from contextlib import suppress
from typing import Any, Literal, NoReturn, TextIO

from workers.sandbox import failures, folders, fonts, source
from workers.sandbox.confine import CONTROL, ERR, GO, OUT
from workers.sandbox.limits import WORD_BYTES
from workers.sandbox.pace import Pace

JOB = "job.json"
MODULE = "script.py"
SUCCEEDED, FAILED = 0, 1
# What is empty here becomes the run's own.
ENVIRONMENT = {
    "HOME": "",
    "TMPDIR": "",
    "OUTPUT_PATH": "",
    "OUTPUT_DIR": "",
    "INPUT_DIR": "",
    "TITLE": "",
    "XDG_DATA_HOME": "",
    "MATPLOTLIBRC": "",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def settle() -> None:
    """Leave the warm parent only what is the same for each of its runs."""
    environment = os.environ  # noqa: TID251 - its own, made anew
    environment.clear()
    environment.update({**ENVIRONMENT, **fonts.environment()})


def await_word() -> bytes:
    """Wait until there is a job, and return its limits; without one end this process."""
    if not select.select([GO], [], [], 0)[0]:
        _rehearse()
    word = os.read(GO, WORD_BYTES)
    if not word:
        os._exit(SUCCEEDED)  # the worker wants nothing of this child

    return word


def _rehearse() -> None:
    # What each run does, once, while nobody waits: the memory that it writes to is copied now.
    job = json.loads(json.dumps({"code": "import time\ntime.monotonic()\n", "data": None}))
    exec(source.compiled(job["code"], MODULE), types.ModuleType("__main__").__dict__)
    _stream(0, "r").close()
    _stream(OUT, "w").close()
    os.environ["HOME"] = os.getcwd()  # noqa: TID251 - its own
    Control()


def run() -> NoReturn:
    """Run the job in the working directory, and end this process."""
    job = _read_job()
    control = Control()
    _furnish(job)

    failure = _execute(job, control) or _finish()
    control.pace.finish()
    if failure is not None:
        control.send({"failure": failure})
    os._exit(SUCCEEDED if failure is None else FAILED)


class Control:
    """The pipe to the worker: one JSON value a line, from whichever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pace = Pace(self.send)

    def send(self, message: dict[str, Any]) -> None:
        """Write one line; a script that closed the pipe is not told of its progress."""
        line = json.dumps(message).encode() + b"\n"
        with self._lock, suppress(OSError):
            while line:
                line = line[os.write(CONTROL, line) :]

    def progress(
        self,
        percent: object = None,
        message: object = None,
        *,
        total_files: object = None,
        processed_files: object = None,
        **_ignored: object,
    ) -> None:
        """Tell the person who waits how far the document is: 0 to 100, and a few words."""
        if isinstance(percent, str) and message is None:
            percent, message = None, percent
        self.pace.say(
            {
                "percent": _number(percent),
                "message": None if message is None else str(message)[:200],
                "total_files": _number(total_files),
                "processed_files": _number(processed_files),
            }
        )


def _read_job() -> dict[str, Any]:
    os.read(GO, 1)  # from here on the worker holds the code to account
    os.close(GO)

    with open(JOB, encoding="utf-8") as file:
        job: dict[str, Any] = json.load(file)
    os.unlink(JOB)

    return job


def _furnish(job: dict[str, Any]) -> None:
    directory = os.getcwd()
    environment = os.environ  # noqa: TID251 - its own
    environment["HOME"] = directory
    environment["TMPDIR"] = f"{directory}/{folders.SCRATCH}"
    environment.update(_words(job))
    # The warm parent cached its own folder, which no run may write to.
    tempfile.tempdir = environment["TMPDIR"]
    sys.argv = [f"{directory}/{MODULE}"]
    sys.path.insert(0, directory)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(OUT, "w"), _stream(ERR, "w")
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)
    if "numpy.random" in sys.modules:  # else it seeds itself when it is imported, which is slow
        sys.modules["numpy.random"].seed()
    folders.lead_inside(directory, job["inputs"])


def _execute(job: dict[str, Any], control: Control) -> dict[str, Any] | None:
    text = job["code"].removeprefix("\ufeff")
    file_name = sys.argv[0]
    linecache.cache[file_name] = (len(text), None, text.splitlines(True), file_name)
    linecache.cache[MODULE] = linecache.cache[file_name]
    main = _main_module(job, file_name, control)
    try:
        code = source.compiled(text, file_name)
    except Exception as error:
        return failures.describe_syntax(error, text)

    try:
        exec(code, main.__dict__)
    except BaseException as error:
        return _described(error, file_name)

    return None


def _finish() -> dict[str, Any] | None:
    # What the interpreter would do at its end: join threads, run atexit, close files.
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        if _holds_files():  # else nothing would come of it, and it takes some milliseconds
            _flush(*filter(_is_written, gc.get_objects()))
            sys.modules["__main__"].__dict__.clear()
            gc.collect()
        _flush()
    except BaseException as error:
        return _described(error, sys.argv[0])

    return None


def _holds_files() -> bool:
    return any(map(_is_file, range(resource.getrlimit(resource.RLIMIT_NOFILE)[0])))


def _is_file(fd: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    except OSError:
        return False


def _described(error: BaseException, file_name: str) -> dict[str, Any] | None:
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return _finish()

    _flush()
    return failures.describe(error, file_name)


def _is_written(held: object) -> bool:
    return isinstance(held, (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom))


def _flush(*files: Any) -> None:
    # The script may have put anything in their place, or closed them.
    for stream in (*files, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(Exception):
            stream.flush()


def _main_module(job: dict[str, Any], file_name: str, control: Control) -> types.ModuleType:
    main = types.ModuleType("__main__")
    main.__dict__.update(
        _words(job), __file__=file_name, DATA=job["data"], progress=control.progress
    )
    sys.modules["__main__"] = main

    return main


def _words(job: dict[str, Any]) -> dict[str, str]:
    """What the code finds under these names, as globals and in its environment."""
    directory = os.getcwd()
    return {
        "OUTPUT_PATH": f"{directory}/{folders.OUTPUT}/{job['file_name']}",
        "OUTPUT_DIR": f"{directory}/{folders.OUTPUT}",
        "INPUT_DIR": f"{directory}/{folders.INPUT}",
        "TITLE": job["title"],
    }


def _stream(fd: int, mode: Literal["r", "w"]) -> TextIO:
    # Printing never fails over an odd character, and shows at once.
    return open(fd, mode, 1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)):
        return min(max(float(value), -1e9), 1e9)

    return None
