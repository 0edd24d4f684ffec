"""Breaks that were found in the sandbox, each as its attacker made it."""

import asyncio
import os
import signal
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workers.sandbox.attacks import SECCOMP
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import OutputInvalid, Run, Sandbox, Script, collect, directories, watch
from workers.sandbox.child import Child
from workers.sandbox.collect import MOST_OUTPUTS
from workers.sandbox.directories import DIRECTORY, Descriptor, walk
from workers.sandbox.limits import WORD_BYTES, packed
from workers.sandbox.values import MIB
from workers.sandbox.verdict import Ending, judge

# One page keeps a file that has neither a name nor a descriptor. Python's own mmap keeps one.
HOARD = """
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
def hold(size):
    fd = os.open("held", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(fd, 0, size)
    os.unlink("held")
    libc.mmap(None, 4096, 1, 1, fd, 0)
    os.close(fd)
for n in range(DATA):
    hold(2 << 20)
"""
Weaken = Callable[[frozenset[str]], Awaitable[Sandbox]]

NAME = "d" * 250
SMALL_DISK = replace(LIMITS, disk_bytes=16 * MIB, file_bytes=4 * MIB)


class TestDisk:
    async def test_deleted_files_held_by_a_mapping_count(self, run: Runs) -> None:
        ended = await run(HOARD + "time.sleep(15)", data=12, limits=SMALL_DISK)

        assert ended.failure is not None
        assert ended.failure.code == "disk_limit"

    async def test_a_few_deleted_files_are_within_the_limit(self, run: Runs) -> None:
        ended = await run(HOARD + "time.sleep(0.5)", data=2, limits=SMALL_DISK)

        assert ended.failure is None, ended.failure

    async def test_a_file_that_is_open_and_mapped_counts_once(self, run: Runs) -> None:
        code = """
import mmap, os, time
fd = os.open("held", os.O_RDWR | os.O_CREAT)
os.posix_fallocate(fd, 0, 4 << 20)
os.unlink("held")
maps = [mmap.mmap(fd, 4096, offset=n * 4096) for n in range(8)]
time.sleep(0.5)
"""

        ended = await run(code, limits=SMALL_DISK)

        assert ended.failure is None, ended.failure

    async def test_they_count_when_the_first_thread_has_ended(self, run: Runs) -> None:
        code = f"""
import ctypes, os, threading, time
def rest():
    time.sleep(0.3)
    exec({HOARD!r}, globals())
    time.sleep(15)
    os._exit(0)
threading.Thread(target=rest).start()
ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
"""

        ended = await run(code, data=12, limits=SMALL_DISK)

        assert ended.failure is not None
        assert ended.failure.code == "disk_limit"

    def test_a_mapping_that_may_not_be_looked_at_counts_as_the_largest_file(
        self, tmp_path: Path
    ) -> None:
        refused = str(tmp_path / "none")

        assert watch._mapped_bytes(refused, SMALL_DISK) == SMALL_DISK.file_bytes

    async def test_a_name_that_is_no_text_does_not_end_the_watch(self, run: Runs) -> None:
        code = """
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"\\xff", 0, 0, 0)
for n in range(6):
    os.posix_fallocate(os.open(f"f{n}", os.O_WRONLY | os.O_CREAT), 0, 4 << 20)
time.sleep(15)
"""

        ended = await run(code, limits=SMALL_DISK)

        assert ended.failure is not None
        assert ended.failure.code == "disk_limit"

    async def test_a_run_does_not_go_on_when_its_watch_fails(
        self, run: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ValueError("of any kind")

        monkeypatch.setattr("workers.sandbox.supervise.measure", fail)

        ended = await run("import time\ntime.sleep(15)")

        assert ended.failure is not None
        assert ended.failure.code == "sandbox_lost"

    async def test_mappings_that_take_long_to_read_are_over_the_limit(self, run: Runs) -> None:
        """60,000 of them with a long path held the watch up while the disk filled."""
        code = f"""
{HOARD}
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
for _ in range(12):
    os.mkdir("{NAME}")
    os.chdir("{NAME}")
fd = os.open("split", os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, 4096 * 4000)
start = libc.mmap(None, 4096 * 4000, 1, 1, fd, 0)
for page in range(0, 4000, 2):
    libc.mprotect(start + 4096 * page, 4096, 3)
time.sleep(15)
"""

        ended = await run(code, data=0, limits=SMALL_DISK)

        assert ended.failure is not None
        assert ended.failure.code == "disk_limit"

    async def test_a_watch_that_is_slow_does_not_wait_longer_and_longer(
        self, run: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pauses: list[float] = []
        sleep = asyncio.sleep

        async def note(pause: float) -> None:
            pauses.append(pause)
            await sleep(0)

        def crawl(*_: object) -> watch.Usage:
            time.sleep(0.1)
            threads = 1 if len(pauses) < 3 else LIMITS.threads + 1
            return watch.Usage(disk_bytes=0, files=0, depth=0, threads=threads, cpu_seconds=0)

        monkeypatch.setattr("workers.sandbox.supervise.measure", crawl)
        monkeypatch.setattr("workers.sandbox.supervise.asyncio.sleep", note)

        ended = await run("import time\ntime.sleep(15)")

        assert ended.failure is not None
        assert ended.failure.code == "thread_limit"
        assert max(pauses) <= 0.25

    async def test_the_report_says_whether_they_can_be_seen(self, sandbox: Sandbox) -> None:
        assert sandbox.report["unlinked"] in ("counted", "unseen")


class TestNames:
    def test_a_name_that_is_not_utf8_becomes_one_that_can_be_stored(self, run_left: Run) -> None:
        run_left.output_path.write_bytes(b"main")
        _write(run_left.output_directory, b"\xff.xlsx")

        outputs = collect(run_left, ".xlsx", MIB)

        assert [output.name for output in outputs] == ["out.xlsx", "?.xlsx"]

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            (b"report.hta\x1b].xlsx", "report.hta_].xlsx"),  # the escape took the suffix along
            (b"\x1b].xlsx", "_].xlsx"),  # and here the whole name
            (b"a\n\tb.xlsx", "a__b.xlsx"),
            ("a\u202excod.xlsx".encode(), "a_xcod.xlsx"),
        ],
    )
    def test_a_name_keeps_its_suffix_and_no_control_character(
        self, run_left: Run, name: bytes, shown: str
    ) -> None:
        _write(run_left.output_directory, name)

        (output,) = collect(run_left, ".xlsx", MIB)

        assert output.name == shown

    def test_names_that_look_the_same_are_numbered(self, run_left: Run) -> None:
        for name in (b"a\x01.xlsx", b"a\x02.xlsx", b"\xfe" * 250 + b".XLSX"):
            _write(run_left.output_directory, name)
        _write(run_left.output_directory, b"\xff" * 250 + b".XLSX")

        names = [output.name for output in collect(run_left, ".xlsx", MIB)]

        question = "?" * 248
        assert names == ["a_.xlsx", "a_-2.xlsx", f"{question}??.XLSX", f"{question}-2.XLSX"]

    def test_such_a_name_stays_short_enough_to_be_a_name(self, run_left: Run) -> None:
        _write(run_left.output_directory, b"\xff" * 250 + b".xlsx")

        (output,) = collect(run_left, ".xlsx", MIB)

        assert len(output.name.encode()) == 255

    def test_such_a_name_can_be_told_in_a_message(self, run_left: Run) -> None:
        _write(run_left.output_directory, b"\xff.txt")

        with pytest.raises(OutputInvalid, match=r"wrote: \?\.txt") as refused:
            collect(run_left, ".xlsx", MIB)

        assert refused.value.code == "no_output"

    def test_such_a_name_can_be_told_when_its_file_is_no_good(self, run_left: Run) -> None:
        _write(run_left.output_directory, b"\xff.xlsx", b"")

        with pytest.raises(OutputInvalid, match=r"\?\.xlsx is empty"):
            collect(run_left, ".xlsx", MIB)

    async def test_a_good_document_beside_it_is_served(self, sandbox: Sandbox) -> None:
        code = "import os\nopen(OUTPUT_PATH, 'w').write('good')\n"
        code += "open(os.fsencode(OUTPUT_DIR) + b'/\\xff.xlsx', 'w').write('odd')"
        script = Script(code=code, file_name="out.xlsx", title="")

        async with sandbox.run(script, LIMITS) as ended:
            outputs = collect(ended, ".xlsx", MIB)

        assert [output.data for output in outputs] == [b"good", b"odd"]
        assert all(output.name.encode() for output in outputs)


