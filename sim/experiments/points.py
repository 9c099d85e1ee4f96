"""The points of a sweep, and which of them is compared with which."""

from __future__ import annotations

from typing import Any

from sim.experiments.plan import Plan, Run

Place = tuple[Any, ...]
"""The values of a point, in the order of the plan's columns."""


def place_of(run: Run) -> Place:
    """Return where a run stands in the design."""
    return tuple(run.point.values())


def references(plan: Plan) -> dict[Place, Place]:
    """Return the reference of each point: the first of the plan with the same uncertainties, itself included.

    So it is the point with the first value of each lever; of a list, its first point.
    """
    uncertain = [plan.columns.index(name) for name in plan.about.get("uncertainties", ())]
    firsts: dict[Place, Place] = {}
    return {
        place: firsts.setdefault(tuple(place[column] for column in uncertain), place)
        for place in dict.fromkeys(place_of(run) for run in plan.runs)
    }
