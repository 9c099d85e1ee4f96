"""The desks of a market: who does what, and in which sequence a day begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import MONTHS_PER_YEAR
from sim.market import commitments
from sim.market.absence import FestivalRules
from sim.market.careers import CareerDesk, career_rules, home_pay_fen
from sim.market.complaints import ComplaintDesk, ComplaintRules
from sim.market.contracts import ContractDesk
from sim.market.courses import TrainingDesk
from sim.market.demand import DemandDesk
from sim.market.enquiries import EnquiryDesk
from sim.market.insolvency import EntrantRules, replace_insolvent
from sim.market.kin_care import KinDesk
from sim.market.laboratory import PoissonStream
from sim.market.labour import LabourDesk, LabourRules
from sim.market.lives import LivesDesk
from sim.market.overheads import OverheadRules
from sim.market.payroll import PayrollRules
from sim.market.placements import PlacementDesk
from sim.market.pools import EntryRules, PoolDesk
from sim.market.pricing import PricingRules, adapt_firms, list_prices
from sim.market.private import PrivateDesk, leaving_rules
from sim.market.residence import ResidenceDesk
from sim.market.schemes import begin_month, link_claims
from sim.market.season import SeasonRules
from sim.market.visits import VisitDesk
from sim.market.wards import WardDesk
from sim.market.word_of_mouth import TalkRules, share_news
from sim.vocabulary import ServiceForm
from sim.world.build import frame_of
from sim.world.lives import life_rules
from sim.world.recruits import Recruiter
from sim.world.staff_norm import StaffNorm

if TYPE_CHECKING:
    from sim.agents.training_base import TrainingBase
    from sim.data.facts import FactTree
    from sim.dispatch.interface import Dispatcher
    from sim.market.market import Market
    from sim.policies.interface import Policy
    from sim.scenario import Scenario

_FEN_PER_YUAN = 100


@dataclass
class RegionDesks:
    """The desks that only a region has; a textbook queue has none of them."""

    demand: DemandDesk
    placements: PlacementDesk
    contracts: ContractDesk
    residences: ResidenceDesk
    lives: LivesDesk
    labour: LabourDesk
    careers: CareerDesk
    private: PrivateDesk
    complaints: ComplaintDesk
    talk: TalkRules
    wards: WardDesk
    training: TrainingDesk
    payroll: PayrollRules
    overheads: OverheadRules
    pricing: PricingRules
    entrants: EntrantRules
    policies: Sequence[Policy] = ()

    def open_day(self, day: int, month_begins: bool) -> None:
        """Begin a day: policies first, then newcomers, contracts' visits and the households' needs."""
        self._set_prices(day, month_begins)
        self._open_policies(day, month_begins)
        if month_begins or day == 0:
            self.labour.pools.open_month()
        self.labour.open_day(day)
        self.complaints.open_day()
        if month_begins:
            if day > 0:
                self.lives.open_month(day)
            self._share_news(day)
            self.careers.open_month(day)
            self.private.open_month(day)
            self.wards.open_month(day)
        self.contracts.open_day(day)
        self.demand.open_day(day)

    def _share_news(self, day: int) -> None:
        market = self.demand.market
        today = market.calendar.date_of(day)
        share_news(market, self.talk, MONTHS_PER_YEAR * today.year + today.month)

    def _set_prices(self, day: int, month_begins: bool) -> None:
        """Before the policies, so that these find the day's prices."""
        market = self.demand.market
        if month_begins and day > 0:
            replace_insolvent(market, self.entrants)
            adapt_firms(market.table("companies").used, market.reach, self.pricing)
        visits = market.table("services").used["form"] == ServiceForm.VISIT
        list_prices(market, day, self.pricing, visits)

    def _open_policies(self, day: int, month_begins: bool) -> None:
        market = self.demand.market
        if month_begins:
            begin_month(market)
            commitments.begin_month(market)
        for policy in self.policies:
            if day >= policy.announced_day:
                policy.open_day(day, market)
        link_claims(market)


@dataclass
class Desks:
    """All desks of a run: visits, and either a region's or a laboratory's demand."""

    visits: VisitDesk
    region: RegionDesks | None = None
    stream: PoissonStream | None = None

    def open_day(self, day: int, month_begins: bool) -> None:
        """Begin a day."""
        if self.region is not None:
            self.region.open_day(day, month_begins)


