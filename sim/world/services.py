"""The table of services, from the catalogue and from the needs that households have of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.clock import DAYS_PER_MONTH, DAYS_PER_YEAR, MINUTES_PER_HOUR
from sim.data.facts import FactTree
from sim.state import SERVICE, Rows
from sim.vocabulary import DurationLaw, HealthClass, NeedsBy, ServiceForm
from sim.world.frame import Frame
from sim.world.lives import mean_expecting_days

_FEN_PER_YUAN = 100

_CATEGORIES: Mapping[str, type[ServiceForm] | type[NeedsBy] | type[HealthClass] | type[DurationLaw]] = {
    "form": ServiceForm,
    "needs_by": NeedsBy,
    "health_class": HealthClass,
    "duration_law": DurationLaw,
}
_IN_HOURS = ("duration_mean", "duration_min", "duration_max")
_AS_THEY_ARE = (
    "duration_cv",
    "lead_time_mean_days",
    "same_day_share",
    "window_half_width_min",
    "worker_share_of_price",
    "weekend_share",
    "visits_per_week",
    "hours_per_week",
)


def service_rows(frame: Frame) -> Rows:
    """Return the table of services, in the order of ``frame.services``."""
    rows = np.zeros(len(frame.services), SERVICE)
    for row, service in zip(rows, frame.services, strict=True):
        row["key"] = frame.key("service", service)
        _from_catalogue(row, frame.facts, f"services.{service}")
        row["need_rate_per_year"] = need_rate_per_year(frame, service)
        row["income_elasticity"] = frame.facts.number(f"households.needs.{service}.income_elasticity")
    return rows


def _from_catalogue(row: np.void, facts: FactTree, path: str) -> None:
    for name, vocabulary in _CATEGORIES.items():
        row[name] = vocabulary[facts.text(f"{path}.{name}").upper()]
    for name in _IN_HOURS:
        row[f"{name}_min"] = MINUTES_PER_HOUR * facts.number(f"{path}.{name}_h")
    for name in _AS_THEY_ARE:
        row[name] = facts.number(f"{path}.{name}")
    row["certificate_required"] = facts.flag(f"{path}.certificate_required")
    row["price_fen"] = row["list_price_fen"] = round(_FEN_PER_YUAN * facts.number(f"{path}.price_yuan"))
    row["price_per_min"] = facts.text(f"{path}.price_basis") == "h"
    row["month_index"] = facts.vector(f"{path}.month_index")
    row["festival_index"] = facts.vector(f"{path}.festival_index")
    row["start_hour_weights"] = facts.vector(f"{path}.start_hour_weights")
    row["spell_mean_days"] = DAYS_PER_MONTH * facts.number(f"{path}.spell_mean_months")
    row["search_mean_days"] = facts.number(f"{path}.search_days")


def need_rate_per_year(frame: Frame, service: str) -> float:
    """Return the needs a year of a household that can have them.

    What a birth causes arises while a household expects it.
    """
    rate = frame.facts.number(f"households.needs.{service}.rate_per_year")
    if frame.facts.text(f"services.{service}.needs_by") != NeedsBy.BIRTH.name.lower():
        return rate
    return rate * DAYS_PER_YEAR / mean_expecting_days(frame.facts.number("lives.expecting_days"))


def trades(frame: Frame) -> tuple[str, ...]:
    """Return the trades that serve the chosen services and have workers in the region, sorted."""
    served = {frame.facts.text(f"services.{service}.trade") for service in frame.services}
    return tuple(trade for trade in frame.facts.children("region.workers_by_trade") if trade in served)


def services_of_trade(frame: Frame, trade: str) -> list[int]:
    """Return the rows of the services that a trade serves."""
    return [
        row
        for row, service in enumerate(frame.services)
        if frame.facts.text(f"services.{service}.trade") == trade
    ]


def mask(service_rows_chosen: list[int]) -> int:
    """Return the bit mask of some rows of services."""
    return sum(1 << row for row in service_rows_chosen)
