"""From a resolved scenario to a market with its rules, at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from sim.agents.choice import WEIGHTS
from sim.market.market import Market
from sim.market.rules import TEXTBOOK_VISITS, PlacementRules, VisitRules, choice_weights, judgement_of
from sim.world.build import build_world
from sim.world.calendar import calendar_from, frozen_calendar

if TYPE_CHECKING:
    from sim.clock import Clock
    from sim.scenario import Scenario
    from sim.world.calendar import Calendar, CalendarData

_LOOK_AHEAD_DAYS = 60
_LABORATORY_COUNTRY = "CN"


def make_market(scenario: Scenario, clock: Clock) -> Market:
    """Return the market of a scenario with its tables as they are before time starts."""
    world = build_world(scenario)
    if scenario.settings.laboratory is not None:
        market = Market(world, clock, make_calendar(scenario), TEXTBOOK_VISITS, None, np.zeros(1, WEIGHTS))
        market.table("services").used["known_spread_share"] = 0.0
        return market
    facts = scenario.facts
    services = world.tables["services"].used
    services["known_spread_share"] = facts.number("visits.known_duration_share")
    residents = world.tables["residents"].used["household_row"]
    households = world.tables["households"].used
    households["residents"] = np.bincount(residents, minlength=len(households))
    return Market(
        world,
        clock,
        make_calendar(scenario),
        facts.into(VisitRules, "visits"),
        facts.into(PlacementRules, "placements"),
        choice_weights(facts),
        judgement_of(facts),
    )


def make_calendar(scenario: Scenario) -> Calendar:
    """Return the scenario's frozen calendar; one that is not frozen yet is asked for."""
    frozen = scenario.settings.calendar
    data = calendar_data(scenario) if frozen is None else cast("CalendarData", frozen.model_dump())
    return calendar_from(data)


def calendar_data(scenario: Scenario) -> CalendarData:
    """Return the calendar to be frozen into a scenario: that of its region, with some days beyond the end."""
    settings = scenario.settings
    country = _LABORATORY_COUNTRY
    if settings.laboratory is None:
        country = scenario.facts.text("region.country")
    return frozen_calendar(settings.period.start, settings.period.days + _LOOK_AHEAD_DAYS, country)
