"""Training bases in the region and at the workers' origins, under the sampling rule."""

from __future__ import annotations

import numpy as np

from sim.clock import DAYS_PER_YEAR
from sim.state import BASE, Rows
from sim.world.frame import Frame, member_key
from sim.world.sampling import sampled_positions, simulated_count
from sim.world.services import trades
from sim.world.shares import apportion
from sim.world.workforce import origins

LOCAL = "local"
_FEN_PER_YUAN = 100


def base_rows(frame: Frame) -> Rows:
    """Return the table of bases: those in the region first, then those at origin.

    The seats are such that all bases together train the region's trainees of a year times the scale, when course
    follows course with the pause between.
    """
    tables = [_of_place(frame, "in_region"), _of_place(frame, "at_origin")]
    return np.concatenate(tables)


def cohorts_per_year(frame: Frame) -> float:
    """Return how many cohorts a base trains in a year."""
    course = frame.facts.number("training.course_days")
    return DAYS_PER_YEAR / (course + frame.facts.number("training.pause_days"))


def _of_place(frame: Frame, place: str) -> Rows:
    facts, path = frame.facts, f"region.training_bases.{place}"
    real = facts.integer(f"{path}.count")
    trainees = real * facts.number(f"{path}.trainees_per_year")
    seats = frame.scaled(trainees / cohorts_per_year(frame))
    count = min(simulated_count(frame, real, facts.integer("training.bases_at_least")), seats)
    family = frame.key("base", place)
    numbers = sampled_positions(frame, family, real, count)
    rows = np.zeros(count, BASE)
    rows["key"] = [member_key(family, number) for number in numbers]
    rows["weight"] = real / max(count, 1)
    rows["in_region"] = place == "in_region"
    rows["origin"] = _origins_of(frame, place, real)[numbers]
    rows["trade"] = _trades_of(frame, count)
    rows["seats"] = apportion(seats, [1.0] * count) if count else 0
    _terms(rows, frame, place)
    return rows


def _origins_of(frame: Frame, place: str, real: int) -> Rows:
    """Return the origin of each real base: local ones in the region, else by the pool of workers that origins have."""
    known = origins(frame)
    pools = [frame.facts.number(f"region.origins.{origin}.pool_persons") for origin in known]
    weights = [
        pool * ((origin == LOCAL) == (place == "in_region"))
        for origin, pool in zip(known, pools, strict=True)
    ]
    return np.repeat(np.arange(len(known)), apportion(real, weights))


def _trades_of(frame: Frame, count: int) -> list[int]:
    """Return the trade that each simulated base teaches: in proportion to the workers, spread over the bases."""
    shares = [frame.facts.number(f"region.workers_by_trade.{trade}") for trade in trades(frame)]
    numbers = apportion(count, shares)
    turns = [((k + 0.5) / number, trade) for trade, number in enumerate(numbers) for k in range(number)]
    return [trade for _, trade in sorted(turns)]


def _terms(rows: Rows, frame: Frame, place: str) -> None:
    facts = frame.facts
    here = place == "in_region"
    suffix = "_in_region" if here else ""
    rows["course_days"] = facts.number("training.course_days")
    rows["fee_fen"] = round(_FEN_PER_YUAN * facts.number("training.fee_yuan"))
    rows["pass_probability"] = facts.number("training.pass_probability")
    rows["take_job_probability"] = facts.number(f"training.take_job_probability{suffix}")
    rows["travel_lag_days"] = 0.0 if here else facts.number("training.travel_lag_days")
