"""How many replications: go on until the interval of every difference is narrow enough, or the budget is used up.

The rule is that of Chow and Robbins (1965, "On the asymptotic theory of fixed-width sequential confidence intervals for
the mean", Annals of Mathematical Statistics 36): look after each replication and stop when the interval is narrow. It
stops when the spread happens to look small, so that its intervals cover too seldom. Three things make up for that:

- a first stage of at least 20 replications, before which nothing is decided;
- the precision must hold at three looks running (Simons 1968, "On the cost of not knowing the variance when making a
  fixed-width confidence interval for the mean", same journal 39, shows that a few more observations suffice);
- the interval is the one guarded against skewness (`sim.experiments.statistics.mean`).

docs/statistics.md has the coverage that was measured with them, and without.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import Method, arms, intervals_at, t_quantile
from sim.experiments.statistics.moments import Moments
from sim.experiments.statistics.sample import Floats, SampleError, as_table, check_confidence
from sim.names import label

FIRST_STAGE = 20
CONFIRMATIONS = 2
_PROJECTION_ROUNDS = 4
_FARTHEST = 1e7  # times its target; no budget comes near, and the square can still be counted


class Decision(StrEnum):
    """What follows from the replications so far."""

    GO_ON = "go_on"
    ENOUGH = "enough"
    BUDGET_USED_UP = "budget_used_up"

    def text(self, lang: str = "en") -> str:
        """Return the decision in words, from the catalogue of names."""
        return label(f"decision.{self.value}", lang)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a comparison stands.

    Attributes:
        decision: Whether to go on.
        replications: How many have been looked at.
        projected: How many all targets will need in all, as far as can be seen now; it may exceed the budget.
        intervals: Interval of each difference, by itself; empty before the second replication.
        slowest: Column of the outcome that needs most; None before the second replication.
    """

    decision: Decision
    replications: int
    projected: int
    intervals: tuple[Interval, ...]
    slowest: int | None


@dataclass(frozen=True, slots=True)
class PrecisionRule:
    """When there are replications enough.

    The decision depends on the replications in their order only, not on when or how many at a time they were looked at.

    Attributes:
        targets: For each outcome the farthest that its interval may reach from the estimate, in the outcome's unit;
            infinity where it does not matter.
        budget: Most replications to make.
        first_stage: Fewest replications to make, the budget permitting; 20 or more.
        confidence: Of each outcome's interval.
        confirmations: At how many further looks running the precision must hold.
        method: As for :func:`~sim.experiments.statistics.mean.mean_interval`.
    """

    targets: tuple[float, ...]
    budget: int
    first_stage: int = FIRST_STAGE
    confidence: float = 0.95
    confirmations: int = CONFIRMATIONS
    method: Method = "guarded"

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        if not self.targets or not all(target > 0.0 for target in self.targets):
            raise SampleError(f"precision targets {self.targets}; each outcome needs one above 0")
        if self.budget < 2:
            raise SampleError(f"a budget of {self.budget} replications; at least 2 are needed")
        if self.first_stage < FIRST_STAGE:
            raise SampleError(
                f"a first stage of {self.first_stage} replications; at least {FIRST_STAGE} are needed for "
                "intervals that hold as often as they say"
            )
        if not 0 <= self.confirmations < self.first_stage - 1:
            raise SampleError(
                f"{self.confirmations} confirmations; from 0 to the first stage less 2 are possible"
            )

    def look(self, differences: ArrayLike) -> Standing:
        """Return where the comparison stands.

        Args:
            differences: Policy minus baseline, shape (replications, outcomes), in the order of replications.

        Raises:
            SampleError: a value is missing, or there are not as many outcomes as targets.
        """
        count = len(np.asarray(differences))
        if count < 2:
            decision = Decision.GO_ON if count < self.budget else Decision.BUDGET_USED_UP
            return Standing(decision, count, min(self.first_stage, self.budget), (), None)
        table = as_table(differences)
        if table.shape[1] != len(self.targets):
            raise SampleError(
                f"{table.shape[1]} outcomes and {len(self.targets)} precision targets; equal numbers are needed"
            )
        return self._look(table)

    def stops_at(self, differences: Floats) -> NDArray[np.int64]:
        """Return after how many replications precision is reached, 0 where it is not; many experiments at once.

        Args:
            differences: Shape (replications, ..., outcomes).

        Returns:
            Shape (...): those between the first and the last dimension.
        """
        first = max(self.first_stage - self.confirmations, 2)
        stops: NDArray[np.int64] = np.zeros(differences.shape[1:-1], dtype=np.int64)
        running: NDArray[np.int64] = np.zeros_like(stops)
        if len(differences) < first:
            return stops
        moments = Moments.of(differences[: first - 1])
        for row in differences[first - 1 :]:
            moments = moments.add(row)
            running = np.asarray((running + 1) * self._precise(moments))
            stops[(stops == 0) & (running > self.confirmations)] = moments.count
        return stops

    def _look(self, table: Floats) -> Standing:
        count = len(table)
        moments = Moments.of(table)
        need = self._need(moments)
        decision = self._decide(table)
        return Standing(
            decision=decision,
            replications=count,
            projected=count if decision is Decision.ENOUGH else self._projected(need, count),
            intervals=intervals_at(moments, self.confidence, self.confidence, self.method),
            slowest=int(np.argmax(need)),
        )

    def _decide(self, table: Floats) -> Decision:
        if int(self.stops_at(table)) > 0:
            return Decision.ENOUGH
        return Decision.BUDGET_USED_UP if len(table) >= self.budget else Decision.GO_ON

    def _precise(self, moments: Moments) -> NDArray[np.bool_]:
        precise = self._reach(moments) <= np.asarray(self.targets)
        return np.asarray(precise.all(axis=-1))

    def _reach(self, moments: Moments) -> Floats:
        down, up = arms(moments, self.confidence, self.method)
        reach: Floats = np.maximum(down, up)
        return reach

    def _need(self, moments: Moments) -> Floats:
        """Return how many replications each outcome's target needs if spread and skewness stay as they are.

        Reach falls with the root of the number and with the quantile of t; the latter is followed by repetition.
        """
        reach, targets = self._reach(moments), np.asarray(self.targets)
        excess = np.minimum(reach, _FARTHEST * targets) / targets
        quantile = t_quantile(self.confidence, moments.count)
        need: Floats = moments.count * excess**2
        for _ in range(_PROJECTION_ROUNDS):
            later = [t_quantile(self.confidence, max(float(n), self.first_stage)) for n in need]
            need = moments.count * (excess * np.asarray(later) / quantile) ** 2
        return need

    def _projected(self, need: Floats, count: int) -> int:
        return max(math.ceil(float(need.max())) + self.confirmations, self.first_stage, count + 1)
