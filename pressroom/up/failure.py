"""The reason why everything stops, told to whoever is in the middle of something else."""

import signal
import threading

from db.errors import PressroomError


class Failure:
    """The first thing that cannot be kept up; it interrupts the main thread."""

    def __init__(self) -> None:
        self.reason: PressroomError | None = None
        self._reporting = threading.Lock()

    def report(self, reason: PressroomError) -> None:
        """Keep the reason and end what the main thread does with KeyboardInterrupt, once."""
        with self._reporting:
            if self.reason is not None:
                return
            self.reason = reason

        # A signal, since nothing else wakes a thread that waits in the kernel.
        main = threading.main_thread().ident
        if main is not None:
            signal.pthread_kill(main, signal.SIGINT)
