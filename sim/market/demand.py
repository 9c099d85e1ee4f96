"""The demand desk: lets needs arise day by day and households choose, and passes each choice to its desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents import choice
from sim.clock import Kind
from sim.compiled import entry, kernel
from sim.market import needs as need_draws
from sim.market.booking import Booking, patient_days
from sim.market.season import day_factors, headroom
from sim.vocabulary import KIN, NO_ROW, ServiceForm

if TYPE_CHECKING:
    from sim.market.contracts import ContractDesk
    from sim.market.kin_care import KinDesk
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.market.residence import ResidenceDesk
    from sim.market.season import SeasonRules
    from sim.market.visits import VisitDesk
    from sim.state import Columns, Reach, Rows


_NEED = int(Kind.NEED)
_VISIT = int(ServiceForm.VISIT)


@entry
@kernel
def meet(
    c: Columns,
    weights: Rows,
    reach: Reach,
    household: int,
    service: int,
    key: np.uint64,
    patient_days_mean: float,
    seed: np.uint64,
) -> tuple[int, float, int]:
    """Let a household choose for one need.

    Returns:
        (company, or -1 or -2 as :func:`sim.agents.choice.choose` has it; expected duration of a visit; days by which
        the start may be moved).
    """
    duration = 0.0
    if c.services[service].form == _VISIT:
        duration = need_draws.expected_duration_min(c.services[service], key, seed)
    company = choice.choose(c, weights, reach, household, service, duration, key, seed)
    return company, duration, patient_days(patient_days_mean, key, seed)


class DemandDesk:
    """Turns households' needs into orders, placements, contracts and admissions."""

    def __init__(
        self,
        market: Market,
        visits: VisitDesk,
        placements: PlacementDesk,
        contracts: ContractDesk,
        residences: ResidenceDesk,
        kin: KinDesk,
        season: SeasonRules,
    ) -> None:
        self.market = market
        self.visits = visits
        self.placements = placements
        self.contracts = contracts
        self.residences = residences
        self.kin = kin
        self.booking_hours = np.array(market.visit_rules.booking_hour_weights)
        services = market.table("services").used
        self.factors = day_factors(services, market.calendar, season)
        self.peaks = headroom(services, season)
        self._forms: list[int] = services["form"].tolist()
        self._half_widths: list[float] = services["window_half_width_min"].tolist()
        self._listed: Rows = np.zeros(0)
        self._list: list[tuple[float, int, int, float, int]] = []
        market.clock.handle(Kind.NEED, self.on_need)

    def open_day(self, day: int) -> None:
        """Draw the day's needs and enter the first of them."""
        market = self.market
        market.needs = need_draws.needs_of_day(
            market.table("households").used, market.table("services").used, self.booking_hours,
            self.factors, self.peaks, day, market.visit_rules.notice_min, market.seed,
        )  # fmt: skip
        self._enter(0)

    def on_need(self, position: int, _stamp: int) -> None:
        """Let the household choose, and enter the day's next need."""
        self._enter(position + 1)
        _, household, service, wanted_min, key = self._today()[position]
        self._meet(household, service, wanted_min, np.uint64(key))

    def _today(self) -> list[tuple[float, int, int, float, int]]:
        # Plain tuples are many times faster to read one by one than rows of an array; a resumed run makes them anew.
        if self._listed is not self.market.needs:
            self._listed = self.market.needs
            self._list = self._listed.tolist()
        return self._list

    def _enter(self, position: int) -> None:
        today = self._today()
        if position < len(today):
            self.market.clock.at(today[position][0], _NEED, position)

    def _meet(self, household: int, service: int, wanted_min: float, key: np.uint64) -> None:
        market = self.market
        company, duration, days_patient = meet(
            market.columns, market.weights, market.reach, household, service, key,
            market.visit_rules.patient_days_mean, market.seed,
        )  # fmt: skip
        if company in {NO_ROW, KIN}:
            self._stays_at_home(household, service, company, key)
            return
        form = self._forms[service]
        if form != _VISIT:
            self.kin.replace(household, service)
        if form == _VISIT:
            half_width = self._half_widths[service]
            earliest = max(market.now_min, wanted_min - half_width)
            latest = wanted_min + half_width
            self.visits.place(
                Booking(
                    key,
                    household,
                    company,
                    service,
                    NO_ROW,
                    wanted_min,
                    earliest,
                    latest,
                    duration,
                    days_patient,
                )
            )
        elif form == ServiceForm.RESIDENCE:
            self.residences.request(household, service, company, key)
        elif form == ServiceForm.RECURRING:
            self.contracts.request(household, service, company, key)
        else:
            self.placements.request(household, service, company, key, wanted_min)

    def _stays_at_home(self, household: int, service: int, who: int, key: np.uint64) -> None:
        """Count a need that no firm meets, and let kin begin their care where they take it over."""
        market = self.market
        district = market.rows("households")["district"][household]
        market.needs_outside[district] += 1
        if who == KIN:
            market.needs_by_kin[district] += 1
            self.kin.begin(household, service, key)