def open_desks(
    market: Market, scenario: Scenario, dispatchers: Sequence[Dispatcher], bases: list[TrainingBase]
) -> Desks:
    """Return the desks of a scenario, registered with the clock."""
    visits = VisitDesk(market, dispatchers)
    laboratory = scenario.settings.laboratory
    if laboratory is not None:
        patience = laboratory.patience
        gap = 60.0 / laboratory.arrivals_per_hour
        stream = PoissonStream(market, visits, gap, patience.law, patience.mean_min or 0.0)
        return Desks(visits, stream=stream)
    return Desks(visits, region=_region_desks(market, scenario, visits, bases))


def _region_desks(
    market: Market, scenario: Scenario, visits: VisitDesk, bases: list[TrainingBase]
) -> RegionDesks:
    rules = market.placement_rules
    if rules is None:
        raise ValueError("a region's market needs placement rules")
    facts = scenario.facts
    placements = PlacementDesk(market, rules, visits)
    contracts = ContractDesk(market, rules, visits)
    norm, payroll = StaffNorm.of(facts), _payroll(facts)
    residences = ResidenceDesk(market, norm)
    kin, season = KinDesk(market), facts.into(SeasonRules, "festival")
    complaints = ComplaintDesk(market, ComplaintRules.of(facts))
    visits.ask_elsewhere = EnquiryDesk(market, visits).ask_elsewhere
    visits.on_complaint, placements.on_complaint = complaints.on_visit, complaints.on_placement
    labour = _labour_desk(market, scenario, visits, placements, contracts)
    careers = CareerDesk(market, labour, career_rules(facts), home_pay_fen(facts, market.world.origin_ids))
    return RegionDesks(
        demand=DemandDesk(market, visits, placements, contracts, residences, kin, season),
        placements=placements,
        contracts=contracts,
        residences=residences,
        lives=LivesDesk(market, life_rules(frame_of(scenario))),
        labour=labour,
        careers=careers,
        private=PrivateDesk(market, placements, contracts, leaving_rules(facts)),
        complaints=complaints,
        talk=TalkRules.of(facts),
        wards=WardDesk(market, careers, norm, payroll),
        training=TrainingDesk(market, labour, bases, facts.number("training.pause_days")),
        payroll=payroll,
        overheads=OverheadRules.of(facts),
        pricing=facts.into(PricingRules, "pricing"),
        entrants=EntrantRules.of(facts),
    )


def _labour_desk(
    market: Market,
    scenario: Scenario,
    visits: VisitDesk,
    placements: PlacementDesk,
    contracts: ContractDesk,
) -> LabourDesk:
    facts = scenario.facts
    tables = market.world.tables
    recruiter = Recruiter.of(
        frame_of(scenario), tables["districts"].used, tables["communities"].used, tables["services"].used
    )
    labour = LabourRules(facts.number("labour.full_firm_vacancies"))
    return LabourDesk(
        market,
        (visits, placements, contracts),
        recruiter,
        facts.into(FestivalRules, "festival"),
        _absent_shares(market, facts),
        labour,
        PoolDesk(market, facts.into(EntryRules, "labour")),
    )


def _absent_shares(market: Market, facts: FactTree) -> np.ndarray:
    """Return by trade the share of workers who go home for the festival."""
    shares = np.full(len(market.world.trade_ids), facts.number("festival.absent_share.visits"))
    services = market.table("services").used
    for service, name in enumerate(market.world.service_ids):
        if services["form"][service] == ServiceForm.PLACEMENT:
            trade = market.world.trade_ids.index(facts.text(f"services.{name}.trade"))
            matron = bool(services["certificate_required"][service])
            kind = "matrons" if matron else "placed"
            shares[trade] = facts.number(f"festival.absent_share.{kind}")
    return shares


def _payroll(facts: FactTree) -> PayrollRules:
    return PayrollRules(
        insurance_fen_per_month=round(_FEN_PER_YUAN * facts.number("labour.insurance_yuan_per_month")),
        insured_share=facts.number("labour.insurable_share"),
        staff_wage_fen_per_month=round(_FEN_PER_YUAN * facts.number("labour.staff_wage_yuan_per_month")),
    )
