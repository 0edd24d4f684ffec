"""Hears the order to stop under a server that is not ours, and passes it on."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ORDERS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heeded(drain: Callable[[], None]) -> Iterator[None]:
    """Call `drain` on the loop when the process is told to stop, then whoever was to be told."""
    if threading.current_thread() is not threading.main_thread():  # signals do not come here
        yield
        return

    loop = asyncio.get_running_loop()
    told = {order: signal.getsignal(order) for order in ORDERS}

    def hear(order: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)
        before = told[signal.Signals(order)]
        if callable(before):
            before(order, frame)

    for order in ORDERS:
        signal.signal(order, hear)
    try:
        yield
    finally:
        for order, before in told.items():
            if signal.getsignal(order) is hear:
                signal.signal(order, before)
