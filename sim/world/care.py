"""Care institutions, regional centres and stations, and the elders who live there when time starts."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.errors import DataError
from sim.rng import decision, exponential, lognormal
from sim.state import INSTITUTION, RESIDENT, Rows
from sim.vocabulary import NO_ROW, ServiceForm
from sim.world.draws import lots
from sim.world.frame import NEVER_MIN, Frame, member_key
from sim.world.sampling import districts_of, sampled_positions, simulated_count, stand_at_communities
from sim.world.shares import apportion
from sim.world.staff_norm import StaffNorm

_FIRST = np.uint64(0)
_BEDS = decision("institution.beds")
_FEE = decision("institution.fee")
_LIVES_IN = decision("household.elder_in_institution")
_SINCE = decision("resident.since")


class InstitutionKind(IntEnum):
    """Kinds of care institutions, as in ``INSTITUTION.kind``."""

    INSTITUTION = 0
    REGIONAL_CENTRE = 1
    STATION = 2

    @property
    def facts_path(self) -> str:
        """Where the facts of the kind stand."""
        return f"region.care_institutions.{self.name.lower()}"


def institution_rows(frame: Frame, districts: Rows, communities: Rows, services: Rows) -> Rows:
    """Return the table of institutions, by kind and district, each at a community.

    Of each kind so many are simulated as the sampling rule says; the beds, residents and staff of all together are
    those of the region times the scale. There are no residents where no residence is among the services.
    """
    lived_in = bool((services["form"] == ServiceForm.RESIDENCE).any())
    tables = []
    for kind in InstitutionKind:
        rows = _of_kind(frame, kind)
        _furnish(rows, frame, kind, districts, lived_in)
        stand_at_communities(rows, districts, communities, frame.seed)
        tables.append(rows)
    return np.concatenate(tables)


def elders_by_district(frame: Frame) -> list[float]:
    """Return the residents of 60 and over of each district."""
    residents = frame.by_district("residents")
    shares = frame.by_district("elders_60_plus_share")
    return [persons * share for persons, share in zip(residents, shares, strict=True)]


def _of_kind(frame: Frame, kind: InstitutionKind) -> Rows:
    real = frame.facts.integer(f"{kind.facts_path}.count")
    count = simulated_count(frame, real, frame.facts.integer("care.institutions_at_least"))
    family = frame.key("institution", kind.name.lower())
    numbers = sampled_positions(frame, family, real, count)
    rows = np.zeros(count, INSTITUTION)
    rows["key"] = [member_key(family, number) for number in numbers]
    rows["kind"] = kind
    rows["weight"] = real / max(count, 1)
    rows["district"] = districts_of(real, elders_by_district(frame))[numbers]
    rows["company_row"] = NO_ROW
    return rows


def _furnish(rows: Rows, frame: Frame, kind: InstitutionKind, districts: Rows, lived_in: bool) -> None:
    """Give the institutions of a kind their beds, residents, fees, and the staff to be expected."""
    facts = frame.facts
    beds_cv, fee_cv = facts.number("care.beds_cv"), facts.number("care.fee_cv")
    beds = facts.number(f"{kind.facts_path}.beds")
    occupied = facts.number(f"{kind.facts_path}.occupancy_share") * lived_in
    sizes = [lognormal(1.0, beds_cv, frame.seed, _BEDS, key, _FIRST) for key in rows["key"]]
    rows["beds"] = _split(frame.scaled(beds), sizes)
    rows["residents"] = _split(frame.scaled(occupied * beds), rows["beds"].tolist())
    norm = StaffNorm.of(facts)
    pairs = zip(rows["residents"].tolist(), rows["beds"].tolist(), strict=True)
    rows["staff"] = [norm.expected(residents, houses * lived_in) for residents, houses in pairs]
    level = facts.number(f"{kind.facts_path}.fee_yuan_per_month")
    level /= facts.number(f"{InstitutionKind.INSTITUTION.facts_path}.fee_yuan_per_month")
    for row in rows:
        mean = level * districts["institution_fee_fen_per_month"][row["district"]]
        row["fee_fen_per_month"] = round(lognormal(mean, fee_cv, frame.seed, _FEE, row["key"], _FIRST))


def _split(total: int, weights: list[float]) -> list[int]:
    return apportion(total, weights) if total and weights else [0] * len(weights)


def resident_rows(frame: Frame, institutions: Rows, households: Rows, services: Rows) -> Rows:
    """Return the residents when time starts, by institution; counts them by degree in ``institutions``.

    Each is an elder of a household, of the institution's district where it has enough households with elders. Because a
    stay ends by chance at a constant rate, the time since admission has the same distribution as a whole stay.
    """
    rows = np.zeros(int(institutions["residents"].sum()), RESIDENT)
    if len(rows) == 0:
        return rows
    rows["institution_row"] = np.repeat(np.arange(len(institutions)), institutions["residents"])
    rows["household_row"] = _families(institutions, households, frame.seed)
    service = int(np.flatnonzero(services["form"] == ServiceForm.RESIDENCE)[0])
    rows["service"] = service
    stay = services["spell_mean_days"][service]
    norm = StaffNorm.of(frame.facts)
    rows["fee_fen_per_month"] = institutions["fee_fen_per_month"][rows["institution_row"]]
    rows["ended_min"] = NEVER_MIN
    for row in rows:
        row["key"] = member_key(
            institutions["key"][row["institution_row"]], households["key"][row["household_row"]]
        )
        row["admitted_min"] = -MINUTES_PER_DAY * exponential(stay, frame.seed, _SINCE, row["key"], _FIRST)
        row["degree"] = norm.assess(
            int(households["disability"][row["household_row"]]), row["key"], frame.seed
        )
    np.add.at(institutions["by_degree"], (rows["institution_row"], rows["degree"]), 1)
    return rows


def _families(institutions: Rows, households: Rows, seed: np.uint64) -> NDArray[np.int64]:
    """Return a household with elders for each resident: by lot, of the district while there are some, none twice."""
    elderly = np.flatnonzero(households["elders"] > 0)
    waiting = elderly[np.argsort(lots(households["key"][elderly], seed, _LIVES_IN), kind="stable")]
    places = np.repeat(institutions["district"], institutions["residents"])
    families = np.full(len(places), NO_ROW, np.int64)
    for district in np.unique(places):
        seats = np.flatnonzero(places == district)
        local = waiting[households["district"][waiting] == district][: len(seats)]
        families[seats[: len(local)]] = local
    unfilled = np.flatnonzero(families == NO_ROW)
    if len(places) > len(waiting):
        raise DataError(
            f"{len(places)} residents of institutions, but only {len(waiting)} households with elders"
        )
    families[unfilled] = waiting[~np.isin(waiting, families)][: len(unfilled)]
    return families
