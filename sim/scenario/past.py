"""The past of a run: what scenarios that differ in their policies alone share until the first is announced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from sim.scenario.scenario import Scenario

ANNOUNCED = "announced"
"""The parameter that every policy has: the day from which anybody can act on it."""


@dataclass(frozen=True)
class Past:
    """Which futures a saved run can have.

    Attributes:
        identity: Of its scenario.
        past_identity: The same without policies.
        ends_min: When the first of its policies is announced; infinity without policies.
    """

    identity: str
    past_identity: str
    ends_min: float

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        """Return the past of a scenario's runs."""
        return cls(scenario.identity, scenario.past_identity, past_ends_min(scenario))

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """Return what :meth:`write` has written.

        Raises:
            KeyError: Something is missing.
        """
        ends = written["ends_min"]
        return cls(written["identity"], written["past_identity"], math.inf if ends is None else float(ends))

    def write(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self) | {"ends_min": None if math.isinf(self.ends_min) else self.ends_min}

    def leads_to(self, scenario: Scenario, now_min: float) -> bool:
        """Whether a run saved at ``now_min`` can go on as a run of ``scenario``: the same one, or one with its past."""
        if self.identity == scenario.identity:
            return True
        same = self.past_identity == scenario.past_identity
        return same and now_min <= min(self.ends_min, past_ends_min(scenario))


def past_ends_min(scenario: Scenario) -> float:
    """Return the minute at which the first policy is announced, 0 if before the start, infinity without policies."""
    from sim.clock import MINUTES_PER_DAY

    start = scenario.settings.period.start
    announced = (
        date.fromisoformat(str(policy.parameters[ANNOUNCED])) for policy in scenario.policies.values()
    )
    return min((max((day - start).days, 0) * MINUTES_PER_DAY for day in announced), default=math.inf)
