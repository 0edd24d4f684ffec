"""The embedded Postgres, minded like the programs, stopped after them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from db.embedded import Cluster
from db.embedded import running as running_in
from db.errors import PressroomError
from db.settings import Settings
from pressroom.up.deaths import Deaths, ProgramFailed, told
from pressroom.up.failure import Failure
from pressroom.up.terminal import Terminal

NAME = "postgres"
LOOK_EVERY_SECONDS = 0.2


@contextmanager
def up(settings: Settings, terminal: Terminal, failure: Failure) -> Iterator[str]:
    """Yield the url of the database: the one that was named, or the embedded one, kept up."""
    if settings.database_url is not None:
        yield settings.database_url
        return

    minder = _Minder(settings, terminal, failure)
    try:
        yield minder.start()
    finally:
        minder.stop()


class _Minder:
    # All in one thread: Postgres ends with the thread that started it.
    def __init__(self, settings: Settings, terminal: Terminal, failure: Failure) -> None:
        self._cluster = Cluster(settings.data_dir / NAME, settings.postgres_bin)
        self._terminal = terminal
        self._failure = failure
        self._started: SimpleQueue[str | PressroomError] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._mind, name=NAME, daemon=True)

    def start(self) -> str:
        self._thread.start()
        answer = self._started.get()
        if isinstance(answer, PressroomError):
            raise answer

        return answer

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _mind(self) -> None:
        report: Callable[[PressroomError], None] = self._started.put
        try:
            self._cluster.start()
            self._started.put(self._cluster.url)
            report = self._failure.report
            self._keep_up()
        except PressroomError as reason:
            report(reason)
        except Exception as error:
            report(ProgramFailed(NAME, f"could not be run: {error!r}"))
            raise
        finally:
            self._cluster.stop()

    def _keep_up(self) -> None:
        deaths = Deaths(NAME)
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            end = self._end()
            if end is None:
                continue

            pause = deaths.count(end, [f"see {self._cluster.directory / 'log'}"])
            self._terminal.show(NAME, f"ended with {end}; starts again")
            self._stopping.wait(pause.total_seconds())
            self._cluster.start()
            self._terminal.show(NAME, "is up again")

    def _end(self) -> str | None:
        process = self._cluster.process
        if process is not None:
            status = process.poll()
            return None if status is None else told(status)

        # Another program's Postgres: ours to start as soon as it is gone.
        return None if running_in(self._cluster.directory) else "its owner"
