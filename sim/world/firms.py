"""Firms by form: which are simulated under the sampling rule, where, how large and at what price.

Real firms of local forms are ordered by district and size, those of city-wide forms by size, before they are sampled.
A form has no more firms than workers, so that every firm has one.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple

import numpy as np

from sim.rng import decision, lognormal, normal
from sim.state import COMPANY, Rows
from sim.vocabulary import NO_ROW, FirmForm
from sim.world.beliefs import give_ratings
from sim.world.care import InstitutionKind
from sim.world.draws import lots
from sim.world.firm_books import open_books
from sim.world.frame import Frame, member_key
from sim.world.sampling import districts_of, sampled_positions, simulated_count, stand_at_communities
from sim.world.services import mask
from sim.world.shares import apportion

_FIRST = np.uint64(0)
_SIZE = decision("company.size")
_PRICE = decision("company.price")
_QUALITY = decision("company.quality")
_SURROUNDINGS = decision("company.surroundings")


class RealFirm(NamedTuple):
    """A firm of the region before sampling: its district's row, its number, its size relative to the mean."""

    district: int
    number: int
    size: float


def company_rows(
    frame: Frame, districts: Rows, communities: Rows, institutions: Rows, workers_by_form: list[int]
) -> Rows:
    """Return the table of companies, by form, district and number; sets ``institutions["company_row"]``.

    Args:
        frame: The frame.
        districts: Table of districts.
        communities: Table of communities.
        institutions: Table of institutions; each has a company for its services at home.
        workers_by_form: Simulated workers of each form, in the order of :class:`FirmForm`.
    """
    tables: list[Rows] = []
    for form in FirmForm:
        workers = workers_by_form[form]
        if form == FirmForm.INSTITUTION:
            rows = _of_institutions(frame, institutions, workers)
            institutions["company_row"] = sum(len(table) for table in tables) + np.arange(len(rows))
        else:
            rows = _sampled(frame, form, workers)
            stand_at_communities(rows, districts, communities, frame.seed)
        _finish(rows, frame, form, workers)
        tables.append(rows)
    return np.concatenate(tables)


def offered_services(frame: Frame, form: FirmForm) -> list[int]:
    """Return the rows of the services that firms of this form offer; none where the region has no such firm."""
    if real_count(frame, form) == 0:
        return []
    offers = f"companies.{form.name.lower()}.offers"
    return [row for row, service in enumerate(frame.services) if frame.facts.flag(f"{offers}.{service}")]


def real_count(frame: Frame, form: FirmForm) -> int:
    """Return how many firms of this form the region has: of acquaintances a circle for every residential community.

    Institutions of all kinds count as firms.
    """
    facts = frame.facts
    if form == FirmForm.ACQUAINTANCE:
        return facts.integer("region.communities")
    if form != FirmForm.INSTITUTION:
        return facts.integer(f"region.companies.{form.name.lower()}.count")
    return sum(facts.integer(f"{kind.facts_path}.count") for kind in InstitutionKind)


def _sampled(frame: Frame, form: FirmForm, workers: int) -> Rows:
    name, facts = form.name.lower(), frame.facts
    real = real_count(frame, form)
    count = min(simulated_count(frame, real, facts.integer(f"companies.{name}.at_least")), workers)
    family = frame.key("company", name)
    citywide = facts.flag(f"companies.{name}.citywide")
    firms = real_firms(frame, form, citywide)
    chosen = sorted(firms[position] for position in sampled_positions(frame, family, real, count))
    rows = np.zeros(count, COMPANY)
    rows["weight"] = real / max(count, 1)
    rows["citywide"] = citywide
    rows["institution_row"] = NO_ROW
    for row, firm in zip(rows, chosen, strict=True):
        row["key"] = member_key(family, firm.number)
        row["district"] = firm.district
        row["target_workers"] = firm.size
    return rows


