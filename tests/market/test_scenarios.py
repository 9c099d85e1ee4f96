"""Random small scenarios go through whole runs with all audits on, and nobody does what he may not."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model import MarketModel
from sim.scenario import Scenario
from sim.scenario.settings import FIRM_FORMS
from tests.core.small import LIVELY, Town
from tests.market.watch import (
    Collector,
    after_each_event,
    check_conserved,
    check_ended,
    check_new_assignments,
    check_placements,
    check_queues,
)

NEW_YEARS = (date(2025, 1, 29), date(2026, 2, 17), date(2028, 1, 26))
# Facts that a run reads while time moves; those of the world have their own tests.
MOVING = ("visits", "placements", "festival", "labour", "training", "care", "choice", "travel")


def dispatchers() -> st.SearchStrategy[dict[str, Any]]:
    km = st.floats(0.5, 60.0)
    nearest = st.fixed_dictionaries({"policy": st.just("nearest"), "max_km": km})
    rings = st.tuples(km, km).map(
        lambda two: {"policy": "radius", "first_km": min(two), "second_km": max(two)}
    )
    batch = st.fixed_dictionaries(
        {"policy": st.just("batch"), "max_km": km, "every_min": st.floats(1.0, 700.0)}
    )
    return st.one_of(nearest, rings, batch, st.just({"policy": "first_come"}))


@cache
def movable(town: Town) -> list[tuple[str, float, float]]:
    """Return the facts that may be moved, with their ranges."""
    facts = town().facts
    chosen = [facts[path] for path in facts if path.split(".")[0] in MOVING]
    single = [f for f in chosen if isinstance(f.value, int | float) and not isinstance(f.value, bool)]
    return [(f.path, float(f.low), float(f.high)) for f in single if f.low < f.high]  # type: ignore[arg-type, operator]


@st.composite
def overrides(draw: st.DrawFn, town: Town) -> list[str]:
    """Settings of a region's scenario: dispatch, services, scale, days, seed, start, and some facts."""
    start = draw(st.sampled_from(NEW_YEARS)) + timedelta(days=draw(st.integers(-50, 30)))
    lines = [
        f"period.start={start}",
        f"period.days={draw(st.integers(1, 45))}",
        f"scale={draw(st.sampled_from([0.005, 0.01, 0.03, 0.06]))}",
        f"seed={draw(st.integers(0, 2**63 - 1))}",
    ]
    for form in FIRM_FORMS:
        lines += [f"dispatch.{form}.{key}={value}" for key, value in draw(dispatchers()).items()]
    known = town().facts.children("services")
    services = draw(st.none() | st.lists(st.sampled_from(known), min_size=1, unique=True))
    lines += [] if services is None else [f"services=[{','.join(services)}]"]
    for path, low, high in draw(st.lists(st.sampled_from(movable(town)), max_size=5, unique=True)):
        share = draw(st.floats(0.0, 1.0))
        value = low + share * (high - low)
        lines.append(f"parameters.{path}={round(value) if is_whole(town, path) else value}")
    return lines


def is_whole(town: Town, path: str) -> bool:
    return isinstance(town().facts[path].value, int)


def queues() -> st.SearchStrategy[list[str]]:
    law = st.sampled_from(["none", "fixed", "exponential"])
    return st.builds(
        lambda servers, arrivals, seed, patience, mean, fixed: [
            f"laboratory.servers={servers}",
            f"laboratory.arrivals_per_hour={arrivals}",
            f"seed={seed}",
            f"laboratory.service_time.law={'fixed' if fixed else 'exponential'}",
            "laboratory.service_time.mean_min=50",
            f"laboratory.patience.law={patience}",
            *([] if patience == "none" else [f"laboratory.patience.mean_min={mean}"]),
        ],
        st.integers(1, 8),
        st.floats(0.1, 8.0),
        st.integers(0, 2**63 - 1),
        law,
        st.sampled_from([0.0, 1.0, 60.0]),
        st.booleans(),
    )


def check_run(scenario: Scenario) -> MarketModel:
    """Run a scenario to its end and check all that must hold of any run."""
    sink = Collector()
    model = MarketModel(scenario, sink)
    after_each_event(model, check_new_assignments)
    while model.now_min < model.end_min:
        model.advance_to(model.now_min + 1440.0 + 333.3)
        check_queues(model)
        check_placements(model)
    model.close()
    check_ended(model, sink.orders())
    check_conserved(model, sink.orders())
    return model


@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_any_scenario_runs_with_all_audits_on(data: st.DataObject, town: Town) -> None:
    check_run(town(*data.draw(overrides(town))))


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_many_scenarios_run_with_all_audits_on(data: st.DataObject, town: Town) -> None:
    check_run(town(*data.draw(overrides(town))))


@given(lines=queues())
@settings(max_examples=8, deadline=None)
def test_any_queue_runs_with_all_audits_on(lines: list[str], town: Town) -> None:
    model = check_run(town.queue("period.days=5", *lines))
    assert model.counts()["requested_orders"] > 0


def test_a_lively_town_goes_through_all_that_can_happen(town: Town) -> None:
    model = check_run(town("period.days=60", "period.start=2026-01-10", "scale=0.15", *LIVELY))
    counts = model.counts()
    assert min(counts[f"{end}_orders"] for end in ("completed", "cancelled", "unserved")) > 20
    assert model.auditor.passed["money"] == 3