CLAIMS = {
    "a_broken_sandbox": (
        'import os\nos.write(3, b\'{"sandbox": "it broke"}\\n\')\nos._exit(70)',
        "script_error",
    ),
    "a_code_that_is_none": (
        'import os\nos.write(3, b\'{"failure": {"code": []}}\\n\')\nos._exit(1)',
        "script_error",
    ),
    "its_exit_code": ("import os\nos._exit(70)", "script_error"),
    "a_broken_sandbox_after_a_failure": (
        "import atexit, os\n"
        'atexit.register(lambda: (os.write(3, b\'{"sandbox": ""}\\n\'), os._exit(70)))',
        "script_error",
    ),
    "a_kill_from_outside": ("import os\nos.kill(os.getpid(), 9)", "policy_violation"),
    "a_kill_of_a_thread": (
        "import signal, threading\nsignal.pthread_kill(threading.get_ident(), 9)",
        "policy_violation",
    ),
    "a_stop": ("import os\nos.kill(os.getpid(), 19)", "policy_violation"),
    "a_call_of_another_architecture": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSYS)",
        "policy_violation",
    ),
    "a_limit_of_its_own": (
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "script_error",
    ),
    "a_limit_of_its_own_by_number": (
        "import ctypes, os, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "number = 160 if os.uname().machine == 'x86_64' else 164\n"
        "two = (ctypes.c_ulong * 2)(1, 1)\n"
        "assert libc.syscall(number, 0, two) == 0\nwhile True: pass",
        "script_error",
    ),
    "seconds_of_cpu": ("import os, signal\nos.kill(os.getpid(), signal.SIGXCPU)", "crashed"),
}


