"""Whether the built initial state has the stocks that the facts say, within the error of sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_YEAR
from sim.report.books.opening import rates_per_day
from sim.vocabulary import FirmForm, NeedsBy, PlacementState, ServiceForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sim.market.market import Market
    from sim.report.books.identities import Books

_MODERATE = 2
_ROUNDED_BY = 2.0
_ERRORS_ALLOWED = 4.5
_NO_SPREAD = 1e-9
_OPEN = (PlacementState.SEARCHING, PlacementState.AGREED, PlacementState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Stock:
    """A stock of the built world beside what it should be.

    Attributes:
        group: Which part of the table it stands in: people, workers, needs or spells.
        name: What it is a stock of: an id of the catalogue of names.
        expected: What the facts say, whole region.
        built: What is there, scaled up to the region.
        error: Standard error of sampling; 0 where the number is split and not drawn.
        scale: Share of the region that was built.
    """

    group: str
    name: str
    expected: float
    built: float
    error: float
    scale: float

    @property
    def errors_apart(self) -> float:
        """Standard errors between both; 0 where the number is not drawn."""
        return (self.built - self.expected) / self.error if self.error else 0.0

    @property
    def agrees(self) -> bool:
        """Whether both are equal but for chance (4.5 standard errors, one false alarm in 150,000) or rounding."""
        if self.error:
            return abs(self.errors_apart) <= _ERRORS_ALLOWED
        return abs(self.built - self.expected) * self.scale <= _ROUNDED_BY


def stocks(books: Books, market: Market) -> list[Stock]:
    """Return all stocks of the initial state that the facts determine."""
    parts = (_people, _workers, _needs, _spells)
    return [stock for part in parts for stock in part(books, market)]


def _split(group: str, name: str, expected: float, count: int, scale: float) -> Stock:
    """Return a stock that is a share of the region's, rounded to whole numbers."""
    return Stock(group, name, expected, count / scale, 0.0, scale)


def _drawn(group: str, name: str, expected: float, values: NDArray[np.float64], scale: float) -> Stock:
    """Return a stock that is the sum of independent draws, one a row."""
    spread = float(values.std())
    if spread <= _NO_SPREAD * abs(float(values.mean())):
        spread = 0.0
    error = spread * math.sqrt(len(values)) / scale
    return Stock(group, name, expected, float(values.sum()) / scale, error, scale)


def _people(b: Books, market: Market) -> Iterator[Stock]:
    scale, homes, facts = b.frame.scale, market.table("households").used, b.frame.facts
    families = math.fsum(b.population.families)
    members = families * facts.number("region.persons_per_household")
    disabled = (homes["disability"] >= _MODERATE) & (homes["elders"] > homes["residents"])
    yield _split("people", "book.families", families, len(homes), scale)
    drawn = (
        ("members", members, homes["members"]),
        ("elders", facts.number("region.elders_60_plus"), homes["elders"]),
        ("infants", facts.number("region.children_under_3"), homes["infants"]),
        ("disabled_homes", math.fsum(b.population.needing(NeedsBy.DISABLED_ELDER)), disabled),
    )
    for name, expected, values in drawn:
        yield _drawn("people", f"book.{name}", expected, values.astype(float), scale)
    residents = int(market.table("institutions").used["residents"].sum())
    if b.services(ServiceForm.RESIDENCE):
        yield _split("people", "book.care_residents", b.population.residents().value, residents, scale)


def _workers(b: Books, market: Market) -> Iterator[Stock]:
    """Workers by trade and by form; small scales round them up where each form has at least one."""
    scale, workers = b.frame.scale, market.table("workers").used
    everybody = b.fact("region.workers").value
    yield _split("workers", "book.workers", everybody, len(workers), scale)
    for trade, name in enumerate(market.world.trade_ids):
        count = int(np.count_nonzero(workers["trade"] == trade))
        yield _split("workers", f"trade.{name}", b.workers(name).value, count, scale)
    forms = market.table("companies").used["form"][workers["company_row"]]
    for form in FirmForm:
        share = b.fact(f"region.workers_by_form.{form.name.lower()}").value
        count = int(np.count_nonzero(forms == form))
        yield _split("workers", f"firm_form.{form.name.lower()}", everybody * share, count, scale)


def _needs(b: Books, market: Market) -> Iterator[Stock]:
    """Needs a year, whoever meets them."""
    for service, name in enumerate(market.world.service_ids):
        expected = b.population.needs_per_year(name).value
        rates = DAYS_PER_YEAR * rates_per_day(market, service)
        yield _drawn("needs", f"service.{name}", expected, rates, b.frame.scale)


def _spells(b: Books, market: Market) -> Iterator[Stock]:
    """Placements and contracts that run or are looked for, of those who would ask a firm."""
    placements = market.table("placements").used
    for form in (ServiceForm.PLACEMENT, ServiceForm.RECURRING):
        names = b.services(form)
        homes = {name: b.population.in_a_spell(name, b.population.spell_days(name).value) for name in names}
        expected = math.fsum(homes[name] * b.taken[name].spells for name in names)
        asked = math.fsum((homes[name] * b.taken[name].error) ** 2 for name in names)
        rows = [market.world.service_ids.index(name) for name in names]
        count = np.count_nonzero(np.isin(placements["state"], _OPEN) & np.isin(placements["service"], rows))
        error = math.sqrt(count / b.frame.scale**2 + asked)
        yield Stock(
            "spells",
            f"service_form.{form.name.lower()}",
            expected,
            count / b.frame.scale,
            error,
            b.frame.scale,
        )
