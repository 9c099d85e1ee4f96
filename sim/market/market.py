"""The market's working memory: tables, clock, calendar, ledger and indices that the desks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.satisfaction import JUDGEMENT
from sim.clock import DAYS_PER_WEEK, day_of
from sim.market.ledger import Ledger
from sim.market.members import Members, index_members, index_neighbours, index_reach
from sim.market.search import Index
from sim.state import (
    COMPLAINT,
    EMPLOYMENT,
    ORDER,
    PLACEMENT,
    RESIDENT,
    STINT,
    WARD_STINT,
    Columns,
    Reach,
    Rows,
    Table,
    World,
)
from sim.vocabulary import FirmForm, OrderState, PlacementState, Tally

if TYPE_CHECKING:
    from sim.clock import Clock
    from sim.market.rules import PlacementRules, VisitRules
    from sim.world.calendar import Calendar


@dataclass
class Market:
    """All that the desks share.

    Attributes:
        world: Tables and maps.
        clock: Time and the calendar of occurrences.
        calendar: Dates, weekdays, holidays.
        visit_rules, placement_rules: Parameters.
        weights: Coefficients of the household's choice.
        judgement: How households judge services; nobody is asked where none is given.
        ledger: Accounts without a table and the flows.
        transitions, tallies: Independent counts of orders (see ``Columns``).
        placement_transitions: Counts of placements by (state before, state after).
        ended_orders, ended_placements, ended_residents: What has ended since the last month was closed.
        stints: Workers' parts of placements that have ended since then.
        employments: Workers' times with firms that they have left for others since then.
        ended_complaints: Complaints that have ended since then.
        ward_stints: Carers' times in the houses of institutions that have ended since then.
        needs: The running day's needs; ``needs_outside`` counts by district those that no firm met,
            ``needs_by_kin`` those of them that kin met.
    """

    world: World
    clock: Clock
    calendar: Calendar
    visit_rules: VisitRules
    placement_rules: PlacementRules | None
    weights: Rows
    judgement: Rows = field(default_factory=lambda: np.zeros(1, JUDGEMENT))
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        """Make the counters and indices that go with the tables."""
        services = self.table("services").size
        districts = self.table("districts").size
        states = len(OrderState)
        self.transitions = np.zeros((states, states), np.int64)
        self.tallies = np.zeros((services, districts, len(Tally)), np.int64)
        placement_states = len(PlacementState)
        self.placement_transitions = np.zeros((placement_states, placement_states), np.int64)
        self.ended_orders = Table(ORDER, 1024)
        self.ended_placements = Table(PLACEMENT, 64)
        self.ended_residents = Table(RESIDENT, 64)
        self.stints = Table(STINT, 64)
        self.employments = Table(EMPLOYMENT, 64)
        self.ended_complaints = Table(COMPLAINT, 64)
        self.ward_stints = Table(WARD_STINT, 64)
        self.needs: Rows = np.zeros(0)
        self.needs_outside = np.zeros(districts, np.int64)
        self.needs_by_kin = np.zeros(districts, np.int64)
        self.entered = np.zeros(districts, np.int64)
        self.left = np.zeros(districts, np.int64)
        self.entered_in_all = 0
        self.left_in_all = 0
        detour = float(self.world.travel["detour_factor"][0])
        self.neighbours = index_neighbours(self.table("districts").used, detour)
        self.slot_starts = np.array(self.visit_rules.contract_slot_starts_min)
        self.weekdays = self.calendar.weekday.astype(np.int64)
        self.reindex_reach()
        self.reindex_members()

    @property
    def seed(self) -> np.uint64:
        """Seed of all draws."""
        return self.world.seed

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""
        return self.clock.now_min

    def table(self, name: str) -> Table:
        """Return a table by its name in ``DTYPES``."""
        return self.world.tables[name]

    def rows(self, name: str) -> Rows:
        """Return a table's array, spare capacity included."""
        return self.world.tables[name].rows

    def bind(self) -> None:
        """Make ``columns`` and ``index`` point at the arrays; call it whenever one of them may have moved."""
        tables = self.world.tables
        self.index = Index(
            starts=self.members.starts,
            rows=self.members.rows,
            order=self.neighbours.order,
            gap_km=self.neighbours.gap_km,
            slot_starts=self.slot_starts,
            slot_min=self.visit_rules.contract_slot_min,
            first_weekday=int(self.weekdays[0]),
        )
        self.columns = Columns(
            districts=tables["districts"].used,
            services=tables["services"].used,
            households=tables["households"].used,
            workers=tables["workers"].rows,
            companies=tables["companies"].used,
            institutions=tables["institutions"].used,
            orders=tables["orders"].rows,
            travel=self.world.travel,
            capacity=self.members.capacity,
            flows=self.ledger.flows,
            transitions=self.transitions,
            tallies=self.tallies,
            schemes=tables["schemes"].rows,
            claims=tables["claims"].rows,
            singles=self.ledger.singles,
        )

    def add(self, name: str) -> int:
        """Take a row of a table and keep ``columns`` valid."""
        table = self.table(name)
        before = table.rows
        row = table.add()
        if table.rows is not before:
            self.bind()
        return row

    def reindex_members(self) -> None:
        """Renew the index of the firms' workers."""
        self.members: Members = index_members(
            self.table("workers"),
            self.table("services").used,
            self.table("companies").size,
            self.table("districts").size,
        )
        self.table("companies").used["workers"] = np.diff(self.members.firm_starts)
        self.bind()

    def able(self, company: int, service: int) -> Rows:
        """Return the rows of a firm's workers who have the skill for a service, by district and key."""
        districts = self.table("districts").size
        cell = (company * self.table("services").size + service) * districts
        starts = self.members.starts
        rows: Rows = self.members.rows[starts[cell] : starts[cell + districts]]
        return rows

    def able_in_agencies(self, service: int) -> Rows:
        """Return the rows of all agencies' workers who have the skill for a service."""
        agencies = np.flatnonzero(self.table("companies").used["form"] == FirmForm.AGENCY)
        return np.concatenate([self.able(int(company), service) for company in agencies])

    def reindex_reach(self) -> None:
        """Renew the index of firms by district."""
        self.reach: Reach = index_reach(self.table("companies"), self.table("districts").size)

    def forget_ended(self) -> None:
        """Empty the month's logs, once they have been audited and handed over."""
        self.ended_orders = Table(ORDER, 1024)
        self.ended_placements = Table(PLACEMENT, 64)
        self.ended_residents = Table(RESIDENT, 64)
        self.stints = Table(STINT, 64)
        self.employments = Table(EMPLOYMENT, 64)
        self.ended_complaints = Table(COMPLAINT, 64)
        self.ward_stints = Table(WARD_STINT, 64)

    def weekday(self, minute: float) -> int:
        """Return the weekday (Monday 0) of a minute, also beyond the calendar's last day."""
        return int((self.weekdays[0] + day_of(minute)) % DAYS_PER_WEEK)
