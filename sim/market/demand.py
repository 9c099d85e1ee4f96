"""The demand desk: lets needs arise day by day and households choose, and passes each choice to its desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents import choice
from sim.clock import Kind
from sim.market import needs as need_draws
from sim.market.booking import Booking, patient_days
from sim.vocabulary import NO_ROW, ServiceForm

if TYPE_CHECKING:
    from sim.market.contracts import ContractDesk
    from sim.market.market import Market
    from sim.market.placements import PlacementDesk
    from sim.market.residence import ResidenceDesk
    from sim.market.visits import VisitDesk
    from sim.state import Rows


class DemandDesk:
    """Turns households' needs into orders, placements, contracts and admissions."""

    def __init__(
        self,
        market: Market,
        visits: VisitDesk,
        placements: PlacementDesk,
        contracts: ContractDesk,
        residences: ResidenceDesk,
    ) -> None:
        self.market = market
        self.visits = visits
        self.placements = placements
        self.contracts = contracts
        self.residences = residences
        self.months = market.calendar.month.astype(np.int64)
        self.booking_hours = np.array(market.visit_rules.booking_hour_weights)
        market.clock.handle(Kind.NEED, self.on_need)

    def open_day(self, day: int) -> None:
        """Draw the day's needs and enter the first of them."""
        market = self.market
        market.needs = need_draws.needs_of_day(
            market.table("households").used, market.table("services").used, self.booking_hours,
            market.weekdays, self.months, day, market.visit_rules.notice_min, market.seed,
        )  # fmt: skip
        self._enter(0)

    def on_need(self, position: int, _stamp: int) -> None:
        """Let the household choose, and enter the day's next need."""
        self._enter(position + 1)
        need = self.market.needs[position]
        self._meet(need)

    def _enter(self, position: int) -> None:
        needs = self.market.needs
        if position < len(needs):
            self.market.clock.at(float(needs["minute"][position]), Kind.NEED, position)

    def _meet(self, need: Rows) -> None:
        market = self.market
        household, service = int(need["household_row"]), int(need["service"])
        home = market.rows("households")[household]
        market.needs_arisen[home["district"]] += 1
        form = int(market.columns.services["form"][service])
        duration = 0.0
        if form == ServiceForm.VISIT:
            duration = need_draws.expected_min(market.columns.services, service, need["key"], market.seed)
        company = choice.choose(
            market.columns, market.weights, market.reach.starts, market.reach.rows, household, service,
            duration, need["key"], market.seed,
        )  # fmt: skip
        if company == NO_ROW:
            market.needs_outside[home["district"]] += 1
        elif form == ServiceForm.VISIT:
            self._order_visit(need, company, duration)
        elif form == ServiceForm.RESIDENCE:
            self.residences.request(household, service, company, need["key"])
        elif form == ServiceForm.RECURRING:
            self.contracts.request(household, service, company, need["key"])
        else:
            self.placements.request(household, service, company, need["key"], float(need["wanted_min"]))

    def _order_visit(self, need: Rows, company: int, duration_min: float) -> None:
        market = self.market
        wanted = float(need["wanted_min"])
        half_width = float(market.rows("services")["window_half_width_min"][need["service"]])
        mean = market.visit_rules.patient_days_mean
        self.visits.place(
            Booking(
                key=need["key"],
                household=int(need["household_row"]),
                company=company,
                service=int(need["service"]),
                placement=NO_ROW,
                wanted_min=wanted,
                earliest_min=max(market.now_min, wanted - half_width),
                latest_min=wanted + half_width,
                duration_min=duration_min,
                days_patient=patient_days(mean, need["key"], market.seed),
            )
        )
