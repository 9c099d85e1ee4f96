"""The model: a Mesa model on a SimPy clock, built from a scenario, advanced by days or to any minute.

This file is the table of contents of a run: what is built, what happens at a day's and a month's beginning, and how a
run is closed. What each step does is in the desks of :mod:`sim.market`.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import numpy as np

from sim.agents.care_institution import CareInstitution
from sim.agents.company import Company
from sim.agents.household import Household
from sim.agents.training_base import TrainingBase
from sim.agents.worker import Worker
from sim.clock import MINUTES_PER_DAY, Clock, Kind, day_of
from sim.dispatch import make_dispatcher
from sim.market.audit import Auditor
from sim.market.desks import Desks, open_desks
from sim.market.initial import begin
from sim.market.market import Market
from sim.market.months import settle_month
from sim.market.overheads import close_books, pay_overheads
from sim.market.payroll import pay_insurance
from sim.market.pricing import observe_month
from sim.market.saving import load_state, save_state
from sim.market.setup import make_market
from sim.market.stocks import close_day, visit_trades
from sim.mesa_compat import MarketBase, release, settle_memory
from sim.policies import make_policy
from sim.scenario import Past
from sim.sink import EventSink, NullSink
from sim.vocabulary import FirmForm, OrderState, WorkerStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sim.dispatch.interface import Dispatcher
    from sim.policies.interface import Policy
    from sim.scenario import Scenario
    from sim.state import Rows, Table, World


class MarketModel(MarketBase):
    """One run of a scenario.

    Args:
        scenario: A resolved scenario.
        sink: Receives what happens; recording changes no number.

    Attributes:
        market: The working memory that the desks share.
        desks: Who does what: demand, visits, placements, contracts, residences, labour, training.
        auditor: Recomputes the books every month.
    """

    def __init__(self, scenario: Scenario, sink: EventSink | None = None, *, begun: bool = False) -> None:
        super().__init__(seed=scenario.settings.seed)
        self.settings = scenario
        self.sink: EventSink = sink or NullSink()
        self.market: Market = make_market(scenario, Clock())
        self._people()
        self.desks: Desks = open_desks(self.market, scenario, self._dispatchers(), self._bases())
        self.policies = self._policies()
        if self.desks.region is not None:
            self.desks.region.policies = self.policies
        self._listen()
        region = self.desks.region
        rules = () if region is None else (region.payroll, region.overheads, region.complaints.rules)
        self.auditor = Auditor(self.market, *rules)
        self._works_visits = visit_trades(self.market)
        self.closed = False
        settle_memory()
        if not begun:
            begin(self.market, self.desks)
            self.market.clock.at(0.0, Kind.DAY, 0, urgent=True)

    @classmethod
    def resume(cls, path: Path, scenario: Scenario, sink: EventSink | None = None) -> Self:
        """Return a saved run at the minute at which it was saved, as a run of this scenario.

        It may have been saved from another scenario that differs in its policies alone, before any of them was
        announced: then this run branches off from the common past.

        Raises:
            SavedStateError: The file is damaged, of a scenario with another past or of another version of the model.
        """
        model = cls(scenario, sink, begun=True)
        load_state(path, model.market, model.auditor, scenario)
        model._sync_workers()
        return model

    def save(self, path: Path) -> None:
        """Write the whole state of the run to a file."""
        save_state(path, self.market, self.auditor, Past.of(self.settings))

    @property
    def world(self) -> World:
        """Tables and maps."""
        return self.market.world

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name."""
        return self.market.world.tables

    @property
    def now_min(self) -> float:
        """Minutes since the period's start."""
        return self.market.now_min

    @property
    def end_min(self) -> float:
        """End of the scenario's period."""
        return self.settings.settings.period.days * MINUTES_PER_DAY

    def advance_day(self) -> None:
        """Advance to the next midnight."""
        self.advance_to((day_of(self.now_min) + 1) * MINUTES_PER_DAY)

    def advance_to(self, minute: float) -> None:
        """Advance to a minute, at most to the period's end; what is due exactly then has not happened yet."""
        with _cycles_left_alone():
            self.market.clock.run_until(min(minute, self.end_min))

    def run_days(self, days: int) -> None:
        """Advance by whole days."""
        self.advance_to(self.now_min + days * MINUTES_PER_DAY)

    def settle(self) -> None:
        """Bill every placement and resident until now; what is owed in all does not depend on when that is done."""
        region = self.desks.region
        if region is not None:
            settle_month(self.market, region.placements, region.residences)

    def close(self) -> None:
        """Close the last day and month, audit, and let the sink look once more."""
        if self.closed:
            return
        self.closed = True
        if self.now_min > 0.0:
            self._close_day(day_of(self.now_min - 1e-9))
            self._close_month(day_of(self.now_min - 1e-9))
        self.sink.run_closed(self.now_min, self.world)

    def release(self) -> None:
        """Free the memory of a finished run."""
        release(self)

    def counts(self) -> dict[str, int]:
        """Return the sizes of the run so far."""
        states = self.market.transitions.sum(axis=0)
        workers = self.tables["workers"].used
        return {
            "households": self.tables["households"].size,
            "workers": int(np.count_nonzero(workers["status"] != WorkerStatus.LEFT)),
            "companies": self.tables["companies"].size,
            "training_bases": self.tables["bases"].size,
            "care_institutions": self.tables["institutions"].size,
            "requested_orders": int(self.tables["companies"].used["requested"].sum()),
            "completed_orders": int(states[OrderState.COMPLETED]),
            "cancelled_orders": int(states[OrderState.CANCELLED]),
            "unserved_orders": int(states[OrderState.UNSERVED]),
            "events": self.market.clock.fired,
        }

    def ledger_totals(self) -> Rows:
        """Return the closed months' flows (dtype ``sim.market.ledger.FLOW``)."""
        return self.market.ledger.months

    def on_day(self, day: int, _stamp: int) -> None:
        """Close the day before, open this one, and enter the next."""
        if day > 0:
            self._close_day(day - 1)
            if self.market.calendar.date_of(day).day == 1:
                self._close_month(day - 1)
        self.desks.open_day(day, self._month_begins(day))
        self.market.clock.at((day + 1) * MINUTES_PER_DAY, Kind.DAY, day + 1, urgent=True)

    def _month_begins(self, day: int) -> bool:
        return day == 0 or self.market.calendar.date_of(day).day == 1

    def _close_day(self, day: int) -> None:
        rows = close_day(self.market, day, self._works_visits)
        self.sink.stocks(rows, self.world)

    def _close_month(self, day: int) -> None:
        market, desks = self.market, self.desks
        self.settle()
        if desks.region is not None:
            pay_insurance(market, desks.region.payroll)
            desks.region.wards.pay()
            pay_overheads(market, desks.region.overheads)
            close_books(market)
            observe_month(market, desks.region.pricing)
        self.auditor.run()
        self.sink.orders_ended(market.ended_orders.used, self.world)
        self.sink.placements_ended(market.ended_placements.used, self.world)
        market.ledger.close_month(_month_number(market, day))
        market.forget_ended()
        self.sink.month_closed(self.now_min, self.world)

    def _people(self) -> None:
        """Create a Mesa agent for every row."""
        tables = self.tables
        for row in range(tables["institutions"].size):
            CareInstitution(self, tables["institutions"], row)
        for row in range(tables["households"].size):
            Household(self, tables["households"], row)
        self._worker_agents = {
            row: Worker(self, tables["workers"], row) for row in range(tables["workers"].size)
        }

    def _dispatchers(self) -> list[Dispatcher]:
        choices = self.settings.settings.dispatch
        laboratory = self.settings.settings.laboratory is not None
        by_form = {}
        for form in FirmForm:
            choice = choices.get(form.name.lower())
            if laboratory:
                by_form[form] = make_dispatcher("first_come", {})
            elif choice is not None:
                by_form[form] = make_dispatcher(choice.policy, choice.parameters)
            else:
                by_form[form] = make_dispatcher("nearest", {})
        companies = self.tables["companies"]
        forms = [FirmForm(int(form)) for form in companies.used["form"]]
        for row, form in enumerate(forms):
            Company(self, companies, row, by_form[form])
        return [by_form[form] for form in forms]

    def _policies(self) -> list[Policy]:
        """Return the scenario's policies, by the name of the instance: their sequence in the file decides nothing."""
        calendar = self.market.calendar
        return [
            make_policy(choice.policy, instance, choice.parameters, calendar, self.settings.settings.scale)
            for instance, choice in sorted(self.settings.policies.items())
        ]

    def _bases(self) -> list[TrainingBase]:
        bases = self.tables["bases"]
        return [TrainingBase(self, bases, row) for row in range(bases.size)]

    def _listen(self) -> None:
        """Keep the Mesa population in step with workers who enter and leave."""
        self.market.clock.handle(Kind.DAY, self.on_day)
        if self.desks.region is not None:
            self.desks.region.labour.on_entered = self._welcome
            self.desks.region.labour.on_left = self._farewell

    def _welcome(self, worker: int) -> None:
        self._worker_agents[worker] = Worker(self, self.tables["workers"], worker)

    def _sync_workers(self) -> None:
        """After a resume: an agent for every worker who is in the trade, and for no other."""
        status = self.tables["workers"].used["status"]
        for row in range(len(status)):
            if status[row] == WorkerStatus.LEFT and row in self._worker_agents:
                self._farewell(row)
            elif status[row] != WorkerStatus.LEFT and row not in self._worker_agents:
                self._welcome(row)

    def _farewell(self, worker: int) -> None:
        self._worker_agents.pop(worker).remove()


@contextmanager
def _cycles_left_alone() -> Iterator[None]:
    """Pause Python's search for cycles: events make none, and the search would walk the whole calendar each time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _month_number(market: Market, day: int) -> int:
    date = market.calendar.date_of(day)
    start = market.calendar.start
    return (date.year - start.year) * 12 + date.month - start.month
