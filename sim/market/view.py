"""What a firm's dispatcher sees: the engine's side of :class:`sim.dispatch.interface.DispatchView`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.dispatch.interface import Insertion
from sim.market import orders as order_steps
from sim.market import search
from sim.market.trips import minutes, roads_of
from sim.rng import decision
from sim.state import WORKER
from sim.vocabulary import Reason

if TYPE_CHECKING:
    from sim.market.market import Market

_NEAREST = 0
_SHUFFLE = decision("dispatch.shuffle")

ORDER_VIEW = (
    "service", "state", "district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km",
    "placed_min", "wanted_min", "earliest_min", "latest_min", "confirm_by_min", "expected_duration_min",
    "planned_start_min", "price_fen", "wage_fen", "offers", "worker_row",
)  # fmt: skip
WORKER_VIEW = (
    "status", "district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km",
    "home_district", "home_x_km", "home_y_km", "skills", "skill_level", "certified", "health_class", "has_ebike",
    "weekdays", "shift_start_min", "shift_end_min", "rating", "ratings", "plan", "plan_length", "frozen",
    "free_at_min", "income_fen", "completed",
)  # fmt: skip
_NAMED_WORKER = np.dtype([("row", "i4"), *((column, WORKER[column]) for column in WORKER_VIEW)])


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
        self.company, self._due, self.freed = company, due, freed
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
        """Return the columns of these orders that a firm can know."""
        known: NDArray[Any] = self._market.rows("orders")[list(ORDER_VIEW)][np.asarray(rows, np.int64)]
        return known

    def workers(self) -> NDArray[Any]:
        """Return the columns of the firm's workers that it can know; field ``row`` names the worker."""
        members = self.member_rows()
        workers = self._market.rows("workers")
        named = np.zeros(len(members), _NAMED_WORKER)
        named["row"] = members
        for column in WORKER_VIEW:
            named[column] = workers[column][members]
        return named

    def member_rows(self) -> NDArray[np.int32]:
        """Return the rows of the firm's workers in the order of district and key."""
        members = self._market.members
        first, last = members.firm_starts[self.company], members.firm_starts[self.company + 1]
        rows: NDArray[np.int32] = members.firm_rows[first:last]
        return rows

    def trip_min(self, worker: int, order: int) -> float:
        """Return the estimated trip from where the worker will be before the order."""
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
        reason, position, start, km = self._check(worker, order, np.inf)
        if reason != Reason.NONE:
            self._note(order, reason)
            return None
        return Insertion(worker, position, start, km)

    def first_fit(self, worker: int, max_km: float) -> tuple[int, Insertion] | None:
        """Return the first due order that fits into one worker's plan, with its insertion."""
        market = self._market
        k, position, start, km = search.first_fit(
            market.columns, market.index, worker, self._due, market.now_min, max_km
        )
        return (int(self._due[k]), Insertion(worker, position, start, km)) if k >= 0 else None

    def idle_worker(self, order: int) -> Insertion | None:
        """Return the worker who has been idle for longest and may serve the order now."""
        market = self._market
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
        worker, position, start, km, reason = search.best(
            market.columns, market.index, order, market.now_min, max_km, rule, market.seed
        )
        if worker < 0:
            self._note(order, reason)
            return None
        return Insertion(worker, position, start, km)

    def _note(self, order: int, reason: int) -> None:
        # The reason stands in the order's row while it waits, so that a saved run remembers it.
        self._market.rows("orders")["reason"][order] = reason

    def _check(self, worker: int, order: int, max_km: float) -> tuple[int, int, float, float]:
        market = self._market
        earliest = float(market.rows("orders")["earliest_min"][order])
        result: tuple[int, int, float, float] = search.check(
            market.columns, market.index, worker, order, market.weekday(earliest), market.now_min, max_km
        )
        return result

    def _shuffled(self, workers: NDArray[np.int32]) -> NDArray[np.int32]:
        market = self._market
        keys = market.rows("workers")["key"][workers]
        minute = np.uint64(int(market.now_min))
        return workers[search.keyed_order(keys, _SHUFFLE, minute, market.seed)]
