"""Training bases: cohort after cohort of candidates who pass or not, and take the job or not."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from sim.agents.row import Column, RowAgent
from sim.rng import decision, derive, uniform

_PASSES = decision("trainee.passes")
_TAKES_JOB = decision("trainee.takes_job")


class Graduates(NamedTuple):
    """Seats of a cohort whose trainees passed, and of those who take the job."""

    passed: tuple[int, ...]
    taking_the_job: tuple[int, ...]


class TrainingBase(RowAgent):
    """A base in the region or at origin in a partner province."""

    table_name: ClassVar[str] = "bases"

    origin = Column[int]()
    in_region = Column[int]()
    trade = Column[int]()
    weight = Column[float]()
    seats = Column[int]()
    course_days = Column[float]()
    pass_probability = Column[float]()
    take_job_probability = Column[float]()
    enrolled = Column[int]()
    passed = Column[int]()
    placed = Column[int]()

    def graduates(self, cohort: int, enrolled: int, seed: np.uint64) -> Graduates:
        """Decide which seats of a cohort pass the examination and which of them take the job.

        The draws are keyed by (base, cohort, seat): another base's cohort changes nothing here.
        """
        key = derive(self.record["key"], np.uint64(cohort))
        seats = [np.uint64(seat) for seat in range(enrolled)]
        passed = [seat for seat in seats if uniform(seed, _PASSES, key, seat) < self.pass_probability]
        taking = [seat for seat in passed if uniform(seed, _TAKES_JOB, key, seat) < self.take_job_probability]
        return Graduates(tuple(map(int, passed)), tuple(map(int, taking)))
