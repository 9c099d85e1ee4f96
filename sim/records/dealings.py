"""What indicators do not keep: how long each placement lasts and what is paid for it, and visits by service and form.

A sink that looks at everything before the recorder does, in memory that does not grow with the number of visits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.records.tables import firm_form_codes
from sim.sink import EventSink
from sim.state import Rows, World
from sim.vocabulary import FirmForm, OrderState, PlacementState, Reason, ServiceForm

SPELL = np.dtype(
    [
        ("service", "i2"),
        ("form", "i1"),
        ("start_min", "f8"),
        ("end_min", "f8"),
        ("ended", "?"),
        ("is_new", "?"),
        ("price_fen_per_month", "i8"),
        ("wage_fen_per_month", "i8"),
    ]
)
"""A placement that has started: when it began, when it ended or was last seen (``ended`` says which), and what is paid
for a month. Who goes on with the same worker without the firm has ended nothing. ``is_new`` says that its beginning is
known: that it neither was under way when time began nor goes on from another one."""

VISIT_MEASURES = ("completed", "service_min", "price_fen", "wage_fen")
FORMS = len(FirmForm) + 1


class Dealings(EventSink):
    """Notes placements and visits and passes everything on to the recorder.

    Args:
        recorder: The recorder of the run.
        period: The run's.
        services: How many services there are.

    Attributes:
        visits: Completed visits by day of request, service and form, a measure each (i8[days, services, forms]).
        served: Visits completed by day of service and form (i8[days, forms]).
        worker_days: Workers who completed at least one then (i8[days, forms]).
    """

    def __init__(self, recorder: Recorder, period: Period, services: int) -> None:
        self.recorder = recorder
        self.period = period
        shape = (period.days, services, FORMS)
        self.visits = {name: np.zeros(shape, np.int64) for name in VISIT_MEASURES}
        self.served = np.zeros((period.days, FORMS), np.int64)
        self.worker_days = np.zeros((period.days, FORMS), np.int64)
        self._spells: list[Rows] = [np.zeros(0, SPELL)]

    @property
    def spells(self) -> Rows:
        """All placements that have started, dtype ``SPELL``."""
        return np.concatenate(self._spells)

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Note the completed visits, and pass on."""
        done = rows[rows["state"] == OrderState.COMPLETED]
        forms = _forms(done, world)
        place = (self.period.day_of(done["placed_min"]), done["service"].astype(np.int64), forms)
        values: dict[str, NDArray[Any]] = {
            "completed": np.ones(len(done), np.int64),
            "service_min": np.rint(done["duration_min"]).astype(np.int64),
            "price_fen": done["price_fen"],
            "wage_fen": done["wage_fen"],
        }
        for name, numbers in values.items():
            np.add.at(self.visits[name], place, numbers)
        self._note_days(done, forms)
        self.recorder.orders_ended(rows, world)

    def placements_ended(self, rows: Rows, world: World) -> None:
        """Note those that had started, and pass on."""
        private = rows["reason"] == Reason.WENT_PRIVATE
        self._note_spells(rows, rows["ended_min"], ~private, world)
        self.recorder.placements_ended(rows, world)

    def stocks(self, rows: Rows, world: World) -> None:
        """Pass on."""
        self.recorder.stocks(rows, world)

    def month_closed(self, end_min: float, world: World) -> None:
        """Pass on."""
        self.recorder.month_closed(end_min, world)

    def run_closed(self, end_min: float, world: World) -> None:
        """Note the placements that have started and not ended, and pass on."""
        rows = world.tables["placements"].used
        open_states = (PlacementState.SEARCHING, PlacementState.AGREED, PlacementState.ACTIVE)
        rows = rows[np.isin(rows["state"], open_states)]
        self._note_spells(rows, np.full(len(rows), end_min), np.zeros(len(rows), bool), world)
        self.recorder.run_closed(end_min, world)

    def _note_days(self, done: Rows, forms: NDArray[np.int64]) -> None:
        day = np.minimum(self.period.day_of(done["finish_min"]), self.period.days - 1)
        np.add.at(self.served, (day, forms), 1)
        # The log is emptied at midnight of a month's end, so that no day is in two of them.
        who = np.unique(np.stack([day, forms, done["worker_row"].astype(np.int64)], axis=1), axis=0)
        np.add.at(self.worker_days, (who[:, 0], who[:, 1]), 1)

    def _note_spells(
        self, rows: Rows, ends: NDArray[np.float64], ended: NDArray[np.bool_], world: World
    ) -> None:
        is_placement = world.tables["services"].rows["form"][rows["service"]] == ServiceForm.PLACEMENT
        chosen = is_placement & (rows["start_min"] >= 0.0)
        rows = rows[chosen]
        spells = np.zeros(len(rows), SPELL)
        for name in ("service", "start_min", "price_fen_per_month", "wage_fen_per_month"):
            spells[name] = rows[name]
        spells["form"] = _forms(rows, world)
        spells["end_min"], spells["ended"] = ends[chosen], ended[chosen]
        spells["is_new"] = (rows["start_min"] > 0.0) & (rows["went_on"] == 0)
        self._spells.append(spells)


def _forms(rows: Rows, world: World) -> NDArray[np.int64]:
    return firm_form_codes(rows, world).astype(np.int64)
