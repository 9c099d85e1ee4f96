"""What a run tells the outside: the protocol of the event sink.

The model hands over whole chunks of ended rows at fixed simulated times (month ends and the end of the run), one row a
day and district of stocks, and the closing balances. A sink only reads what it is given; whether and how much it
records changes no number of the run.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sim.state import Rows, World

STOCK = np.dtype(
    [
        ("day", "i4"),
        ("district", "i2"),
        ("workers", "i4"),
        ("workers_on_leave", "i4"),
        ("workers_placed", "i4"),
        ("workers_with_visits", "i4"),
        ("workers_seeking", "i4"),
        ("workers_entered", "i4"),
        ("workers_left", "i4"),
        ("open_orders", "i4"),
        ("booked_orders", "i4"),
        ("searching_placements", "i4"),
        ("active_placements", "i4"),
        ("active_contracts", "i4"),
        ("informal_placements", "i4"),
        ("residents", "i4"),
        ("on_duty_min", "f8"),
        ("travel_min", "f8"),
        ("service_min", "f8"),
        ("needs", "i4"),
        ("needs_met_outside", "i4"),
        ("needs_met_by_kin", "i4"),
        ("kin_care_homes", "i4"),
        ("kin_care_min", "f8"),
        ("kin_lost_paid_min", "f8"),
    ],
    align=True,
)
"""Stocks at midnight after ``day`` and flows of that day, per home district of the worker or household.
``workers_placed`` are in placements; ``workers_with_visits`` served at least one visit that day; ``on_duty_min``,
``travel_min``, ``service_min`` are that day's minutes of workers not in a placement; ``needs`` are visit needs that
arose, ``needs_met_outside`` those that no firm met, ``needs_met_by_kin`` those of them that kin met;
``kin_care_homes`` have lasting care by kin, of ``kin_care_min`` a week in all, for which kin give up
``kin_lost_paid_min`` of paid work."""


class EventSink(Protocol):
    """Receives what has happened; implemented by :mod:`sim.records`."""

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Take visit orders (dtype ``ORDER``) that have reached an end state, in the order of their end."""

    def placements_ended(self, rows: Rows, world: World) -> None:
        """Take placements and contracts (dtype ``PLACEMENT``) that have reached an end state."""

    def stocks(self, rows: Rows, world: World) -> None:
        """Take one day's stocks (dtype ``STOCK``), a row per district."""

    def month_closed(self, end_min: float, world: World) -> None:
        """Look at all tables at the end of a calendar month (or of the run)."""

    def run_closed(self, end_min: float, world: World) -> None:
        """Look at all tables when the run has ended; open orders and active placements are still in them."""


class NullSink:
    """A sink that records nothing."""

    def orders_ended(self, rows: Rows, world: World) -> None:
        """Ignore the rows."""

    def placements_ended(self, rows: Rows, world: World) -> None:
        """Ignore the rows."""

    def stocks(self, rows: Rows, world: World) -> None:
        """Ignore the rows."""

    def month_closed(self, end_min: float, world: World) -> None:
        """Ignore the tables."""

    def run_closed(self, end_min: float, world: World) -> None:
        """Ignore the tables."""
