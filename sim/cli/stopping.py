"""Ctrl-C during a run: the first stops it at the next simulated hour and saves, the second leaves at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sim.cli.face import Face
from sim.cli.progress import RunWatcher

SIGNALS = (signal.SIGINT, signal.SIGTERM)
WRITING = "record"


@contextmanager
def stopping(watcher: RunWatcher, face: Face) -> Iterator[None]:
    """Turn the first interruption into a wish to stop, for the time of the block.

    Before an hour has been simulated there is nothing to save, and the program leaves at once. While results are being
    written the first interruption only says so. A request to terminate (as batch systems send it) counts the same.
    """

    def heard(_number: int, _frame: FrameType | None) -> None:
        writing = watcher.stage_name == WRITING
        if watcher.stop or not (watcher.can_stop or writing):
            raise KeyboardInterrupt
        watcher.stop = True
        face.note("run_writing" if writing else "run_stopping")

    before = {number: signal.signal(number, heard) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