class TestClaims:
    @pytest.mark.parametrize(("code", "expected"), CLAIMS.values(), ids=CLAIMS.keys())
    async def test_the_code_cannot_claim(self, run: Runs, code: str, expected: str) -> None:
        ended = await run(code)

        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.retryable) == (expected, False)
        assert "architecture" not in ended.failure.message

    @pytest.mark.parametrize(
        ("signal_number", "cpu_seconds", "code"),
        [
            (signal.SIGXCPU, 11.0, "cpu_limit"),  # by ticks it was twenty
            (signal.SIGXCPU, 0.1, "crashed"),
            (signal.SIGKILL, 21.0, "cpu_limit"),  # the worker did not come to it
            (signal.SIGKILL, 19.0, "sandbox_lost"),
        ],
    )
    def test_spent_cpu_decides_what_a_signal_means(
        self, tmp_path: Path, signal_number: int, cpu_seconds: float, code: str
    ) -> None:
        ending = Ending(
            killed_for=None,
            released=True,
            exit=-signal_number,
            cpu_seconds=cpu_seconds,
            report={},
        )

        failure = judge(ending, LIMITS, tmp_path)

        assert failure is not None
        assert failure.code == code

    async def test_a_signal_that_a_run_sends_itself_for_good_reasons_arrives(
        self, run: Runs
    ) -> None:
        ended = await run("import os\nos.abort()")

        assert ended.failure is not None
        assert (ended.failure.code, ended.failure.retryable) == ("crashed", False)

    @pytest.mark.skipif(os.geteuid() != 0, reason="without a uid of its own only")
    async def test_without_the_filter_it_could_claim_a_kill_from_outside(
        self, run: Runs, weakened: Weaken
    ) -> None:
        weak = await weakened(SECCOMP)

        ended = await run("import os\nos.kill(os.getpid(), 9)", sandbox=weak)

        assert ended.failure is not None
        assert ended.failure.retryable

    @pytest.mark.skipif(os.geteuid() != 0, reason="without a uid of its own only")
    async def test_without_the_filter_a_limit_of_its_own_looks_like_a_kill(
        self, run: Runs, weakened: Weaken
    ) -> None:
        weak = await weakened(SECCOMP)

        ended = await run(CLAIMS["a_limit_of_its_own"][0], sandbox=weak)

        assert ended.failure is not None
        assert ended.failure.retryable

    def test_a_sandbox_that_broke_before_the_release_is_believed(self, tmp_path: Path) -> None:
        broken = {"sandbox": "OSError: no landlock"}
        ending = Ending(killed_for=None, released=False, exit=70, cpu_seconds=0.0, report=broken)

        failure = judge(ending, LIMITS, tmp_path)

        assert failure is not None
        assert failure.retryable
        assert failure.message.endswith(broken["sandbox"])

    async def test_a_run_is_released_when_it_takes_the_word_and_not_before(self) -> None:
        (out, out_w), (err, control), (go_r, go) = [os.pipe() for _ in range(3)]
        child = Child(out, err, control, go)

        before = child.released
        child.go(packed(LIMITS))
        unread = child.released
        os.read(go_r, WORD_BYTES)
        unsealed = child.released
        os.read(go_r, 1)
        os.close(go_r)

        assert (before, unread, unsealed, child.released) == (False, False, False, True)
        child.close()
        os.close(out_w)


