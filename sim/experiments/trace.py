"""Two worlds side by side, as one actor lives through them: what happens to it, and where the worlds first part.

Both worlds are advanced hour by hour. What is compared is the actor's own record and its orders; numbers of rows, which
differ between worlds for no reason that anybody could feel, are translated into keys or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from sim.clock import MINUTES_PER_HOUR
from sim.experiments.errors import StudyError
from sim.experiments.replication import with_seed
from sim.records.refusal import refusal
from sim.state import Rows
from sim.vocabulary import NO_ROW, OrderState

if TYPE_CHECKING:
    from sim.model import MarketModel
    from sim.scenario import Scenario

Kind = Literal["household", "worker", "company"]
TABLES: dict[Kind, str] = {"household": "households", "worker": "workers", "company": "companies"}
ORDER_COLUMN: dict[Kind, str] = {
    "household": "household_row",
    "worker": "worker_row",
    "company": "company_row",
}
NOT_FELT = frozenset(
    {"key", "plan", "stamp", "payroll_until_min", "payroll_min", "open_head", "open_tail", "epoch_pending"}
)
ROW_NUMBERS = {"company_row": "companies", "last_company_row": "companies", "household_row": "households"}


class Felt(NamedTuple):
    """What an actor can feel of a live order.

    Attributes:
        service: Id of the service.
        state: Name of the order's state.
        planned_start_min: Minutes since the period's start; 0 while nobody is planned.
        price_fen, support_fen: The price, and what public money pays of it.
    """

    service: str
    state: str
    planned_start_min: float
    price_fen: int
    support_fen: int


@dataclass(frozen=True)
class Event:
    """A change that an actor has felt by the end of an hour.

    Attributes:
        minute: End of the hour, minutes since the period's start.
        what: The column, or ``order <key>``.
        before, after: Values.
    """

    minute: float
    what: str
    before: object
    after: object


@dataclass
class Trace:
    """An actor in two worlds.

    Attributes:
        kind, key: Which actor.
        events: By world, what it felt.
        parted_min: End of the hour in which the worlds first differ for it; None if they never do.
        differences: What differs then: (what, value in the first world, value in the second).
    """

    kind: Kind
    key: int
    events: tuple[list[Event], list[Event]] = field(default_factory=lambda: ([], []))
    parted_min: float | None = None
    differences: list[tuple[str, object, object]] = field(default_factory=list)


def trace(
    first: Scenario, second: Scenario, kind: Kind, key: int, days: int | None = None, after_days: int = 7
) -> Trace:
    """Follow an actor through two worlds until some days after they have parted for it.

    Args:
        first: One scenario.
        second: Another one with the same region, scale and start; it gets the seed of the first.
        kind: Which table the actor is in.
        key: Its key, as in the Parquet tables of a run's results.
        days: Days to follow at most; the whole period if not given.
        after_days: Days to go on after the first divergence.

    Raises:
        StudyError: There is no such actor in the first world, or the worlds are not of the same region and time.
    """
    from sim.model import MarketModel

    _check(first, second)
    models = (MarketModel(first), MarketModel(with_seed(second, first.settings.seed)))
    found = Trace(kind, key)
    if _row_of(models[0], kind, key) == NO_ROW:
        raise refusal(StudyError, "trace_nobody", f"--{kind}", key=key)
    seen: list[dict[str, object]] = [{}, {}]
    end_min = min(model.end_min for model in models)
    if days is not None:
        end_min = min(end_min, days * 24 * MINUTES_PER_HOUR)
    while models[0].now_min < end_min and not _enough(found, models[0].now_min, after_days):
        _advance_both(models, found, seen)
    for model in models:
        model.release()
    return found


def _check(first: Scenario, second: Scenario) -> None:
    one, other = first.settings, second.settings
    if (one.region, one.scale, one.period.start) != (other.region, other.scale, other.period.start):
        raise refusal(StudyError, "trace_worlds", second.files[-1], baseline=first.files[-1])


def _enough(found: Trace, now_min: float, after_days: int) -> bool:
    return found.parted_min is not None and now_min >= found.parted_min + after_days * 24 * MINUTES_PER_HOUR


def _advance_both(models: Sequence[MarketModel], found: Trace, seen: list[dict[str, object]]) -> None:
    """Advance both worlds by an hour, and note what the actor felt and whether the worlds have parted."""
    minute = models[0].now_min + MINUTES_PER_HOUR
    for number, model in enumerate(models):
        model.advance_to(minute)
        now = dict(_state(model, found.kind, found.key))
        found.events[number].extend(_changes(minute, seen[number], now) if seen[number] else ())
        seen[number] = now
    if found.parted_min is None and seen[0] != seen[1]:
        found.parted_min = minute
        names = sorted({*seen[0], *seen[1]})
        pairs = [(name, seen[0].get(name), seen[1].get(name)) for name in names]
        found.differences = [pair for pair in pairs if pair[1] != pair[2]]


def _changes(minute: float, before: dict[str, object], after: dict[str, object]) -> Iterator[Event]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Event(minute, name, before.get(name), after.get(name))


def _state(model: MarketModel, kind: Kind, key: int) -> Iterator[tuple[str, object]]:
    """Yield what an actor can feel now: its record, and its live orders by key."""
    row = _row_of(model, kind, key)
    if row == NO_ROW:
        return
    record = model.tables[TABLES[kind]].rows[row]
    for name in record.dtype.names:
        if name not in NOT_FELT and (not name.endswith("_row") or name in ROW_NUMBERS):
            yield name, _plain(model, name, record[name])
    orders = model.tables["orders"].used
    live = (orders["state"] > OrderState.NONE) & (orders["state"] < OrderState.COMPLETED)
    for order in orders[live & (orders[ORDER_COLUMN[kind]] == row)]:
        values: dict[str, Any] = {name: _plain(model, name, order[name]) for name in Felt._fields}
        yield f"order {int(order['key'])}", Felt(**values)


def _plain(model: MarketModel, name: str, value: Any) -> object:
    """Return a value that can be compared between worlds and read by people."""
    if name in ROW_NUMBERS:
        row = int(value)
        return None if row == NO_ROW else int(model.tables[ROW_NUMBERS[name]].rows["key"][row])
    if name == "service":
        return model.world.service_ids[int(value)]
    if name == "state":
        return OrderState(int(value)).name
    plain = value.tolist() if hasattr(value, "tolist") else value
    return tuple(plain) if isinstance(plain, list) else plain


def _row_of(model: MarketModel, kind: Kind, key: int) -> int:
    table: Rows = model.tables[TABLES[kind]].used
    found = np.flatnonzero(table["key"] == np.uint64(key))
    return int(found[0]) if len(found) else NO_ROW
