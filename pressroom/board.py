"""Draws jobs in the terminal: a row each, from the states that the stream brings."""

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_WORDS = {
    "pending": "queued",
    "processing": "running",
    "completed": "[green]ready[/]",
    "failed": "[red]failed[/]",
    "cancelled": "[dim]cancelled[/]",
}


class Board:
    """A live table of jobs; without a terminal, one line for each that ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.fields[title]}"),
            BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[word]}"),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, state: dict[str, Any]) -> None:
        """Draw one state of a job."""
        word = describe(state)
        title = escape(state["title"] or state["jobType"])
        if state["jobId"] not in self._rows:
            self._rows[state["jobId"]] = self._progress.add_task("", title=title, word=word)
        self._progress.update(
            self._rows[state["jobId"]],
            completed=state["progress"],
            total=100,
            title=title,
            word=word,
        )
        if state["final"]:
            self._progress.stop_task(self._rows[state["jobId"]])
            if not self._console.is_terminal:
                self._console.print(f"{title}: {word}")


def _told(error: dict[str, Any]) -> str:
    line = f"line {error['line']}: " if error.get("line") else ""
    kind = f"{error['type']}: " if error["code"] == "script_error" and error.get("type") else ""

    return line + kind + str(error["message"])


def describe(state: dict[str, Any]) -> str:
    """Say in a few words how a job stands."""
    word = _WORDS[state["status"]]
    if state["error"] and state["final"]:
        return f"{word} · {escape(_told(state['error']))}"
    if state["message"] and not state["final"]:
        return f"{word} · {escape(state['message'])}"

    return word
