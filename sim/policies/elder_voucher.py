"""A monthly consumer voucher for disabled elders: part of the price of home visits and of institutions.

The mechanism: an eligible household that has applied pays only its part of the price, of a visit when it is booked, of
an institution's fee when the month is billed, up to a monthly amount. Nothing else changes; whether more visits are
bought follows from the household's choice at the lower price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.market.schemes import switch
from sim.rng import decision, derive, exponential, stable_key, uniform
from sim.vocabulary import NO_ROW, UNLIMITED_FEN, ServiceForm

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.policies.parameters.elder_voucher import ElderVoucherParameters
    from sim.world.calendar import Calendar

FEN_PER_YUAN = 100
DEGREES = {"mild": 1, "moderate": 2, "severe": 3}
_APPLIES = decision("elder_voucher.applies")
_APPROVAL = decision("elder_voucher.approval_time")


class ElderVoucher:
    """Opens a scheme, takes applications of eligible households, and lets approved claims count."""

    name: ClassVar[str] = "elder_voucher"

    def __init__(
        self, instance: str, parameters: ElderVoucherParameters, calendar: Calendar, scale: float
    ) -> None:
        self.instance = instance
        self.parameters = parameters
        self.scale = scale
        self.key = stable_key("policy", instance)
        self.announced_day = calendar.day_of(parameters.announced)
        self.begins_day = calendar.day_of(parameters.begins)
        self.ends_day = None if parameters.ends is None else calendar.day_of(parameters.ends)

    def open_day(self, day: int, market: Market) -> None:
        """Announce, take the applications of those newly eligible each month, begin and end."""
        scheme = self._scheme(market)
        if scheme == NO_ROW:
            scheme = self._announce(market)
            self._take_applications(market, scheme, self.announced_day)
        elif market.calendar.date_of(day).day == 1:
            self._take_applications(market, scheme, day)
        over = self.ends_day is not None and day >= self.ends_day
        switch(market, scheme, self.begins_day <= day and not over)

    def _scheme(self, market: Market) -> int:
        found = np.flatnonzero(market.table("schemes").used["key"] == self.key)
        return int(found[0]) if len(found) else NO_ROW

    def _announce(self, market: Market) -> int:
        scheme = market.add("schemes")
        row = market.rows("schemes")[scheme]
        p = self.parameters
        row["key"] = self.key
        row["cap_fen_per_month"] = round(p.cap_yuan_per_month * FEN_PER_YUAN)
        row["least_disability"] = DEGREES[p.least_disability]
        row["budget_fen"] = UNLIMITED_FEN
        if p.budget_yuan is not None:
            row["budget_fen"] = round(p.budget_yuan * self.scale * FEN_PER_YUAN)
        for service, name in enumerate(market.world.service_ids):
            if market.rows("services")["form"][service] == ServiceForm.RESIDENCE:
                row["share"][service] = p.institution_share
            elif name in p.home_services:
                row["share"][service] = p.home_share
        return scheme

    def _take_applications(self, market: Market, scheme: int, day: int) -> None:
        """Draw who applies of those who are eligible and have not been asked; once asked, the answer stays."""
        households = market.table("households").used
        eligible = np.flatnonzero(households["disability"] >= DEGREES[self.parameters.least_disability])
        claims = market.table("claims").used
        have = claims["household_row"][claims["scheme_row"] == scheme]
        for household in np.setdiff1d(eligible, have).tolist():
            key = households["key"][household]
            if uniform(market.seed, _APPLIES, key, self.key) < self.parameters.take_up_probability:
                self._apply(market, scheme, household, day)

    def _apply(self, market: Market, scheme: int, household: int, day: int) -> None:
        key = market.rows("households")["key"][household]
        wait = self.parameters.approval_mean_days
        days = exponential(wait, market.seed, _APPROVAL, key, self.key) if wait > 0 else 0.0
        claim = market.add("claims")
        row = market.rows("claims")[claim]
        row["key"] = derive(key, self.key)
        row["scheme_row"], row["household_row"], row["next_row"] = scheme, household, NO_ROW
        row["valid_from_min"] = max(float(self.begins_day), day + days) * MINUTES_PER_DAY
