"""What a published figure can be held against: indicators and measures, over a whole run or a window of it.

A value is written ``name``, ``name/scope/group`` (an indicator) or ``name/part/part`` (a measure of this module), and
may end in ``@first..last``: days from lunar New Year's Day (:mod:`sim.records.window`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY, MINUTES_PER_HOUR
from sim.records import kpis
from sim.records.dealings import Dealings
from sim.records.flows import WHOLE_CITY
from sim.records.indicators import INDICATORS
from sim.records.recorder import Recorded
from sim.records.survival import mean_length, share_ended
from sim.records.tables import members
from sim.records.view import FEN_PER_YUAN
from sim.records.window import Window, within
from sim.state import Rows
from sim.vocabulary import FirmForm

SERVICES, FORM = "services", "form"
"""Parts of a measure's name: services joined by ``+``; a form of firm, or ``all``."""


@dataclass(frozen=True)
class Seen:
    """What a run shows, all of it or a window.

    Attributes:
        recorded: What indicators are computed from.
        dealings: Placements and visits of the whole run.
    """

    recorded: Recorded
    dealings: Dealings

    @property
    def services(self) -> tuple[str, ...]:
        """The ids of the services, by their number."""
        return tuple(self.recorded.frame.world.service_ids)

    def codes(self, services: str) -> list[int]:
        """Return the numbers of services joined by ``+``; those that the region does not know are left out."""
        return [self.services.index(one) for one in services.split("+") if one in self.services]

    def spells(self, services: str) -> Rows:
        """Return the placements of services."""
        rows = self.dealings.spells
        return rows[np.isin(rows["service"], self.codes(services))]

    def begun(self, services: str, form: str) -> Rows:
        """Return the placements of services with a form of firm that began on measured days."""
        rows = self.spells(services)
        rows = rows[rows["is_new"] & np.isin(rows["form"], form_codes(form))]
        period = self.recorded.frame.period
        return rows[period.measured_days[period.day_of(rows["start_min"])]]

    def visits(self, measure: str, services: str, form: str) -> float:
        """Return the sum of a measure of visits, by day of request on measured days."""
        days = self.dealings.visits[measure][self.recorded.frame.period.measured_days]
        return float(days[:, self.codes(services)][:, :, form_codes(form)].sum())


@dataclass(frozen=True)
class Measure:
    """Something that a run shows beside its indicators.

    Attributes:
        name: Its id.
        parts: What its name says behind the slashes.
        unit: Unit of its value.
        formula: Its definition in words.
        estimate: Its value; NaN where nothing was observed.
    """

    name: str
    parts: tuple[str, ...]
    unit: str
    formula: str
    estimate: Callable[..., float]


MEASURES: dict[str, Measure] = {}
"""All measures by id."""