class TestCollect:
    def test_long_paths_are_not_all_held_at_once(self, run_left: Run) -> None:
        with _nested(run_left.output_directory, folders=30) as deepest:
            for number in range(1000):
                _write_in(deepest, f"{number:04}.xlsx")
        tracemalloc.start()

        with pytest.raises(OutputInvalid, match=f"more than {MOST_OUTPUTS} "):
            collect(run_left, ".xlsx", MIB)

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2 * MIB

    def test_a_message_about_long_paths_stays_short(self, run_left: Run) -> None:
        with _nested(run_left.output_directory, folders=30) as deepest:
            for number in range(1000):
                _write_in(deepest, f"{number:04}.txt")
        tracemalloc.start()

        with pytest.raises(OutputInvalid, match=r"0004\.txt and 995 more") as refused:
            collect(run_left, ".xlsx", MIB)

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(refused.value.message) < 2000
        assert peak < 2 * MIB

    def test_the_main_file_is_found_behind_any_number_of_others(
        self, run_left: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(collect.__globals__, "MOST_ENTRIES", 10)
        for number in range(50):
            _write(run_left.output_directory, b"%d.txt" % number)
        run_left.output_path.write_bytes(b"main")

        outputs = collect(run_left, ".xlsx", MIB)

        assert [output.data for output in outputs] == [b"main"]

    def test_the_look_around_ends(self, run_left: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(collect.__globals__, "MOST_ENTRIES", 10)
        for number in range(50):
            _write(run_left.output_directory, b"%d.txt" % number)

        with pytest.raises(OutputInvalid, match=r" and \d more"):
            collect(run_left, ".xlsx", MIB)

    def test_a_folder_that_becomes_a_file_does_not_end_the_walk(self, tmp_path: Path) -> None:
        (tmp_path / "swapped").mkdir()

        with Descriptor(os.open(tmp_path, DIRECTORY)) as top:
            entries = walk(top)
            first = next(entries)
            (tmp_path / "swapped").rmdir()
            (tmp_path / "swapped").touch()
            rest = list(entries)

        assert (first.name, rest) == ("swapped", [])

    def test_a_folder_that_is_closed_again_meanwhile_does_not_end_the_walk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It made the run unmeasurable, which counted as lost and was tried again."""
        (tmp_path / "closed").mkdir()

        def refuse(name: str, folder: int) -> int:
            raise PermissionError(name)

        monkeypatch.setattr(directories, "open_directory", refuse)
        with Descriptor(os.open(tmp_path, DIRECTORY)) as top:
            assert [entry.name for entry in walk(top)] == ["closed"]


def _write(folder: Path, name: bytes, content: bytes = b"x") -> None:
    with open(os.fsencode(folder) + b"/" + name, "wb") as file:
        file.write(content)


def _write_in(folder: int, name: str) -> None:
    with open(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder), "wb") as file:
        file.write(b"x")


@contextmanager
def _nested(top: Path, folders: int) -> Iterator[int]:
    """Make folders in folders, with a path that no call takes whole; yield the deepest."""
    folder = os.open(top, DIRECTORY)
    for _ in range(folders):
        os.mkdir(NAME, dir_fd=folder)
        inner = os.open(NAME, DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = inner
    with Descriptor(folder):
        yield folder
