"""Newcomers to the trade in mid-run: the traits of a worker who enters, drawn by his own key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.rng import decision, uniform
from sim.state import Rows
from sim.world.draws import choice
from sim.world.frame import Frame
from sim.world.places import settle
from sim.world.surroundings import start_at_home
from sim.world.workforce import Traits, equip, find_homes, live_at_home, origins, traits

_FIRST = np.uint64(0)
_TRADE = decision("entry.trade")
LOCAL = "local"


@dataclass(frozen=True)
class Recruiter:
    """Fills the row of a newcomer as the synthetic population was filled.

    Attributes:
        traits: Parameters of the workers' traits.
        districts: Table of districts.
        communities: Table of communities.
        seed: Seed of all draws.
        local_origin: Row of the region itself among the origins, or -1.
        younger_years: How much younger newcomers are than those in the trade.
        skill_gap: What newcomers have to learn to reach what they can.
    """

    traits: Traits
    districts: Rows
    communities: Rows
    seed: np.uint64
    local_origin: int
    younger_years: float
    skill_gap: float

    @classmethod
    def of(cls, frame: Frame, districts: Rows, communities: Rows, services: Rows) -> Recruiter:
        """Return the recruiter of a region."""
        known = origins(frame)
        local = known.index(LOCAL) if LOCAL in known else -1
        younger = frame.facts.number("careers.newcomer_younger_years")
        gap = frame.facts.number("careers.newcomer_skill_gap")
        return cls(traits(frame, services), districts, communities, frame.seed, local, younger, gap)

    def trade(self, key: np.uint64) -> int:
        """Return a newcomer's trade, by the shares of those who are there."""
        return int(choice(self.traits.trade_cumulated, uniform(self.seed, _TRADE, key, _FIRST)))

    def fill(
        self, worker: Rows, key: np.uint64, trade: int, origin: int, companies: Rows, company: int
    ) -> None:
        """Fill one row of the table of workers.

        Args:
            worker: A view of one row, shape (1,).
            key: Stable key of the newcomer.
            trade: Row of the trade.
            origin: Row of the origin.
            companies: Table of companies.
            company: Row of the firm that takes him in.
        """
        worker["key"], worker["trade"], worker["company_row"] = key, trade, company
        find_homes(worker, companies, self.traits, self.seed)
        settle(worker, self.districts, self.communities, self.seed)
        live_at_home(worker)
        start_at_home(worker, companies)
        equip(worker, self.traits, self.seed)
        worker["origin"] = origin
        worker["age_years"] = np.maximum(worker["age_years"] - self.younger_years, self.traits.age_edges[0])
        worker["skill_level"] = np.maximum(worker["skill_potential"] - self.skill_gap, 0.0)
