"""The staff norm of care institutions: how many residents one carer looks after, by degree of disability.

An institution may house so many that each degree's residents over its norm add up to no more than its carers. The
degree is that of the assessment at admission: it is at least the household's worst one, since who moves in is more
dependent than who stays at home.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import DataError
from sim.rng import decision, uniform
from sim.world.draws import choice

if TYPE_CHECKING:
    from sim.data.facts import FactTree

DEGREE_IDS = ("none", "mild", "moderate", "severe")
_ASSESSED = decision("resident.degree")
_FIRST = np.uint64(0)
_ROUNDING = 1e-9


@dataclass(frozen=True)
class StaffNorm:
    """Facts ``care.residents_per_carer``, ``care.resident_degree_share`` and ``care.staff_reserve_share``.

    Attributes:
        residents_per_carer: Residents whom one carer looks after, by degree.
        degree_shares: Shares of the degrees among those who are assessed.
        reserve_share: Carers that an institution wants above the norm, to take in newcomers and bridge losses.
    """

    residents_per_carer: tuple[float, ...]
    degree_shares: tuple[float, ...]
    reserve_share: float

    @classmethod
    def of(cls, facts: FactTree) -> StaffNorm:
        """Return the norm that stands in the facts.

        Raises:
            DataError: The shares of the degrees add up to more than 1.
        """
        shares = [facts.number(f"care.resident_degree_share.{degree}") for degree in DEGREE_IDS[1:]]
        if math.fsum(shares) > 1.0 + _ROUNDING:
            raise DataError("the shares care.resident_degree_share add up to more than 1")
        return cls(
            tuple(facts.number(f"care.residents_per_carer.{degree}") for degree in DEGREE_IDS),
            (1.0 - math.fsum(shares), *shares),
            facts.number("care.staff_reserve_share"),
        )

    def assess(self, household_degree: int, key: np.uint64, seed: np.uint64) -> int:
        """Return the degree of disability that an elder is admitted with, by a keyed draw."""
        drawn = choice(np.cumsum(self.degree_shares), uniform(seed, _ASSESSED, key, _FIRST))
        return max(household_degree, int(drawn))

    def carers(self, by_degree: Sequence[float]) -> float:
        """Return the carers whom residents ask for, with fractions."""
        return math.fsum(
            count / norm for count, norm in zip(by_degree, self.residents_per_carer, strict=True)
        )

    def enough(self, by_degree: Sequence[float], staff: int) -> bool:
        """Return whether so many carers may look after these residents."""
        return self.carers(by_degree) <= staff + _ROUNDING

    def enough_with(self, by_degree: Sequence[float], degree: int, staff: int) -> bool:
        """Return whether they may look after one more resident of a degree."""
        return self.enough([count + (row == degree) for row, count in enumerate(by_degree)], staff)

    def wanted(self, by_degree: Sequence[float], beds: int) -> int:
        """Return the carers that an institution wants, the reserve included; at least one where there are beds."""
        if beds == 0:
            return 0
        return max(1, math.ceil(self.carers(by_degree) * (1.0 + self.reserve_share) - _ROUNDING))

    def expected(self, residents: int, beds: int) -> int:
        """Return the carers wanted for residents whose degrees are not known yet."""
        return self.wanted([residents * share for share in self.degree_shares], beds)
