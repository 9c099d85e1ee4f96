"""What a dispatcher sees and what it may do.

A dispatcher belongs to one firm. The engine calls :meth:`Dispatcher.decide` at the moments that the dispatcher's
:class:`Triggers` name and carries out the actions that it returns: the engine alone checks them, freezes trips that
have begun and moves time. An action that is not legal changes nothing, is counted and reported back on the next view.

Nothing in the view is dated later than now: durations are the expected ones, trips are estimates for the hour, who
would refuse is not known before he has been asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Triggers:
    """When a dispatcher is called.

    Attributes:
        on_placed: At once for each new or reopened order.
        on_freed: When a worker ends a visit and orders are waiting.
        every_min: At the next multiple of this many minutes after an order has come, a worker has become free, or an
            epoch has taken some but not all orders off the queue; 0 for never.
    """

    on_placed: bool = True
    on_freed: bool = True
    every_min: float = 0.0


class Insertion(NamedTuple):
    """Where one order would go: the worker, the position in his plan, the start and the trip before it."""

    worker: int
    position: int
    start_min: float
    km: float


class Assign(NamedTuple):
    """Put an order into a worker's plan; position -1 lets the engine keep the wanted starts in sequence."""

    order: int
    worker: int
    position: int = -1


class SetPlan(NamedTuple):
    """Replace the open tail of a worker's plan by these orders in this sequence.

    All must be assigned to the worker or open; those of his that are left out become open again.
    """

    worker: int
    orders: tuple[int, ...]


class Defer(NamedTuple):
    """Leave an order open and call again not later than ``until_min``."""

    order: int
    until_min: float


class OfferPool(NamedTuple):
    """Offer an order to several workers at once until ``until_min``; the first to accept in time gets it."""

    order: int
    workers: tuple[int, ...]
    until_min: float


class Reject(NamedTuple):
    """Refuse an order for good; ``reason`` is a ``Reason``."""

    order: int
    reason: int


Action = Assign | SetPlan | Defer | OfferPool | Reject


class ForeignRow(LookupError):
    """A dispatcher asked about an order or a worker that is not its firm's: a fault of the dispatcher."""

    def __init__(self, table: str, row: int, company: int) -> None:
        super().__init__(f"row {row} of {table} is not firm {company}'s; a dispatcher sees its own firm only")


class DispatchView(Protocol):
    """One firm's knowledge at one moment.

    Orders and workers are named by their row. ``orders`` and ``workers`` return copies with the columns that a firm
    can know; the other methods answer common questions in compiled code. A question about a row of another firm raises
    :class:`ForeignRow`.
    """

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""

    @property
    def company(self) -> int:
        """Row of the firm."""

    @property
    def freed(self) -> int:
        """The worker who has just ended a visit, or -1."""

    @property
    def illegal_actions(self) -> int:
        """How many of the firm's actions the engine has refused so far."""

    def due(self) -> NDArray[np.int32]:
        """Return the orders that this call is about: the new one, or all that wait, oldest first."""

    def orders(self, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[Any]:
        """Return place, window, expected duration, skill, health class, certificate, price, times and promise."""

    def workers(self) -> NDArray[Any]:
        """Return the firm's workers: status, place, next place, when free, shift, skills, rating, income, plan."""

    def km_between(self, orders: Sequence[int] | NDArray[np.int32]) -> NDArray[np.float64]:
        """Return the way in km from each of these orders (row) to each (column)."""

    def km_from_workers(
        self, workers: Sequence[int] | NDArray[np.int32], orders: Sequence[int] | NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Return the way in km from where each worker will be free next (row) to each order (column)."""

    def minutes(self, km: NDArray[np.float64], at_min: float, has_ebike: bool = True) -> NDArray[np.float64]:
        """Return the expected door-to-door minutes of trips of these lengths that begin at ``at_min``."""

    def trip_min(self, worker: int, order: int) -> float:
        """Return the estimated trip from where the worker will be before the order."""

    def best_insertion(self, order: int, max_km: float) -> Insertion | None:
        """Return the feasible insertion with the shortest trip before it, ties broken by keyed draws."""

    def best_rated(self, order: int, max_km: float) -> Insertion | None:
        """Return the feasible insertion with the best rated worker, equal ratings by the shorter trip."""

    def insertion(self, worker: int, order: int) -> Insertion | None:
        """Return the insertion of an order into one worker's plan, if feasible."""

    def first_fit(self, worker: int, max_km: float) -> tuple[int, Insertion] | None:
        """Return the first due order that fits into one worker's plan within ``max_km``, with its insertion."""

    def idle_worker(self, order: int) -> Insertion | None:
        """Return an idle worker who may serve the order now, the one who has been free for longest."""

    def insertion_km(
        self, orders: NDArray[np.int32], max_km: float
    ) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Return the candidate workers and the trip in km by (order, worker), infinity where not feasible."""

    def why_not(self, order: int) -> int:
        """Return the binding ``Reason`` of the last search that found nobody for the order."""


class Dispatcher(Protocol):
    """A dispatching rule of a firm; stateless, so that a run can be saved at any minute."""

    name: ClassVar[str]
    Parameters: ClassVar[type[BaseModel]]
    triggers: Triggers

    def decide(self, view: DispatchView) -> Sequence[Action]:
        """Return what to do with the orders of ``view.due()``; those without an action stay open."""