def real_firms(frame: Frame, form: FirmForm, citywide: bool) -> list[RealFirm]:
    """Return all real firms of a form in the order of sampling: by size, and first by district if they are local."""
    name = form.name.lower()
    real = real_count(frame, form)
    family = frame.key("company", name)
    homes = districts_of(real, frame.by_district("family_households")).tolist()
    group = "companies" if form == FirmForm.ACQUAINTANCE else "region.companies"
    cv = _cv(frame.facts.number(f"{group}.{name}.size_sigma_log"))
    sizes = [
        lognormal(1.0, cv, frame.seed, _SIZE, member_key(family, number), _FIRST) for number in range(real)
    ]
    firms = [RealFirm(*parts) for parts in zip(homes, range(real), sizes, strict=True)]
    return sorted(firms, key=lambda firm: (0 if citywide else firm.district, -firm.size, firm.number))


def _cv(sigma_log: float) -> float:
    """Return the coefficient of variation of a lognormal number whose logarithm has this standard deviation."""
    return math.sqrt(math.expm1(sigma_log * sigma_log))


def _of_institutions(frame: Frame, institutions: Rows, workers: int) -> Rows:
    """Return institutions' firms: as large as the staff of the house and, from what is left, a home-care service."""
    rows = np.zeros(len(institutions), COMPANY)
    cv = _cv(frame.facts.number("companies.institution_size_sigma_log"))
    for name in ("district", "community_row", "x_km", "y_km", "city_x_km", "city_y_km", "weight"):
        rows[name] = institutions[name]
    rows["institution_row"] = np.arange(len(rows))
    family = frame.key("company", "institution")
    for row, key in zip(rows, institutions["key"], strict=True):
        row["key"] = member_key(family, key)
        row["target_workers"] = row["weight"] * lognormal(1.0, cv, frame.seed, _SIZE, row["key"], _FIRST)
    at_home = max(workers - int(institutions["staff"].sum()), 0)
    sizes = rows["target_workers"].tolist()
    rows["target_workers"] = institutions["staff"] + np.array(apportion(at_home, sizes) if sizes else [])
    return rows


def _finish(rows: Rows, frame: Frame, form: FirmForm, workers: int) -> None:
    """Give the firms of a form their services, size, price level and quality."""
    name, facts = form.name.lower(), frame.facts
    level = facts.number(f"companies.{name}.price_level")
    quality = facts.number(f"companies.{name}.quality_mean")
    price_cv, quality_sd = facts.number("companies.price_cv"), facts.number("companies.quality_sd")
    rows["form"] = form
    rows["services"] = mask(offered_services(frame, form))
    rows["reach_km"] = facts.number(f"companies.{name}.reach_km")
    rows["surroundings"] = lots(rows["key"], frame.seed, _SURROUNDINGS)
    rows["open_head"] = rows["open_tail"] = NO_ROW
    rows["target_workers"] = _targets(rows["target_workers"].tolist(), workers)
    for row in rows:
        row["price_multiplier"] = lognormal(level, price_cv, frame.seed, _PRICE, row["key"], _FIRST)
        row["quality"] = quality + quality_sd * normal(frame.seed, _QUALITY, row["key"], _FIRST)
    _centre(rows, level, quality)
    give_ratings(rows, facts, frame.seed)
    open_books(rows, frame, form)


def _centre(rows: Rows, level: float, quality: float) -> None:
    """Bring the mean over the form's workers to the facts' price level and quality.

    The facts are about the form. Without this, two sampled platforms would move the whole form's price by the chance of
    their draw, at one scale differently from another.
    """
    weights = rows["target_workers"].tolist()
    total = math.fsum(weights)
    if total <= 0.0:
        return
    prices, qualities = rows["price_multiplier"].tolist(), rows["quality"].tolist()
    rows["price_multiplier"] *= level * total / math.fsum(map(mul, weights, prices))
    rows["quality"] += quality - math.fsum(map(mul, weights, qualities)) / total


def _targets(sizes: list[float], workers: int) -> list[int]:
    """Return the simulated workers that each firm should have: by size, together those of the form."""
    return apportion(workers, sizes, at_least=1 if workers >= len(sizes) else 0) if sizes else []
