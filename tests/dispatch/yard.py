"""A market built by hand on a plain: a few households and workers at given places, and orders as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel

from sim.dispatch.interface import Action, DispatchView, Insertion, Triggers
from sim.market.booking import Booking
from sim.model import MarketModel
from sim.sink import NullSink
from sim.state import Rows, Table, World
from sim.vocabulary import NO_ROW, OrderState
from tests.core.small import Town
from tests.core.worlds import built, take

FIRM, OTHER_FIRM = 0, 1
SIDE_KM = 1000.0
SHIFT_MIN = (8 * 60.0, 18 * 60.0)
HALF_WIDTH_MIN = 30.0
# Nothing happens but what a test asks for; 1 June 2026 is a Monday far from the festival.
QUIET = (
    "period.start=2026-06-01",
    "period.days=28",
    "services=[hourly_cleaning,window_cleaning]",
    "parameters.labour.exit_rate_per_year=0",
    "parameters.labour.network_entry_rate_per_year=0",
    "parameters.visits.confirm_within_min=1440",
    "parameters.visits.flexible_mean_min=0",
    "parameters.visits.firms_asked_at_most=1",
    "parameters.visits.cancel_probability=0",
    "parameters.visits.no_show_probability=0",
    "parameters.visits.acceptance_noise_sd=0",
    "parameters.travel.noise_cv=0",
)
Place = tuple[float, float]


class NoParameters(BaseModel):
    """None."""


class Scripted:
    """A dispatcher that does what a test tells it.

    Args:
        decide: What it does.
        triggers: When it is called.
    """

    name: ClassVar[str] = "scripted"
    Parameters: ClassVar[type[BaseModel]] = NoParameters

    def __init__(
        self, decide: Callable[[DispatchView], Sequence[Action]], triggers: Triggers | None = None
    ) -> None:
        self.decide = decide
        self.triggers = triggers or Triggers(on_freed=False)


def nothing(_view: DispatchView) -> Sequence[Action]:
    """Leave every order open."""
    return []


class Yard:
    """Two firms' workers and their customers on a plain.

    Args:
        town: Gives the scenario.
        workers: Homes of the first firm's workers, in km.
        households: Homes of the households.
        others: Homes of the other firm's workers.
        overrides: More settings.

    Workers have an e-bike, all skills, no reservation wage, and work 8 to 18 every day.
    """

    def __init__(
        self,
        town: Town,
        workers: Sequence[Place],
        households: Sequence[Place],
        others: Sequence[Place] = (),
        overrides: Sequence[str] = (),
    ) -> None:
        self.ended: list[Rows] = []
        scenario = town(*QUIET, *overrides)
        places = [*workers, *others]
        self.model: MarketModel = built(
            scenario, lambda world: _furnish(world, places, len(workers), households), _Keeper(self.ended)
        )
        self.market = self.model.market
        self.visits = self.model.desks.visits
        self.let(nothing)
        self._orders = 0

    def let(
        self, decide: Callable[[DispatchView], Sequence[Action]], triggers: Triggers | None = None
    ) -> None:
        """Let both firms be dispatched by this."""
        self.use(Scripted(decide, triggers))

    def use(self, dispatcher: Any) -> None:
        """Let both firms use a dispatcher."""
        for firm in range(len(self.visits.dispatchers)):
            self.visits.dispatchers[firm] = dispatcher  # type: ignore[index]

    def order(
        self,
        household: int = 0,
        start_min: float = 10 * 60.0,
        duration_min: float = 60.0,
        service: int = 0,
        company: int = FIRM,
        half_width_min: float = HALF_WIDTH_MIN,
        days_patient: int = 0,
    ) -> int:
        """Let a household order a visit now and return its row."""
        self._orders += 1
        booking = Booking(
            key=np.uint64(1000 + self._orders),
            household=household,
            company=company,
            service=service,
            placement=NO_ROW,
            regular=NO_ROW,
            wanted_min=start_min,
            earliest_min=max(self.model.now_min, start_min - half_width_min),
            latest_min=start_min + half_width_min,
            duration_min=duration_min,
            days_patient=days_patient,
        )
        return self.visits.place(booking)

    def view(self, company: int = FIRM) -> Any:
        """Return a firm's view now, of all its open orders."""
        return self.visits.view.look(company, self.visits.view.waiting(company))

    def carry_out(self, *actions: Action, company: int = FIRM) -> None:
        """Let a firm's dispatcher do something now."""
        self.let(lambda _view: actions)
        self.visits._decide(company, self.visits.view.waiting(company))
        self.let(nothing)

    def state(self, order: int) -> OrderState:
        return OrderState(int(self.row(order)["state"]))

    def row(self, order: int) -> Any:
        return self.model.tables["orders"].rows[order]

    def worker(self, worker: int) -> Any:
        return self.model.tables["workers"].rows[worker]

    def plan(self, worker: int) -> list[int]:
        row = self.worker(worker)
        planned: list[int] = row["plan"][: row["plan_length"]].tolist()
        return planned

    def queue(self, company: int = FIRM) -> list[int]:
        waiting: list[int] = self.visits.view.waiting(company).tolist()
        return waiting

    def illegal(self, company: int = FIRM) -> int:
        return int(self.model.tables["companies"].used["illegal_actions"][company])

    def insertions(self, order: int, company: int = FIRM) -> list[Insertion]:
        """Return the feasible insertions of an order, worker by worker."""
        view = self.view(company)
        found = [view.insertion(int(worker), order) for worker in view.workers()["row"]]
        return [insertion for insertion in found if insertion is not None]

    def close(self) -> Rows:
        """Audit the run and return the orders that have ended."""
        self.model.close()
        return np.concatenate(self.ended)


