"""One replication of a comparison: the same seed in every world, the common past simulated once.

The worlds differ in their scenarios alone. Where these differ only in policies, everything before the first
announcement is the same run; it is simulated once, saved, and the futures branch off from it.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.experiments import treated
from sim.experiments.errors import StudyError
from sim.experiments.scratch import scratch_folder
from sim.experiments.stage import enter_stage
from sim.records import kpis, saved
from sim.records.identity import run_identity
from sim.records.numeric_platform import numeric_platform
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.records.refusal import refusal
from sim.records.run import with_calendar
from sim.scenario import Scenario, load_scenario, past_ends_min
from sim.vocabulary import UNLIMITED_FEN

if TYPE_CHECKING:
    from sim.model import MarketModel

TASK = f"{__name__}:replicate"
SCOPES = ("city", "district", "service", "income_fifth", "firm_form", "trade", "origin")


@dataclass
class World:
    """One scenario's run in a replication.

    Attributes:
        values: Outcome by "indicator/scope/group".
        digest: Of all recorded tables.
        households: Visits by household.
        own_fen: What each household has paid itself since the first measured day.
        support_fen: What each household's claims have paid since the first measured day.
        claimants: Households that hold a claim at the end.
        budget: How much of the limited budgets was used; None where none is limited.
    """

    values: dict[str, float | None] = field(default_factory=dict)
    digest: str = ""
    households: Any = None
    own_fen: Any = None
    support_fen: Any = None
    claimants: Any = None
    budget: Mapping[str, Any] | None = None


def load_all(sources: Sequence[Mapping[str, Any]]) -> list[Scenario]:
    """Return the scenarios of files with values on top, with a frozen calendar each."""
    return [with_calendar(load_scenario(source["file"], source["overrides"])) for source in sources]


def with_seed(scenario: Scenario, seed: int) -> Scenario:
    """Return the same scenario with another seed."""
    return replace(scenario, settings=scenario.settings.model_copy(update={"seed": seed}))


def planned_scenarios(
    sources: Sequence[Mapping[str, Any]], seed: int, planned: Sequence[str]
) -> list[Scenario]:
    """Return the scenarios of a run with its seed, if they still are those that were planned.

    Args:
        sources: As for :func:`load_all`.
        seed: The run's.
        planned: Identity of each scenario's run; a payload made by hand names none, and nothing is compared.

    Raises:
        StudyError: A scenario file, one that it extends, or the program has changed since the plan.
    """
    scenarios = [with_seed(scenario, seed) for scenario in load_all(sources)]
    if planned:
        for source, scenario, identity in zip(sources, scenarios, planned, strict=True):
            if run_identity(scenario) != identity:
                raise refusal(StudyError, "study_scenario_changed", source["file"])
    return scenarios


def branch_min(scenarios: Sequence[Scenario]) -> float:
    """Return until when all scenarios are the same run: 0 for no common past."""
    if len(scenarios) < 2 or len({scenario.past_identity for scenario in scenarios}) > 1:
        return 0.0
    ends = min(past_ends_min(scenario) for scenario in scenarios)
    return 0.0 if math.isinf(ends) else ends


def replicate(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Make one replication: the task of a comparison's runs.

    Args:
        payload: ``scenarios`` (``file`` and ``overrides`` of each, the baseline first), ``seed``, ``from_day`` (first
            measured day), ``branch`` (whether the common past is simulated once), ``runs`` (what the scenarios' runs
            are expected to be, by identity; may be missing).

    Raises:
        StudyError: The scenarios are no longer those of the plan.
    """
    enter_stage("set_up")
    scenarios = planned_scenarios(payload["scenarios"], payload["seed"], payload.get("runs", ()))
    # What is counted household by household begins with the futures, so they part before anything is measured.
    common_min = (
        min(branch_min(scenarios), payload["from_day"] * MINUTES_PER_DAY) if payload["branch"] else 0.0
    )
    begun = time.perf_counter()
    with TemporaryDirectory(prefix="jiazheng-", dir=scratch_folder()) as folder:
        past = Path(folder) / "past"
        past_s = _simulate_past(scenarios[0], common_min, past, payload) if common_min > 0.0 else 0.0
        worlds = [_simulate(s, payload, past if common_min > 0.0 else None) for s in scenarios]
    settings = scenarios[0].settings
    _add_treated(worlds, settings.period.days - payload["from_day"], settings.scale)
    return {
        "values": {
            f"{n}/{name}": value for n, world in enumerate(worlds) for name, value in world.values.items()
        },
        "digest": digest_of([world.digest for world in worlds]),
        "platform": numeric_platform(),
        "notes": {"budgets": [world.budget for world in worlds]},
        "timings": {
            "past_s": past_s,
            "futures_s": time.perf_counter() - begun - past_s,
            "past_share": common_min / (scenarios[0].settings.period.days * MINUTES_PER_DAY),
        },
    }


