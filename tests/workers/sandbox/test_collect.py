"""What a dead run left is served when it is a plain file of the right type, else explained."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workers.sandbox import Output, OutputInvalid, Run, collect
from workers.sandbox.collect import MOST_OUTPUTS

MIB = 1024 * 1024


def test_the_main_file_comes_first_and_what_lies_beside_it_follows(run_left: Run) -> None:
    run_left.output_path.write_bytes(b"main")
    (run_left.output_directory / "a.xlsx").write_bytes(b"more")
    (run_left.output_directory / "notes.txt").write_bytes(b"no")
    (run_left.directory / "elsewhere.xlsx").write_bytes(b"no")

    outputs = collect(run_left, ".xlsx", MIB)

    assert outputs == [Output(name="out.xlsx", data=b"main"), Output(name="a.xlsx", data=b"more")]


@pytest.mark.parametrize("place", ["output/other.xlsx", "report.XLSX", "tmp/x.xlsx", "a/b/c.xlsx"])
def test_a_right_typed_file_elsewhere_is_served_too(run_left: Run, place: str) -> None:
    (run_left.directory / place).parent.mkdir(parents=True, exist_ok=True)
    (run_left.directory / place).write_bytes(b"found")

    outputs = collect(run_left, ".xlsx", MIB)

    assert [output.data for output in outputs] == [b"found"]


def test_an_upload_is_not_a_result(run_left: Run) -> None:
    (run_left.directory / "input" / "given.xlsx").write_bytes(b"given")

    with pytest.raises(OutputInvalid) as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.code == "no_output"


def test_a_file_without_any_right_is_read_all_the_same(run_left: Run) -> None:
    run_left.output_path.write_bytes(b"mine")
    run_left.output_path.chmod(0)

    assert collect(run_left, ".xlsx", MIB)[0].data == b"mine"


@pytest.mark.parametrize(("owner", "code"), [(True, "no_output"), (False, "not_a_file")])
def test_a_folder_that_nobody_may_enter_is_opened_or_told_of(
    run_left: Run, monkeypatch: pytest.MonkeyPatch, owner: bool, code: str
) -> None:
    opened, changed = os.open, os.fchmod

    def enter(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        if dir_fd is not None and not os.fstat(dir_fd).st_mode & 0o100:
            raise PermissionError(path)  # as to anybody but root
        return opened(path, flags, dir_fd=dir_fd)

    def change(fd: int, mode: int) -> None:
        if not owner:
            raise PermissionError
        changed(fd, mode)

    run_left.output_directory.chmod(0o400)
    monkeypatch.setattr(os, "open", enter)
    monkeypatch.setattr(os, "fchmod", change)

    with pytest.raises(OutputInvalid) as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.code == code


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _hard_link(path: Path) -> None:
    (path.parent / "twin").write_bytes(b"x")
    os.link(path.parent / "twin", path)


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MIB + 1)


@pytest.mark.parametrize(
    ("leave", "code", "words"),
    [
        (Path.mkdir, "not_a_file", "a folder"),
        (_link, "not_a_file", "a symbolic link"),
        (_hard_link, "not_a_file", "a hard link"),
        (os.mkfifo, "not_a_file", "a FIFO"),
        (Path.touch, "empty_output", "is empty"),
        (_large, "output_too_large", "1.0 MiB"),
    ],
)
def test_what_cannot_be_served_is_named(
    run_left: Run, leave: Callable[[Path], object], code: str, words: str
) -> None:
    leave(run_left.output_path)

    with pytest.raises(OutputInvalid, match=words) as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.code == code


def test_a_linked_folder_on_the_way_is_not_followed(run_left: Run, tmp_path: Path) -> None:
    outside = tmp_path.with_name(tmp_path.name + "-outside")
    outside.mkdir()
    (outside / "out.xlsx").write_bytes(b"not yours")
    run_left.output_directory.rmdir()
    run_left.output_directory.symlink_to(outside)

    with pytest.raises(OutputInvalid) as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.code == "no_output"


def test_the_limit_is_for_all_files_together(run_left: Run) -> None:
    run_left.output_path.write_bytes(bytes(600))
    (run_left.output_directory / "more.xlsx").write_bytes(bytes(600))

    with pytest.raises(OutputInvalid) as refused:
        collect(run_left, ".xlsx", 1000)

    assert refused.value.code == "output_too_large"


def test_files_beyond_the_most_are_not_left_out_in_silence(run_left: Run) -> None:
    for n in range(MOST_OUTPUTS):
        (run_left.output_directory / f"{n}.xlsx").write_bytes(b"x")
    assert len(collect(run_left, ".xlsx", MIB)) == MOST_OUTPUTS

    run_left.output_path.write_bytes(b"one more")
    with pytest.raises(OutputInvalid, match=r"more than 20 \.xlsx files") as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.code == "too_many_outputs"


def test_a_script_that_wrote_something_else_is_told_what_and_what_to_do(run_left: Run) -> None:
    (run_left.directory / "notes.txt").write_text("x")

    with pytest.raises(OutputInvalid) as refused:
        collect(run_left, ".xlsx", MIB)

    assert refused.value.message == (
        "The code ended without writing OUTPUT_PATH. It wrote: notes.txt. "
        "Save the workbook with workbook.save(OUTPUT_PATH)."
    )
