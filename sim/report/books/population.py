"""What the facts say of the households: how many need a service, how often, and how many are in a spell of it.

The expectations are those of the law by which :mod:`sim.world.households` draws households: composition by district,
income per head lognormal, propensity gamma with a mean that rises with income. They are computed, not simulated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.report.books.amount import Amount, exact, of_fact
from sim.vocabulary import NeedsBy
from sim.world.care import InstitutionKind
from sim.world.households import Traits, traits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.world.frame import Frame

_NODES = 60


@dataclass(frozen=True)
class Population:
    """The expected households of a region.

    Attributes:
        frame: The region and its facts.
    """

    frame: Frame

    @cached_property
    def traits(self) -> Traits:
        """Parameters of the households' traits."""
        return traits(self.frame)

    @cached_property
    def families(self) -> NDArray[np.float64]:
        """Households by district."""
        return np.array(self.frame.by_district("family_households"))

    def needing(self, by: NeedsBy) -> NDArray[np.float64]:
        """Return by district the households that can need what households of a kind need."""
        t = self.traits
        if by in (NeedsBy.ELDER, NeedsBy.DISABLED_ELDER):
            return self._with_elders_at_home() * self._disabled_share() ** (by == NeedsBy.DISABLED_ELDER)
        shares = {
            NeedsBy.INFANT: (1.0 - t.one_person_share)
            * (1.0 - math.exp(-t.further_mean))
            * t.infant_probability,
            NeedsBy.PET: t.pet_probability,
        }
        return self.families * shares.get(by, 1.0)

    def needs_per_year(self, service: str) -> Amount:
        """Return the region's needs a year of a service, whoever meets them."""
        by = self._needs_by(service)
        homes = self.needing(by)
        rate = of_fact(self.frame.facts, f"households.needs.{service}.rate_per_year")
        if by == NeedsBy.BIRTH:
            return rate * of_fact(self.frame.facts, "region.births_per_year")
        return rate * exact(math.fsum(homes * self._mean_propensity()))

    def in_a_spell(self, service: str, days: float) -> float:
        """Return the households that are in a spell of ``days`` on the mean, each in one at a time.

        A household with rate r is in a spell of mean length s with probability 1 - exp(-r s) (M/G/infinity); the mean
        over the gamma law of its propensity, with shape k and mean m, is 1 - (1 + r s m / k) ** -k; that over incomes
        is taken by Gauss-Hermite quadrature.
        """
        by, t = self._needs_by(service), self.traits
        per_year = self.frame.facts.number(f"households.needs.{service}.rate_per_year")
        spells = per_year * days / DAYS_PER_YEAR
        homes = self.needing(by)
        if by == NeedsBy.BIRTH:
            births = self.frame.facts.number("region.births_per_year") / math.fsum(self.families)
            return math.fsum(homes) * -math.expm1(-spells * births)
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        spread = t.elasticity * math.sqrt(math.log1p(t.income_cv**2))
        means = self._mean_propensity()[:, None] * np.exp(spread * nodes - 0.5 * spread**2)
        free = (1.0 + spells * means / t.shape) ** -t.shape
        return math.fsum(homes * (1.0 - free @ (weights / weights.sum())))

    def spell_days(self, service: str) -> Amount:
        """Return the mean length of a spell."""
        return exact(DAYS_PER_MONTH) * of_fact(self.frame.facts, f"services.{service}.spell_mean_months")

    def residents(self) -> Amount:
        """Return the residents of care institutions of all kinds."""
        facts = self.frame.facts
        parts = [
            of_fact(facts, f"{kind.facts_path}.beds") * of_fact(facts, f"{kind.facts_path}.occupancy_share")
            for kind in InstitutionKind
        ]
        return parts[0] + parts[1] + parts[2]

    def _needs_by(self, service: str) -> NeedsBy:
        return NeedsBy[self.frame.facts.text(f"services.{service}.needs_by").upper()]

    def _with_elders_at_home(self) -> NDArray[np.float64]:
        """Return by district the households with an elder who does not live in an institution.

        Residents are one a household, so that those with a couple keep an elder at home.
        """
        t = self.traits
        elderly = self.families * t.elder_probability
        couples = (1.0 - t.one_person_share) * t.couple_probability
        housed = "institution_care" in self.frame.services
        gone = min(self.residents().value * housed / math.fsum(elderly), 1.0)
        return elderly * (1.0 - gone * (1.0 - couples))

    def _disabled_share(self) -> float:
        """Return the share of the households with elders at home whose worst degree is moderate or severe."""
        t = self.traits
        able = float(t.disability_cumulated[1])
        couples = (1.0 - t.one_person_share) * t.couple_probability
        elderly = math.fsum(self.families * t.elder_probability)
        gone = min(self.residents().value * ("institution_care" in self.frame.services) / elderly, 1.0)
        pairs = couples / (1.0 - gone * (1.0 - couples))
        return 1.0 - able * (1.0 - pairs) - able**2 * pairs

    def _mean_propensity(self) -> NDArray[np.float64]:
        """Return by district the mean propensity; of a lognormal x, E[x**e] = E[x]**e (1 + cv**2)**(e (e - 1) / 2)."""
        t = self.traits
        relative = t.income_fen_per_month / t.reference_fen_per_month
        convexity = (1.0 + t.income_cv**2) ** (0.5 * t.elasticity * (t.elasticity - 1.0))
        found: NDArray[np.float64] = relative**t.elasticity * convexity
        return found
