"""Study files: what a sweep varies, how often it is repeated and what is looked at.

schema_version: 1
name: {en: ..., zh: ...}
base: ../elder_voucher.yaml        # relative to the study file
overrides: [scale=0.005, period.days=180]
levers:                            # what a decision can set: all combinations in a grid
policies.elder_voucher.home_share: [0, 0.25, 0.5]
uncertainties:                     # what nobody knows: sampled between two ends
parameters.choice.price_per_income_share: {low: 20, high: 150}
design: {kind: latin_hypercube, points: 16}
replications: 4
outcomes: [fill_rate, government_outlay]
budget_runs: 500

In place of replications a target, precision: {fill_rate: 0.01}: so many that the 95% interval of each difference
reaches no farther than that from the estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.experiments.statistics.precision import FIRST_STAGE
from sim.experiments.yaml_file import Strict, read_model
from sim.records.indicators import INDICATORS
from sim.scenario.faults import listed, near
from sim.scenario.settings import LocalText

Value = bool | int | float | str
MOST_RUNS = 1_000_000


class Range(Strict):
    """Ends between which a value is sampled."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must lie below high ({self.high:g})")
        return self


class Design(Strict):
    """How the points are chosen.

    Attributes:
        kind: ``grid`` (all combinations of the levers), ``list`` (the points as they are written), ``latin_hypercube``
            or ``sobol`` (samples of the uncertainties, for every combination of the levers).
        points: Number of samples; for ``list`` the points themselves.
        seed: Key of the samples.
    """

    kind: Literal["grid", "list", "latin_hypercube", "sobol"] = "grid"
    points: int | tuple[dict[str, Value], ...] = 0
    seed: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _points_fit_the_kind(self) -> Self:
        if self.kind == "list" and not (isinstance(self.points, tuple) and self.points):
            raise ValueError("a list needs its points: points: [{key: value, ...}, ...]")
        if self.kind in {"latin_hypercube", "sobol"} and not (
            isinstance(self.points, int) and self.points >= 2
        ):
            raise ValueError(f"{self.kind} needs the number of its points, 2 or more")
        if self.kind == "grid" and self.points:
            raise ValueError("a grid takes its points from the levers; leave points out")
        return self


class StudyFile(Strict):
    """A study file's content."""

    schema_version: Literal[1]
    name: LocalText
    base: str = Field(min_length=1)
    overrides: tuple[str, ...] = ()
    levers: dict[str, tuple[Value, ...]] = Field(default_factory=dict)
    uncertainties: dict[str, Range] = Field(default_factory=dict)
    design: Design = Design()
    replications: int | None = Field(default=None, ge=1, le=100_000)
    precision: dict[str, Annotated[float, Field(gt=0.0)]] = Field(default_factory=dict)
    outcomes: tuple[str, ...] = ("fill_rate", "wait", "utilisation", "price_per_hour", "government_outlay")
    budget_runs: int = Field(default=1_000, ge=1, le=MOST_RUNS)

    @field_validator("outcomes")
    @classmethod
    def _known_outcomes(cls, outcomes: tuple[str, ...]) -> tuple[str, ...]:
        for name in outcomes:
            if name not in INDICATORS:
                like = near(name, INDICATORS)
                hint = f"did you mean {like}?" if like else f"allowed: {listed(INDICATORS)}"
                raise ValueError(f"there is no indicator {name} ({hint})")
        return outcomes

    @field_validator("precision", mode="before")
    @classmethod
    def _per_cent_of_shares(cls, precision: Any) -> Any:
        if not isinstance(precision, Mapping):
            return precision
        return {name: _share(name, value) for name, value in precision.items()}

    @property
    def first_replications(self) -> int:
        """Replications of each point that are planned at first."""
        return self.replications or (FIRST_STAGE if self.precision else 1)

    @model_validator(mode="after")
    def _one_way_to_say_how_many(self) -> Self:
        if self.precision and self.replications is not None:
            raise ValueError("precision says how many replications there will be; leave replications out")
        if other := [name for name in self.precision if name not in self.outcomes]:
            raise ValueError(f"precision is asked of {listed(other)}; name it among the outcomes too")
        return self

    @model_validator(mode="after")
    def _something_varies(self) -> Self:
        if self.uncertainties and self.design.kind not in {"latin_hypercube", "sobol"}:
            raise ValueError(
                "uncertainties are sampled; choose design: {kind: latin_hypercube, points: ...} or sobol"
            )
        if self.levers and self.design.kind == "list":
            raise ValueError("a list has its own points; write the levers' values there and leave levers out")
        if self.design.kind in {"latin_hypercube", "sobol"} and not self.uncertainties:
            raise ValueError(f"{self.design.kind} samples the uncertainties; name some")
        return self


def _share(name: str, value: Any) -> Any:
    """Return a distance that is written in per cent as a share; anything else as it is."""
    if not (isinstance(value, str) and value.strip().endswith("%")):
        return value
    if name in INDICATORS and INDICATORS[name].unit != "share":
        raise ValueError(f"{name} is no share; give the distance in its unit, {INDICATORS[name].unit}")
    try:
        return float(value.strip().removesuffix("%")) / 100.0
    except ValueError:
        raise ValueError(f"{name}: {value} is no number of per cent") from None


def read_study_file(file: str | Path) -> StudyFile:
    """Read a study file.

    Raises:
        StudyError: All its faults, each with line and key.
    """
    return read_model(file, StudyFile)
