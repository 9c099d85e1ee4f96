"""Ctrl-C during a study: the first ends it and keeps what is finished, the second leaves at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""A batch system announces the end of the time that it gives by SIGTERM."""


@contextmanager
def stop_requested() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether the user wants to stop, for the time of the block.

    Signals reach the main thread only; elsewhere nobody can ask, and the function says False.
    """
    wish = threading.Event()

    def heard(_number: int, _frame: FrameType | None) -> None:
        if wish.is_set():
            raise KeyboardInterrupt
        wish.set()

    if threading.current_thread() is not threading.main_thread():
        yield wish.is_set
        return
    before = {number: signal.signal(number, heard) for number in SIGNALS}
    try:
        yield wish.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
