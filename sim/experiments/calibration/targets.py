"""Published figures and what a run says beside them, split for good into those fitted, those checked and those tested.

schema_version: 1
targets:                                   # fitted; a region to which a fit is carried over may have none
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

A figure may be a ratio of two values (``over: monthly_earnings/trade/housekeeper``), times a ``factor`` that brings it
to the published unit; ``complement`` turns a share into what is left of 1. Checks and tests may also be measures of
placements and visits, and take place in a window around lunar New Year (``price_per_hour@-14..-1``;
:mod:`sim.records.measures`); what is fitted is an indicator of the whole run. ``also`` names the other facts that state
the same observation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.experiments.yaml_file import Strict, read_model
from sim.records.flows import CITY, WHOLE_CITY
from sim.records.measures import UnknownValue, check_value, is_of_a_whole_run
from sim.scenario.faults import listed, near
from sim.scenario.settings import LocalText

RANGE_SDS = 4.0
"""Standard deviations from the lower to the upper end of a published range."""


class Target(Strict):
    """A published figure.

    Attributes:
        name: What it is called; its id if not given.
        value: What a run says about it: an indicator, or ``indicator/scope/group``.
        over: What the value is divided by; nothing if None.
        factor: What the quotient is multiplied by.
        complement: Whether the figure is 1 minus that.
        unit: Unit of the figure; that of the value if not given.
        published: The figure.
        sd: Its standard deviation; from the range if None.
        low, high: Its range.
        discrepancy_sd: How far a right model of this kind may be off, as one standard deviation.
        grade: A read in a source, B a recalled official statistic, C an assumption.
        fact: Id of the fact in the table of facts.
        also: Ids of other facts that state the same observation.
        source: Where the figure stands, in words.
        range_by_rule: Whether the range is plus and minus a fifth, since the source gives none.
        caveat: In what the published figure and the run's differ by definition; nothing if empty.
    """

    name: LocalText | None = None
    value: str
    over: str | None = None
    factor: float = 1.0
    complement: bool = False
    unit: str = ""
    published: float
    sd: Annotated[float, Field(gt=0.0)] | None = None
    low: float | None = None
    high: float | None = None
    discrepancy_sd: float = Field(default=0.0, ge=0.0)
    grade: Literal["A", "B", "C"]
    fact: str = Field(min_length=1)
    also: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    range_by_rule: bool = False
    caveat: str = ""

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
    def ends(self) -> tuple[float, float]:
        """The range within which a run's value is said to agree: the published one, or two standard deviations."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        half = RANGE_SDS / 2.0 * (self.sd or 0.0)
        return self.published - half, self.published + half

    @property
    def marks(self) -> tuple[str, ...]:
        """Ids of the facts that state the observation."""
        return (self.fact, *self.also)

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
        found = self._quotient(values)
        if found is None:
            return None
        return 1.0 - self.factor * found if self.complement else self.factor * found

    def _quotient(self, values: Mapping[str, float | None]) -> float | None:
        above = values.get(self.value)
        if self.over is None or above is None:
            return above
        below = values.get(self.over)
        return above / below if below else None


class TargetsFile(Strict):
    """A targets file's content: figures by name, in three parts that share none."""

    schema_version: Literal[1]
    targets: dict[str, Target] = Field(default_factory=dict)
    checks: dict[str, Target] = Field(default_factory=dict)
    tests: dict[str, Target] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_are_apart(self) -> Self:
        if not self.all:
            raise ValueError("the file names no figure")
        if wrong := [name for name, target in self.tests.items() if target.grade != "A"]:
            raise ValueError(f"tests are figures of grade A; not so: {listed(wrong)}")
        for name, target in self.targets.items():
            _check_fitted(name, target)
        for part in (self.checks, self.tests):
            for name, target in part.items():
                self._refuse_fitted(name, target)
        return self

    def _refuse_fitted(self, name: str, target: Target) -> None:
        """Refuse a figure outside the fit that the fit has seen."""
        for fitted, other in self.targets.items():
            same_fact = set(target.marks) & set(other.marks)
            if name == fitted or same_fact or target.outcomes == other.outcomes:
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
        return _outcomes(self.all)

    @property
    def fitted_outcomes(self) -> tuple[str, ...]:
        """What a run of the fit must say: nothing of checks and tests."""
        return _outcomes(self.targets)


def _outcomes(figures: Mapping[str, Target]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for target in figures.values() for name in target.outcomes))


def _check_fitted(name: str, target: Target) -> None:
    """Refuse a fitted figure that no fit can use."""
    if "discrepancy_sd" not in target.model_fields_set:
        raise ValueError(f"{name} is fitted and needs its discrepancy_sd")
    if wrong := [one for one in target.outcomes if not is_of_a_whole_run(one)]:
        raise ValueError(
            f"{name} is fitted and must be an indicator of the whole run; not so: {listed(wrong)}"
        )


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
    try:
        check_value(outcome)
    except UnknownValue as error:
        like = near(error.found, error.known)
        hint = f"did you mean {like}?" if like else f"allowed: {listed(error.known)}"
        raise ValueError(f"there is no indicator {error.found} ({hint})") from None