class _Keeper(NullSink):
    def __init__(self, ended: list[Rows]) -> None:
        self.ended = ended

    def orders_ended(self, rows: Rows, world: World) -> None:
        self.ended.append(rows.copy())


def _furnish(world: World, places: Sequence[Place], firsts: int, households: Sequence[Place]) -> None:
    tables = world.tables
    for name in ("residents", "institutions", "bases"):
        tables[name] = Table(tables[name].rows.dtype)
    tables["companies"].used["institution_row"] = NO_ROW
    take(world, "companies", [0, 1])
    tables["companies"].used["citywide"] = 1
    tables["companies"].used["services"] = 3
    tables["companies"].used["price_multiplier"] = 1.0
    tables["districts"].used["side_km"] = SIDE_KM
    template = tables["workers"].used[:1]
    tables["workers"] = Table.of(np.repeat(template, len(places)))
    _settle_workers(tables["workers"].used, places, firsts)
    take(world, "households", range(len(households)))
    homes = tables["households"].used
    homes["propensity"] = 0.0
    _stand(homes, households, "")


def _settle_workers(rows: Rows, places: Sequence[Place], firsts: int) -> None:
    rows["key"] = np.arange(1, len(rows) + 1) * 7919
    rows["company_row"] = [FIRM if number < firsts else OTHER_FIRM for number in range(len(rows))]
    rows["skills"] = 3
    rows["certified"], rows["health_class"], rows["has_ebike"] = 1, 3, 1
    rows["weekdays"] = 0b111_1111
    rows["shift_start_min"], rows["shift_end_min"] = SHIFT_MIN
    rows["reservation_fen_per_h"] = 0.0
    _stand(rows, places, "")
    _stand(rows, places, "home_")
    rows["home_map_x_km"], rows["home_map_y_km"] = rows["home_city_x_km"], rows["home_city_y_km"]


def _stand(rows: Rows, places: Sequence[Place], prefix: str) -> None:
    rows[f"{prefix}district"] = 0
    for column, axis in (("x_km", 0), ("y_km", 1), ("city_x_km", 0), ("city_y_km", 1)):
        rows[f"{prefix}{column}"] = [place[axis] for place in places]
