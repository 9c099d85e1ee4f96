"""Run a textbook queue through the engine and keep what the order log says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.recfunctions import repack_fields
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.sink import NullSink
from sim.state import Rows, World
from sim.vocabulary import OrderState

Floats = NDArray[np.float64]
_COLUMNS = ("placed_min", "start_min", "ended_min", "state")


@dataclass(frozen=True, eq=False)
class OrderLog:
    """The orders of a run, in the sequence in which they were placed.

    Attributes:
        placed_min: When each order was placed.
        start_min: When its service began; infinite when it did not.
        ended_min: When it was completed or given up; infinite when neither has happened.
        given_up: Whether it ended without service.
        begin_min: Where the measured window begins.
        end_min: Where it ends; all orders placed before it have ended or are in service.
    """

    placed_min: Floats
    start_min: Floats
    ended_min: Floats
    given_up: NDArray[np.bool_]
    begin_min: float
    end_min: float

    @property
    def served(self) -> NDArray[np.bool_]:
        """Whether the order's service began."""
        return np.isfinite(self.start_min)

    @property
    def wait_min(self) -> Floats:
        """Time from the order to the beginning of service or to giving up."""
        return np.where(self.given_up, self.ended_min, self.start_min) - self.placed_min


class OrderCollector(NullSink):
    """Keeps some columns of all orders, the unfinished ones of the run's end included."""

    def __init__(self, columns: Sequence[str] = _COLUMNS) -> None:
        self.columns = list(columns)
        self.parts: list[Rows] = []

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Keep the orders that have ended."""
        self.parts.append(repack_fields(rows[self.columns]))

    def run_closed(self, end_min: float, world: World) -> None:
        """Keep the orders that have not."""
        rows = world.tables["orders"].used
        present = (rows["state"] > OrderState.NONE) & (rows["state"] < OrderState.COMPLETED)
        self.parts.append(repack_fields(rows[present][self.columns]))


def run_queue(scenario: Scenario) -> OrderLog:
    """Run a laboratory to the end of its period; as much as the warm-up is left out at the end too."""
    collector = OrderCollector()
    model = MarketModel(scenario, collector)
    period = scenario.settings.period
    model.run_days(period.days)
    model.close()
    model.release()
    margin_min = period.warm_up_days * MINUTES_PER_DAY
    return order_log(np.concatenate(collector.parts), margin_min, period.days * MINUTES_PER_DAY - margin_min)


def order_log(rows: Rows, begin_min: float, end_min: float) -> OrderLog:
    """Return the log of rows of orders.

    Raises:
        ValueError: An order that was placed within the window still waited when the run ended.
    """
    rows = rows[np.argsort(rows["placed_min"], kind="stable")]
    state = rows["state"]
    begun = (state == OrderState.IN_SERVICE) | (state == OrderState.COMPLETED)
    ended = state >= OrderState.COMPLETED
    if np.any(~begun & ~ended & (rows["placed_min"] < end_min)):
        raise ValueError("an order of the measured window was still waiting at the end of the run")
    return OrderLog(
        placed_min=rows["placed_min"].copy(),
        start_min=np.where(begun, rows["start_min"], np.inf),
        ended_min=np.where(ended, rows["ended_min"], np.inf),
        given_up=ended & ~begun,
        begin_min=begin_min,
        end_min=end_min,
    )
