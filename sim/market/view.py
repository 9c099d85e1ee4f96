"""What a firm's dispatcher sees: the engine's side of :class:`sim.dispatch.interface.DispatchView`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.dispatch.interface import ForeignRow, Insertion
from sim.market import orders as order_steps
from sim.market import search
from sim.market.trips import minutes, roads_of
from sim.rng import decision
from sim.state import ORDER, SERVICE, WORKER
from sim.vocabulary import Reason

if TYPE_CHECKING:
    from sim.market.market import Market

_NEAREST = 0
_SHUFFLE = decision("dispatch.shuffle")

ORDER_VIEW = (
    "service", "state", "district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km",
    "placed_min", "wanted_min", "earliest_min", "latest_min", "confirm_by_min", "days_shifted",
    "expected_duration_min", "planned_start_min", "price_fen", "wage_fen", "offers", "worker_row",
)  # fmt: skip
ASKED = ("health_class", "certificate_required")
WORKER_VIEW = (
    "status", "district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km",
    "home_district", "home_x_km", "home_y_km", "skills", "skill_level", "certified", "health_class", "has_ebike",
    "weekdays", "shift_start_min", "shift_end_min", "rating", "ratings", "plan", "plan_length", "frozen",
    "free_at_min", "income_fen", "completed",
)  # fmt: skip
PLACE = ("district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km")
_SEEN_ORDER = np.dtype(
    [
        ("row", "i4"),
        *((column, ORDER[column]) for column in ORDER_VIEW),
        *((column, SERVICE[column]) for column in ASKED),
    ]
)
_SEEN_WORKER = np.dtype(
    [
        ("row", "i4"),
        *((column, WORKER[column]) for column in WORKER_VIEW),
        ("expected_free_min", "f8"),
        *((f"next_{column}", WORKER[column]) for column in PLACE),
    ]
)


class MarketView:
    """One firm's view at one moment; the engine reuses the object and moves it on."""

    __slots__ = ("_due", "_market", "company", "freed")

    def __init__(self, market: Market) -> None:
        self._market = market
        self._due = np.empty(0, np.int32)
        self.company = -1
        self.freed = -1

    def look(self, company: int, due: NDArray[np.int32], freed: int = -1) -> MarketView:
        """Turn to a firm, the orders that the call is about and the worker who has become free."""
        self.company, self._due, self.freed = company, np.ascontiguousarray(due, np.int32), freed
        return self

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""
        return self._market.now_min

    @property
    def illegal_actions(self) -> int:
        """How many of the firm's actions the engine has refused so far."""
        return int(self._market.rows("companies")["illegal_actions"][self.company])

    def due(self) -> NDArray[np.int32]:
        """Return the orders that this call is about."""
        return self._due

    def orders(self, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[Any]:
        """Return what the firm can know of these orders; field ``row`` names the order.

        ``service`` is also the bit of the skill that the order needs; ``health_class`` and ``certificate_required``
        are what it asks of the worker.
        """
        asked = self._own_orders(rows)
        orders, services = self._market.rows("orders"), self._market.rows("services")
        seen = np.zeros(len(asked), _SEEN_ORDER)
        seen["row"] = asked
        for column in ORDER_VIEW:
            seen[column] = orders[column][asked]
        for column in ASKED:
            seen[column] = services[column][seen["service"]]
        return seen

    def workers(self) -> NDArray[Any]:
        """Return what the firm can know of its workers; field ``row`` names the worker.

        ``expected_free_min`` is when the visit that he has begun should be over (now, if there is none), and the
        fields ``next_...`` are the place where he will be then.
        """
        members = self.member_rows()
        workers, orders = self._market.rows("workers"), self._market.rows("orders")
        seen = np.zeros(len(members), _SEEN_WORKER)
        seen["row"] = members
        for column in WORKER_VIEW:
            seen[column] = workers[column][members]
        seen["expected_free_min"] = self.now_min
        for column in PLACE:
            seen[f"next_{column}"] = seen[column]
        busy = np.flatnonzero(seen["frozen"] > 0)
        begun = orders[seen["plan"][busy, seen["frozen"][busy] - 1]]
        over_min = begun["planned_start_min"] + begun["expected_duration_min"]
        seen["expected_free_min"][busy] = np.maximum(over_min, self.now_min)
        for column in PLACE:
            seen[f"next_{column}"][busy] = begun[column]
        return seen

    def member_rows(self) -> NDArray[np.int32]:
        """Return the rows of the firm's workers in the order of district and key."""
        members = self._market.members
        first, last = members.firm_starts[self.company], members.firm_starts[self.company + 1]
        rows: NDArray[np.int32] = members.firm_rows[first:last]
        # An agency's worker may have gone into a placement of another agency since midnight.
        own: NDArray[np.int32] = rows[self._market.rows("workers")["company_row"][rows] == self.company]
        return own

    def km_between(self, orders: Sequence[int] | NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the way in km from each of these orders (row) to each (column)."""
        asked = self._own_orders(orders)
        out = np.zeros((len(asked), len(asked)))
        search.ways_between(self._market.columns, asked, out)
        return out

    def km_from_workers(
        self, workers: Sequence[int] | NDArray[np.int32], orders: Sequence[int] | NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Return the way in km from where each worker will be free next (row) to each order (column)."""
        who, what = self._own_workers(workers), self._own_orders(orders)
        out = np.zeros((len(who), len(what)))
        search.ways_from(self._market.columns, who, what, out)
        return out

    def minutes(self, km: NDArray[np.float64], at_min: float, has_ebike: bool = True) -> NDArray[np.float64]:
        """Return the expected door-to-door minutes of trips of these lengths that begin at ``at_min``."""
        flat = np.ascontiguousarray(km, np.float64).ravel()
        out = np.zeros(len(flat))
        search.times_of(self._market.columns, flat, float(at_min), int(has_ebike), out)
        return out.reshape(np.shape(km))

    def trip_min(self, worker: int, order: int) -> float:
        """Return the estimated trip from where the worker will be before the order."""
        self._own_workers([worker])
        reason, _, start, km = self._check(worker, order, np.inf)
        row = self._market.rows("workers")[worker]
        at = start if reason == Reason.NONE else self.now_min
        return (
            float(minutes(roads_of(self._market.columns), km, at, row["has_ebike"]))
            if np.isfinite(km)
            else km
        )

    def best_insertion(self, order: int, max_km: float) -> Insertion | None:
        """Return the feasible insertion with the shortest trip before it."""
        return self._best(order, max_km, _NEAREST)

    def best_rated(self, order: int, max_km: float) -> Insertion | None:
        """Return the feasible insertion with the best rated worker within ``max_km``."""
        return self._best(order, max_km, search.BEST_RATED)

    def insertion(self, worker: int, order: int) -> Insertion | None:
        """Return the insertion of an order into one worker's plan, if feasible."""
        self._own_workers([worker])
        reason, position, start, km = self._check(worker, order, np.inf)
        if reason != Reason.NONE:
            self._note(order, reason)
            return None
        return Insertion(worker, position, start, km)

    def first_fit(self, worker: int, max_km: float) -> tuple[int, Insertion] | None:
        """Return the first due order that fits into one worker's plan, with its insertion."""
        self._own_workers([worker])
        market = self._market
        k, position, start, km = search.first_fit(
            market.columns, market.index, worker, self._due, market.now_min, max_km
        )
        return (int(self._due[k]), Insertion(worker, position, start, km)) if k >= 0 else None

    def idle_worker(self, order: int) -> Insertion | None:
        """Return the worker who has been idle for longest and may serve the order now."""
        market = self._market
        self._own_orders([order])
        service = int(market.rows("orders")["service"][order])
        worker, reason = search.longest_idle(
            market.columns, order, market.able(self.company, service), market.seed
        )
        self._note(order, reason)
        return Insertion(worker, 0, market.now_min, 0.0) if worker >= 0 else None

    def insertion_km(
        self, orders: NDArray[np.int32], max_km: float
    ) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Return the candidate workers and the trip in km by (order, worker), infinity where not feasible."""
        market = self._market
        orders = self._own_orders(orders)
        workers = self._shuffled(self.member_rows())
        km = np.full((len(orders), len(workers)), np.inf)
        reasons = np.full(len(orders), int(Reason.NO_SKILL))
        columns_of = np.zeros(market.table("workers").size, np.int64)
        columns_of[workers] = np.arange(len(workers))
        search.distances(
            market.columns, market.index, orders, columns_of, market.now_min, max_km, km, reasons
        )
        market.rows("orders")["reason"][orders] = reasons
        reached = np.isfinite(km).any(axis=0)
        return workers[reached], km[:, reached]

    def why_not(self, order: int) -> int:
        """Return the binding ``Reason`` of the last search that found nobody for the order."""
        return int(self._market.rows("orders")["reason"][order])

    def waiting(self, company: int) -> NDArray[np.int32]:
        """Return the firm's open orders that may be offered, oldest first."""
        market = self._market
        out = np.empty(market.rows("companies")["open_orders"][company], np.int32)
        count = order_steps.open_orders(market.columns, company, market.visit_rules.offers_at_most, out)
        return out[:count]

    def _best(self, order: int, max_km: float, rule: int) -> Insertion | None:
        market = self._market
        if not 0 <= order < market.table("orders").size:
            raise ForeignRow("orders", order, self.company)
        worker, position, start, km, reason = search.best(
            market.columns, market.index, self.company, order, market.now_min, max_km, rule, market.seed
        )
        if worker < 0:
            if worker == search.FOREIGN:
                raise ForeignRow("orders", order, self.company)
            self._note(order, reason)
            return None
        return Insertion(worker, position, start, km)

    def _note(self, order: int, reason: int) -> None:
        # The reason stands in the order's row while it waits, so that a saved run remembers it.
        self._market.rows("orders")["reason"][order] = reason

    def _check(self, worker: int, order: int, max_km: float) -> tuple[int, int, float, float]:
        market = self._market
        self._own_orders([order])
        earliest = float(market.rows("orders")["earliest_min"][order])
        result: tuple[int, int, float, float] = search.check(
            market.columns, market.index, worker, order, market.weekday(earliest), market.now_min, max_km
        )
        return result

    def _own_orders(self, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int32]:
        """Return these rows if all are orders of the firm."""
        return self._own("orders", rows)

    def _own_workers(self, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int32]:
        return self._own("workers", rows)

    def _own(self, name: str, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int32]:
        table = self._market.table(name)
        asked = np.asarray(rows, np.int32)
        own = (asked >= 0) & (asked < table.size)
        own[own] = table.rows["company_row"][asked[own]] == self.company
        if not own.all():
            raise ForeignRow(name, int(asked[~own][0]), self.company)
        return asked

    def _shuffled(self, workers: NDArray[np.int32]) -> NDArray[np.int32]:
        market = self._market
        keys = market.rows("workers")["key"][workers]
        minute = np.uint64(int(market.now_min))
        return workers[search.keyed_order(keys, _SHUFFLE, minute, market.seed)]
