"""Published figures and what a run says beside them, split for good into those fitted, those checked and those tested.

schema_version: 1
targets:                                   # fitted
  cleaner_orders_per_day:
    value: orders_per_worker_day           # an indicator of the whole region, or indicator/scope/group
    published: 2.3
    low: 1.8                               # read as two standard deviations on each side; or sd: 0.3
    high: 3.0
    discrepancy_sd: 0.2                    # how far a right model of this kind may be off, as one standard deviation
    grade: C
    fact: T009
    source: ...
checks: {...}                              # grade C, looked at and not fitted
tests: {...}                               # grade A, never fitted

A figure may be a ratio of two values (``over: monthly_earnings/trade/housekeeper``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.experiments.yaml_file import Strict, read_model
from sim.records.flows import CITY, WHOLE_CITY
from sim.records.indicators import INDICATORS
from sim.scenario.faults import listed, near

RANGE_SDS = 4.0
"""Standard deviations from the lower to the upper end of a published range."""


class Target(Strict):
    """A published figure.

    Attributes:
        value: What a run says about it: an indicator, or ``indicator/scope/group``.
        over: What the value is divided by; nothing if None.
        published: The figure, in the unit of the value.
        sd: Its standard deviation; from the range if None.
        low, high: Its range.
        discrepancy_sd: How far a right model of this kind may be off, as one standard deviation.
        grade: A read in a source, B a recalled official statistic, C an assumption.
        fact: Id of the fact in the table of facts.
        source: Where the figure stands, in words.
    """

    value: str
    over: str | None = None
    published: float
    sd: Annotated[float, Field(gt=0.0)] | None = None
    low: float | None = None
    high: float | None = None
    discrepancy_sd: float = Field(ge=0.0)
    grade: Literal["A", "B", "C"]
    fact: str = Field(min_length=1)
    source: str = Field(min_length=1)

    @field_validator("value", "over")
    @classmethod
    def _known_value(cls, value: str | None) -> str | None:
        if value is not None:
            _check_value(value)
        return value

    @model_validator(mode="after")
    def _spread_is_given(self) -> Self:
        ends = (self.low, self.high)
        if self.sd is not None and ends == (None, None):
            return self
        if self.sd is not None or None in ends:
            raise ValueError("a figure needs its sd, or both low and high")
        if not (self.low or 0.0) < (self.high or 0.0):
            raise ValueError(f"low ({self.low:g}) must lie below high ({self.high:g})")
        if not (self.low or 0.0) <= self.published <= (self.high or 0.0):
            raise ValueError(f"published ({self.published:g}) must lie between low and high")
        return self

    @property
    def observed_sd(self) -> float:
        """Standard deviation of the published figure."""
        return self.sd if self.sd is not None else ((self.high or 0.0) - (self.low or 0.0)) / RANGE_SDS

    @property
    def variance(self) -> float:
        """Variance of figure and model discrepancy together."""
        return self.observed_sd**2 + self.discrepancy_sd**2

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What a run must say so that the value is known."""
        return (self.value,) if self.over is None else (self.value, self.over)

    def of(self, values: Mapping[str, float | None]) -> float | None:
        """Return what a run says, or None if it has not observed it."""
        above = values.get(self.value)
        if self.over is None or above is None:
            return above
        below = values.get(self.over)
        return above / below if below else None


class TargetsFile(Strict):
    """A targets file's content: figures by name, in three parts that share none."""

    schema_version: Literal[1]
    targets: dict[str, Target]
    checks: dict[str, Target] = Field(default_factory=dict)
    tests: dict[str, Target] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_are_apart(self) -> Self:
        if not self.targets:
            raise ValueError("targets is empty; name a figure that is fitted")
        if wrong := [name for name, target in self.tests.items() if target.grade != "A"]:
            raise ValueError(f"tests are figures of grade A; not so: {listed(wrong)}")
        for part in (self.checks, self.tests):
            for name, target in part.items():
                self._refuse_fitted(name, target)
        return self

    def _refuse_fitted(self, name: str, target: Target) -> None:
        """Refuse a figure outside the fit that the fit has seen."""
        for fitted, other in self.targets.items():
            if name == fitted or target.fact == other.fact or target.outcomes == other.outcomes:
                raise ValueError(
                    f"{name} and the fitted {fitted} are the same figure; a figure stands in one part"
                )

    @property
    def all(self) -> dict[str, Target]:
        """All figures by name."""
        return {**self.targets, **self.checks, **self.tests}

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What a run must say, each once, in the order of the file."""
        return tuple(dict.fromkeys(name for target in self.all.values() for name in target.outcomes))


def read_targets(file: Path) -> TargetsFile:
    """Read a targets file.

    Raises:
        StudyError: All its faults, each with line and key.
    """
    return read_model(file, TargetsFile)


def digest_of_file(file: Path) -> str:
    """Return the SHA-256 of a file (hex), whatever the ends of its lines."""
    return hashlib.sha256(file.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def value_name(outcome: str) -> str:
    """Return an outcome as ``indicator/scope/group``."""
    return outcome if "/" in outcome else f"{outcome}/{CITY}/{WHOLE_CITY}"


def _check_value(outcome: str) -> None:
    """Refuse a value that no run can have."""
    name, _, place = outcome.partition("/")
    if name not in INDICATORS:
        like = near(name, INDICATORS)
        hint = f"did you mean {like}?" if like else f"allowed: {listed(INDICATORS)}"
        raise ValueError(f"there is no indicator {name} ({hint})")
    if not place:
        return
    scope, _, group = place.partition("/")
    if scope not in INDICATORS[name].scopes or not group:
        raise ValueError(
            f"{outcome} is no indicator/scope/group; scopes of {name}: {listed(INDICATORS[name].scopes)}"
        )