def _recorder(scenario: Scenario, payload: Mapping[str, Any]) -> Recorder:
    settings = scenario.settings
    period = Period(settings.period.start, settings.period.days, payload["from_day"])
    return Recorder(period, settings.scale, "none")


def _simulate_past(scenario: Scenario, until_min: float, path: Path, payload: Mapping[str, Any]) -> float:
    """Simulate the common past and save it; return the seconds that took."""
    from sim.model import MarketModel

    enter_stage("simulate")
    begun = time.perf_counter()
    recorder = _recorder(scenario, payload)
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.advance_to(until_min)
    saved.save(path, model, recorder, scenario)
    model.release()
    return time.perf_counter() - begun


def _simulate(scenario: Scenario, payload: Mapping[str, Any], past: Path | None) -> World:
    """Simulate one future to its end."""
    from sim.model import MarketModel

    enter_stage("simulate")
    recorder = _recorder(scenario, payload)
    if past is None:
        model = MarketModel(scenario, recorder)
        recorder.begin(model.world)
    else:
        model = MarketModel.resume(past, scenario, recorder)
        saved.resume_recorder(past, model, recorder)
    households = treated.Households(recorder, model.tables["households"].size, payload["from_day"])
    model.sink = households
    model.advance_to(max(payload["from_day"] * MINUTES_PER_DAY, model.now_min))
    # What was served before the first measured day is billed before it, or short periods would hold a month's bills.
    model.settle()
    paid_before, supported_before = treated.paid_fen(model.world), treated.supported_fen(model.world)
    model.advance_to(model.end_min)
    enter_stage("record")
    model.close()
    recorded = recorder.finish(model.ledger_totals())
    world = World(
        values={
            f"{row.indicator}/{row.scope}/{row.group}": None if math.isnan(row.value) else row.value
            for row in kpis.kpis(recorded)
            if row.scope in SCOPES
        },
        digest=digest_of(sorted(recorder.digests().items())),
        households=households.counts,
        own_fen=treated.paid_fen(model.world) - paid_before,
        support_fen=treated.supported_fen(model.world) - supported_before,
        claimants=_claimants(model),
        budget=_budget(model),
    )
    model.release()
    return world


def _budget(model: MarketModel) -> dict[str, Any] | None:
    """Return which share of the limited budgets is spent or reserved, and whether nothing of one is left."""
    schemes = model.tables["schemes"].used
    # A budget of nothing is a policy that pays nothing, and cannot be used up.
    limited = schemes[(schemes["budget_fen"] > 0) & (schemes["budget_fen"] < UNLIMITED_FEN)]
    if len(limited) == 0:
        return None
    used = limited["spent_fen"] + limited["reserved_fen"]
    return {
        "spent_share": float(used.sum() / limited["budget_fen"].sum()),
        "used_up": bool((used >= limited["budget_fen"]).any()),
    }


def _claimants(model: MarketModel) -> Any:
    """Return by household whether it holds a valid claim to a scheme."""
    claims = model.tables["claims"].used
    held = np.zeros(model.tables["households"].size, bool)
    held[claims["household_row"][claims["linked"] == 1]] = True
    return held


def _add_treated(worlds: Sequence[World], days: int, scale: float) -> None:
    """Add the outcomes of all whom any of the worlds' policies reaches, the same households in every world."""
    reached = np.logical_or.reduce([world.claimants for world in worlds])
    if not reached.any():
        return
    for world in worlds:
        found = treated.outcomes(world.households, world.own_fen, world.support_fen, reached, days, scale)
        for name, value in found.items():
            world.values[f"{name}/{treated.TREATED}/all"] = value


def digest_of(parts: object) -> str:
    """Return the digest of JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
