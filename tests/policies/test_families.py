"""Every policy has both halves: parameters that a scenario may give, and what it does."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from sim.policies import PARAMETERS, make_policy, mechanisms
from sim.scenario.registry import registered_policies
from sim.world.calendar import Calendar, calendar_from, frozen_calendar

START = date(2026, 1, 1)
DATES = {"announced": "2026-02-01", "begins": "2026-03-01"}


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return calendar_from(frozen_calendar(START, 90, "CN"))


def test_every_policy_has_parameters_and_a_mechanism_of_one_name() -> None:
    assert set(mechanisms()) == set(PARAMETERS) <= set(registered_policies())


def test_a_policy_is_made_from_its_name_and_its_parameters(calendar: Calendar) -> None:
    policy = make_policy("elder_voucher", "mine", DATES, calendar, scale=0.01)
    assert (policy.name, policy.instance, policy.announced_day) == ("elder_voucher", "mine", 31)


def test_an_unknown_policy_or_parameter_is_refused(calendar: Calendar) -> None:
    with pytest.raises(KeyError):
        make_policy("elder_vouchr", "mine", DATES, calendar, scale=0.01)
    with pytest.raises(ValidationError, match="home_shar"):
        make_policy("elder_voucher", "mine", DATES | {"home_shar": 0.5}, calendar, scale=0.01)
