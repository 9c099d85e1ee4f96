"""A made-up run told to a sink in any chunks, and a model that tells it as time goes by."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.records.recorder import Detail, Recorded, Recorder
from sim.records.tables import FLOW
from sim.sink import EventSink
from sim.state import Rows, Table, World
from sim.vocabulary import MoneyKind, NeedsBy, OrderState, PlacementState, Sector
from tests.records.synthetic import (
    END_MIN,
    PERIOD,
    SCALE,
    SERVICES,
    make_orders,
    make_placements,
    make_stocks,
    make_world,
)

MONTH_ENDS = tuple(float(day) * MINUTES_PER_DAY for day in np.cumsum(PERIOD.days_of_month))
ORDERS = 800
PLACEMENTS = 60


@dataclass
class History:
    """All that happens in a made-up run."""

    seed: int
    orders: Rows = field(init=False)
    placements: Rows = field(init=False)
    stocks: list[Rows] = field(init=False)

    def __post_init__(self) -> None:
        self.orders = make_orders(self.seed, ORDERS)
        self.placements = make_placements(self.seed, PLACEMENTS)
        self.stocks = make_stocks(self.seed)

    def earn(self, world: World, month: int) -> None:
        """Let workers earn, firms complete and bases place something in a month."""
        workers = world.tables["workers"].used
        workers["income_fen"] += (np.arange(len(workers)) + 1) * 10_000 * (month + 1)
        workers["completed"] += 3
        workers["visit_days"] += 2
        care_for(world, homes=10, hired=2)
        companies = world.tables["companies"].used
        companies["completed"] += np.arange(len(companies)) + 1
        companies["requested"] += np.arange(len(companies)) + 3
        companies["money_fen"][:, MoneyKind.SERVICE] += 1_000_000
        companies["money_fen"][:, MoneyKind.WAGE] -= 750_000
        world.tables["bases"].used["placed"] += 2
        world.tables["institutions"].used["beds"] = 10
        world.tables["institutions"].used["residents"] = 4

    def leave_open(self, world: World) -> None:
        """Put what is still open at the end into the tables, beside a row that was given back."""
        orders = make_orders(self.seed + 1, 30, ended=False)
        orders[0]["state"] = OrderState.NONE
        orders[1]["state"] = OrderState.COMPLETED
        world.tables["orders"] = Table.of(orders)
        placements = make_placements(self.seed + 2, 9)
        placements["state"] = np.tile(
            (PlacementState.ACTIVE, PlacementState.SEARCHING, PlacementState.NONE), 3
        )
        placements["start_min"] = np.where(placements["state"] == PlacementState.ACTIVE, END_MIN - 5.0, -1.0)
        world.tables["placements"] = Table.of(placements)

    def ledger(self) -> Rows:
        """Payments of every month."""
        months = len(PERIOD.months)
        rows = np.zeros(2 * months, FLOW)
        rows["month"] = np.tile(np.arange(months), 2)
        rows["payer"] = np.repeat((Sector.HOUSEHOLD, Sector.GOVERNMENT), months)
        rows["payee"] = Sector.COMPANY
        rows["amount_fen"] = 3_000_000
        return rows


def care_for(world: World, homes: int, hired: int) -> None:
    """Give so many homes a disabled elder, one of them in an institution beside, and so many a carer."""
    households = world.tables["households"].used
    households["elders"][: homes + 1] = 1
    households["disability"][: homes + 1] = 2
    households["residents"][homes] = 1
    placements = make_placements(0, hired + 1)
    placements["service"] = SERVICES.index("nanny")
    placements["household_row"] = np.arange(hired + 1)
    placements["state"] = PlacementState.ACTIVE
    placements["state"][-1] = PlacementState.SEARCHING
    world.tables["placements"] = Table.of(placements)
    world.tables["services"].used["needs_by"][SERVICES.index("nanny")] = NeedsBy.DISABLED_ELDER


def tell(recorder: Recorder, history: History, *, chunks: int = 1, shuffled: bool = False) -> Recorded:
    """Tell a whole history, each month's rows in so many chunks."""
    world = make_world()
    recorder.begin(world)
    draw = np.random.default_rng(history.seed)
    for month, end_min in enumerate(MONTH_ENDS):
        tell_month(recorder, history, world, month, end_min, draw if shuffled else None, chunks)
    history.leave_open(world)
    recorder.run_closed(END_MIN, world)
    return recorder.finish(history.ledger())


def tell_month(
    recorder: EventSink,
    history: History,
    world: World,
    month: int,
    end_min: float,
    draw: np.random.Generator | None = None,
    chunks: int = 1,
) -> None:
    """Tell what ended in a month, the stocks of its days, and close it."""
    begin_min = MONTH_ENDS[month - 1] if month else 0.0
    for rows, take in (
        (history.orders, recorder.orders_ended),
        (history.placements, recorder.placements_ended),
    ):
        ended = rows[(rows["ended_min"] >= begin_min) & (rows["ended_min"] < end_min)]
        if month == len(MONTH_ENDS) - 1:
            ended = rows[rows["ended_min"] >= begin_min]
        if draw is not None:
            ended = draw.permutation(ended)
        for chunk in np.array_split(ended, chunks):
            take(chunk, world)
    for day in range(int(begin_min // MINUTES_PER_DAY), int(end_min // MINUTES_PER_DAY)):
        recorder.stocks(history.stocks[day], world)
    history.earn(world, month)
    recorder.month_closed(end_min, world)


def recorder(folder: Path | None = None, detail: Detail = "tables") -> Recorder:
    """Return a recorder of the made-up period."""
    return Recorder(PERIOD, SCALE, detail, folder)


class Passed:
    """An auditor who is content."""

    passed: ClassVar[dict[str, int]] = {"orders": 3}


class FakeModel:
    """A model that tells a made-up history as time goes by; its state is how far it has come."""

    auditor = Passed()
    end_min = END_MIN

    def __init__(self, scenario: Any, sink: EventSink) -> None:
        self.history = History(scenario.settings.seed)
        self.sink = sink
        self.world = make_world()
        self.now_min = 0.0
        self.told = 0

    def advance_to(self, minute: float) -> None:
        """Tell the months that end before the minute."""
        self.now_min = min(minute, END_MIN)
        while self.told < len(MONTH_ENDS) and MONTH_ENDS[self.told] < self.now_min:
            self._tell()

    def close(self) -> None:
        """Tell the rest."""
        while self.told < len(MONTH_ENDS):
            self._tell()
        self.history.leave_open(self.world)
        self.sink.run_closed(END_MIN, self.world)

    def save(self, path: Path) -> None:
        """Write how far it has come."""
        path.write_text(json.dumps([self.now_min, self.told]), encoding="utf-8")

    @classmethod
    def resume(cls, path: Path, scenario: Any, sink: EventSink) -> Self:
        """Go on from there."""
        model = cls(scenario, sink)
        now_min, told = json.loads(path.read_text(encoding="utf-8"))
        for month in range(told):
            model.history.earn(model.world, month)
        model.now_min, model.told = now_min, told
        return model

    def counts(self) -> dict[str, int]:
        """Count what happened."""
        return {"completed_orders": self.told * 100}

    def ledger_totals(self) -> Rows:
        """Return the payments."""
        return self.history.ledger()

    def _tell(self) -> None:
        tell_month(self.sink, self.history, self.world, self.told, MONTH_ENDS[self.told])
        self.told += 1