def measure(*parts: str, unit: str) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Make the decorated function a measure of the same name; its docstring is the formula in words."""

    def define(estimate: Callable[..., float]) -> Callable[..., float]:
        formula = " ".join((estimate.__doc__ or "").split())
        MEASURES[estimate.__name__] = Measure(estimate.__name__, parts, unit, formula, estimate)
        return estimate

    return define


@measure(SERVICES, unit="months")
def placement_spell(seen: Seen, services: str) -> float:
    """Mean time from start to end of placements that began in the run, Kaplan-Meier with an exponential tail."""
    rows = seen.spells(services)
    return mean_length(*_lengths(rows)) / (DAYS_PER_MONTH * MINUTES_PER_DAY)


@measure(SERVICES, unit="share")
def placement_ended_in_a_month(seen: Seen, services: str) -> float:
    """Share of placements that have ended 30 days after their start, Kaplan-Meier."""
    return share_ended(*_lengths(seen.spells(services)), by=30.0 * MINUTES_PER_DAY)


@measure(SERVICES, FORM, unit="yuan/month")
def placement_pay(seen: Seen, services: str, form: str) -> float:
    """Mean pay of a month of the placements that began on measured days."""
    rows = seen.begun(services, form)
    return _over(float(rows["wage_fen_per_month"].sum()), len(rows)) / FEN_PER_YUAN


@measure(SERVICES, FORM, unit="share")
def placement_take_rate(seen: Seen, services: str, form: str) -> float:
    """(Price - pay) / price of a month of the placements that began on measured days."""
    rows = seen.begun(services, form)
    price = float(rows["price_fen_per_month"].sum())
    return _over(price - float(rows["wage_fen_per_month"].sum()), price)


@measure(SERVICES, FORM, unit="share")
def visit_take_rate(seen: Seen, services: str, form: str) -> float:
    """(Price - pay) / price of completed visits."""
    price = seen.visits("price_fen", services, form)
    return _over(price - seen.visits("wage_fen", services, form), price)


@measure(SERVICES, FORM, unit="yuan/h")
def visit_pay_per_hour(seen: Seen, services: str, form: str) -> float:
    """Pay of completed visits / their hours of service, trips not counted."""
    hours = seen.visits("service_min", services, form) / MINUTES_PER_HOUR
    return _over(seen.visits("wage_fen", services, form), hours) / FEN_PER_YUAN


@measure(FORM, unit="orders/worker-day")
def visits_per_active_day(seen: Seen, form: str) -> float:
    """Visits completed for firms of a form / days on which a worker completed at least one for them."""
    days = seen.recorded.frame.period.measured_days
    forms = form_codes(form)
    served = seen.dealings.served[days][:, forms].sum()
    return _over(float(served), float(seen.dealings.worker_days[days][:, forms].sum()))


def check_value(name: str) -> None:
    """Refuse a value that no run can have.

    Raises:
        ValueError: It names no indicator and no measure, or not in the right form.
    """
    value, at, window = name.partition("@")
    if at:
        Window.parse(window)
    head, *parts = value.split("/")
    if head in MEASURES:
        _check_parts(name, MEASURES[head], parts)
    elif head in INDICATORS:
        _check_place(name, head, parts)
    else:
        raise UnknownValue(head, (*INDICATORS, *MEASURES))


class UnknownValue(ValueError):
    """A value names no indicator and no measure.

    Attributes:
        found: What it names.
        known: What there is.
    """

    def __init__(self, found: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no indicator {found}")
        self.found = found
        self.known = tuple(known)


def is_of_a_whole_run(name: str) -> bool:
    """Whether a value is an indicator over all measured days, so that the recorder alone knows it."""
    return "@" not in name and name.split("/", maxsplit=1)[0] in INDICATORS


def services_in(name: str) -> list[str]:
    """Return the services that a value names."""
    head, *parts = name.partition("@")[0].split("/")
    if head in MEASURES:
        return [
            one
            for part, kind in zip(parts, MEASURES[head].parts, strict=True)
            for one in part.split("+")
            if kind == SERVICES
        ]
    return parts[1:] if parts[:1] == ["service"] else []


def unit_of_value(name: str) -> str:
    """Return the unit of a value."""
    head = name.partition("@")[0].split("/")[0]
    return MEASURES[head].unit if head in MEASURES else INDICATORS[head].unit


def values(seen: Seen, names: Iterable[str], new_years: Sequence[int]) -> dict[str, float | None]:
    """Return values by name; None where nothing was observed.

    Args:
        seen: What the run shows.
        names: Values, in the form that :func:`check_value` takes.
        new_years: Days of the run that are lunar New Year's Days.
    """
    found = {name: _value(seen, name, new_years) for name in names}
    return {name: None if value is None or math.isnan(value) else value for name, value in found.items()}


def _value(seen: Seen, name: str, new_years: Sequence[int]) -> float | None:
    value, at, window = name.partition("@")
    if at:
        seen = Seen(within(seen.recorded, Window.parse(window), new_years), seen.dealings)
    head, *parts = value.split("/")
    if head in MEASURES:
        return MEASURES[head].estimate(seen, *parts)
    return kpis.named_values(seen.recorded, [value])[value]


def _check_parts(name: str, found: Measure, parts: Sequence[str]) -> None:
    if len(parts) != len(found.parts) or not all(parts):
        wanted = "/".join((found.name, *(f"<{part}>" for part in found.parts)))
        raise ValueError(f"{name} is not of the form {wanted}")
    for part, kind in zip(parts, found.parts, strict=True):
        if kind == FORM:
            form_codes(part)


def _check_place(name: str, indicator: str, parts: Sequence[str]) -> None:
    scopes = INDICATORS[indicator].scopes
    if parts and (len(parts) != 2 or parts[0] not in scopes or not parts[1]):
        raise ValueError(f"{name} is no indicator/scope/group; scopes of {indicator}: {', '.join(scopes)}")


def form_codes(form: str) -> list[int]:
    """Return the numbers of a form of firm, or of all.

    Raises:
        ValueError: There is no such form.
    """
    forms = members(FirmForm)
    if form == WHOLE_CITY:
        return list(range(len(forms)))
    if form not in forms:
        raise ValueError(f"{form} is no form of firm; allowed: {', '.join((*forms, WHOLE_CITY))}")
    return [forms.index(form)]


def _lengths(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rows = rows[rows["is_new"]]
    return (rows["end_min"] - rows["start_min"]).astype(np.float64), rows["ended"].astype(np.bool_)


def _over(above: float, below: float) -> float:
    return above / below if below else math.nan
