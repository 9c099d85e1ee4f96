"""Calibration files: what is uncertain, between which ends, and how the search for what is not ruled out goes.

schema_version: 1
name: {en: ..., zh: ...}
base: ../baseline.yaml                     # relative to the calibration file
overrides: [scale=0.003, period.days=393]
targets: targets-my_region.yaml            # the published figures
targets_sha256: 8c1f...                    # if given, another split of the figures is refused
parameters:
  facts: [choice.price_per_income_share]   # between the low and high of the facts
  grade_c_of: [labour]                     # all single numbers of grade C below these groups
  without: [labour.full_firm_vacancies]
  ranges:                                  # any key of a scenario, between ends of one's own
    parameters.visits.cancel_probability: {low: 0.01, high: 0.1}
waves: {first: 80, points: 60, most: 5}
replications: 2
sets: 50
budget_runs: 1000
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from sim.data.facts import Fact, FactTree
from sim.data.load import load_facts, shared_facts
from sim.experiments.errors import StudyError
from sim.experiments.study_file import Range
from sim.experiments.yaml_file import Strict, read_model
from sim.records.refusal import refusal
from sim.scenario import Scenario
from sim.scenario.faults import near
from sim.scenario.settings import LocalText

PARAMETERS = "parameters"


class Uncertain(Strict):
    """Which parameters are uncertain, and between which ends."""

    facts: tuple[str, ...] = ()
    grade_c_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    ranges: dict[str, Range] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something_is_uncertain(self) -> Self:
        if not (self.facts or self.grade_c_of or self.ranges):
            raise ValueError("nothing is uncertain; name facts, grade_c_of or ranges")
        return self


class Waves(Strict):
    """How the search goes on, wave by wave.

    Attributes:
        first: Points of the first wave.
        points: Points of each later wave.
        most: Waves at most.
        cutoff: Implausibility from which a point is ruled out.
        rank: Which implausibility of a point counts: 1 the largest, 2 the second largest.
        design: How the first wave fills the space.
        seed: Key of the designs.
    """

    first: int = Field(ge=4, le=10_000)
    points: int = Field(ge=2, le=10_000)
    most: int = Field(default=5, ge=1, le=30)
    cutoff: float = Field(default=3.0, gt=0.0)
    rank: int = Field(default=1, ge=1, le=5)
    design: Literal["latin_hypercube", "sobol"] = "latin_hypercube"
    seed: int = Field(default=1, ge=0)


class CalibrationFile(Strict):
    """A calibration file's content."""

    schema_version: Literal[1]
    name: LocalText
    base: str = Field(min_length=1)
    overrides: tuple[str, ...] = ()
    targets: str = Field(min_length=1)
    targets_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    parameters: Uncertain
    waves: Waves
    replications: int = Field(default=2, ge=2, le=1_000)
    sets: int = Field(default=50, ge=1, le=10_000)
    budget_runs: int = Field(default=1_000, ge=1)

    @model_validator(mode="after")
    def _first_wave_is_paid_for(self) -> Self:
        wanted = self.waves.first * self.replications
        if wanted > self.budget_runs:
            raise ValueError(f"the first wave needs {wanted} runs and budget_runs allows {self.budget_runs}")
        return self


def read_calibration_file(file: Path) -> CalibrationFile:
    """Read a calibration file.

    Raises:
        StudyError: All its faults, each with line and key.
    """
    return read_model(file, CalibrationFile)


@dataclass(frozen=True)
class Parameter:
    """An uncertain parameter.

    Attributes:
        key: Its key in a scenario.
        low, high: Ends of its range, which is uniform before anything is known.
    """

    key: str
    low: float
    high: float

    def value(self, unit: float) -> float:
        """Return the value at a place between 0 and 1."""
        return self.low + (self.high - self.low) * unit

    def unit(self, value: float) -> float:
        """Return the place of a value between 0 and 1."""
        return (value - self.low) / (self.high - self.low)


def parameters_of(content: CalibrationFile, scenario: Scenario, file: Path) -> list[Parameter]:
    """Return the uncertain parameters of a calibration file, each once, in the order of the file.

    Raises:
        StudyError: A path names no fact, one that is no number, or one without a range.
    """
    region = scenario.settings.region
    facts = load_facts(region) if region else shared_facts()
    asked = content.parameters
    paths = [*asked.facts, *(path for group in asked.grade_c_of for path in _grade_c(group, facts, file))]
    left_out = {path for path in asked.without if _known(path, facts, file)}
    found = {
        key: Parameter(key, *ends)
        for path in paths
        if path not in left_out
        for key, ends in [(f"{PARAMETERS}.{path}", _ends(path, facts, file))]
    }
    found |= {key: Parameter(key, ends.low, ends.high) for key, ends in asked.ranges.items()}
    return list(found.values())


def _grade_c(group: str, facts: FactTree, file: Path) -> Iterator[str]:
    below = [path for path in facts if path.startswith(f"{group}.")]
    if not below:
        known = sorted({path.rpartition(".")[0] for path in facts})
        raise refusal(StudyError, "calibration_group", file, found=group, near=near(group, known))
    yield from (path for path in below if facts[path].grade == "C" and _is_spread(facts[path]))


def _known(path: str, facts: FactTree, file: Path) -> bool:
    if path not in facts:
        raise refusal(StudyError, "calibration_fact", file, found=path, near=near(path, facts))
    return True


def _ends(path: str, facts: FactTree, file: Path) -> tuple[float, float]:
    _known(path, facts, file)
    fact = facts[path]
    if not _is_spread(fact):
        raise refusal(StudyError, "calibration_no_range", file, found=path)
    return float(fact.low), float(fact.high)  # type: ignore[arg-type]  # single numbers, as just seen


def _is_spread(fact: Fact) -> bool:
    """Whether a fact is a single number with a range that has a width."""
    ends = (fact.low, fact.high)
    return fact.kind == "number" and all(isinstance(end, (int, float)) for end in ends) and ends[0] != ends[1]
