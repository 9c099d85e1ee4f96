"""How far a run has come, on stderr: a bar on a terminal, else a plain line every few seconds."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING

from sim.clock import MINUTES_PER_DAY
from sim.names import label
from sim.records.run import Model, Run, Watcher

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_LOOKS = 0.25
SHARE_BEFORE_ESTIMATE = 0.05
"""Share of its way that a run has to go before what remains is said."""
COMPLETED = "completed_orders"
STOPPABLE = "simulate"


class RunWatcher(Watcher):
    """Looks at a run: says what it is doing and passes on the wish to stop.

    Args:
        run: The run that is made.
        lang: Language of what is said.

    Attributes:
        can_stop: Whether a stop would have something to save: time is moving, and an hour has been simulated.
        stop: Set by whoever wants the run to stop at the next simulated hour.
    """

    def __init__(self, run: Run, lang: str) -> None:
        self.run = run
        self.lang = lang
        self.stop = False
        self.stage_name = ""
        self.can_stop = False

    def stage(self, name: str) -> None:
        """Hear that a stage begins."""
        self.stage_name = name
        self.can_stop = False

    def moved(self, model: Model) -> None:
        """Hear that an hour has been simulated."""
        del model
        self.can_stop = True

    def stop_requested(self) -> bool:
        """Whether the run shall stop at the end of this simulated hour."""
        return self.stop

    def word(self, name: str) -> str:
        """A label of the command."""
        return label(f"run.{name}", self.lang)


class Pace:
    """Rate and remaining time of a run, from the second half of what this process has simulated.

    Kernels compile while the first events of each kind happen; looking at the later half leaves that behind.

    Args:
        model: The model, where this process takes it up.
        until_min: Where the run will stop.
        clock: Gives the wall time in seconds.
    """

    def __init__(
        self, model: Model, until_min: float, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._clock = clock
        self._until_min = until_min
        self._from_min = model.now_min
        self._passed: list[tuple[float, float, int]] = []
        self.passed(model)

    def passed(self, model: Model) -> None:
        """Remember when the model was where it is."""
        self._passed.append((model.now_min, self._clock(), model.counts()[COMPLETED]))

    def look(self, model: Model) -> tuple[float, float] | None:
        """Completed orders per second of wall time, and seconds that remain; None as long as that is a guess."""
        done, whole = model.now_min - self._from_min, self._until_min - self._from_min
        if done < SHARE_BEFORE_ESTIMATE * whole:
            return None
        half = bisect_right(self._passed, (self._from_min + done / 2, inf, 0)) - 1
        since_min, since, orders = self._passed[half]
        seconds = max(self._clock() - since, 1e-9)
        moved = max(model.now_min - since_min, 1e-9)
        rate = (model.counts()[COMPLETED] - orders) / seconds
        return rate, seconds * max(self._until_min - model.now_min, 0.0) / moved


class ShowingWatcher(RunWatcher, ABC):
    """A watcher that shows the pace now and then.

    Args:
        run: The run that is made.
        lang: Language of what is said.
        until_min: Where the run will stop; None for its end.
        every_seconds: Wall time between two looks.
    """

    def __init__(self, run: Run, lang: str, until_min: float | None, every_seconds: float) -> None:
        super().__init__(run, lang)
        self._until_min = until_min
        self._every_seconds = every_seconds
        self._next_look = 0.0
        self._pace: Pace | None = None

    def stage(self, name: str) -> None:
        """Show that a stage begins."""
        super().stage(name)
        self.say(self.word(f"stage_{name}"))

    def moved(self, model: Model) -> None:
        """Show the pace, if it is time."""
        super().moved(model)
        now = time.perf_counter()
        if self._pace is None:
            self._pace = Pace(model, model.end_min if self._until_min is None else self._until_min)
            self._next_look = now + self._every_seconds
        elif now >= self._next_look:
            self._next_look = now + self._every_seconds
            self._pace.passed(model)
            self.show(model, self._pace.look(model))

    @abstractmethod
    def say(self, text: str) -> None:
        """Show what the run is doing."""

    @abstractmethod
    def show(self, model: Model, pace: tuple[float, float] | None) -> None:
        """Show how far it is and, where they are known, orders per second and remaining seconds."""

    def date(self, model: Model) -> str:
        """The simulated date."""
        return (self.run.period.start + timedelta(days=model.now_min // MINUTES_PER_DAY)).isoformat()

    def share(self, model: Model) -> float:
        """The share of the period that is simulated."""
        return model.now_min / model.end_min


class PlainWatcher(ShowingWatcher):
    """Writes plain lines."""

    def say(self, text: str) -> None:
        """Write a line."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def show(self, model: Model, pace: tuple[float, float] | None) -> None:
        """Write date, share, rate and remaining time in a line."""
        where = {"date": self.date(model), "share": f"{self.share(model):4.0%}"}
        rate, left = _as_read(pace)
        self.say(self.word("progress" if pace else "progress_begun").format(**where, rate=rate, left=left))


class BarWatcher(ShowingWatcher):
    """Moves a bar."""

    def __init__(self, run: Run, lang: str, until_min: float | None, bar: Progress) -> None:
        super().__init__(run, lang, until_min, SECONDS_BETWEEN_LOOKS)
        self._bar = bar
        self._task: TaskID = bar.add_task("", total=1.0, rate="", left="")

    def say(self, text: str) -> None:
        """Write beside the bar what the run is doing."""
        self._bar.update(self._task, description=text, rate="", left="")

    def show(self, model: Model, pace: tuple[float, float] | None) -> None:
        """Move the bar."""
        rate, left = _as_read(pace)
        self._bar.update(
            self._task,
            completed=self.share(model),
            description=self.date(model),
            rate=self.word("rate").format(rate=rate) if pace else "",
            left=self.word("left").format(left=left) if pace else "",
        )


def _as_read(pace: tuple[float, float] | None) -> tuple[str, str]:
    """Orders per second and remaining time as people read them; nothing where they are not known."""
    return (f"{pace[0]:,.0f}", str(timedelta(seconds=round(pace[1])))) if pace else ("", "")


@contextmanager
def watching(
    run: Run, lang: str, until_min: float | None = None, *, quiet: bool = False
) -> Iterator[RunWatcher]:
    """Give the watcher that suits stderr; its bar is gone when the block ends."""
    if quiet:
        yield RunWatcher(run, lang)
    elif sys.stderr.isatty():
        with _bar() as bar:
            yield BarWatcher(run, lang, until_min, bar)
    else:
        yield PlainWatcher(run, lang, until_min, SECONDS_BETWEEN_LINES)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=4,
    )
