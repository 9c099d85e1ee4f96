"""What a comparison leaves in its folder, and what it makes again: replications are invented here, not simulated."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.experiments.comparison import Comparison, Source, compare
from sim.experiments.gc import gc
from sim.experiments.layout import JOURNALS, LOCKS, PLAN, STUDY
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.plan import Run, read_plan
from sim.experiments.sequential import PrecisionTarget
from sim.experiments.store import read_store
from sim.scenario import Scenario
from tests.experiments.studies import FakeEngine

ROOT = Path(__file__).resolve().parents[2]
SOURCES = tuple(
    Source.of(ROOT / "scenarios" / name, ("scale=0.0005", "period.days=70"))
    for name in ("baseline.yaml", "elder_voucher.yaml")
)
TARGET = PrecisionTarget({"fill_rate": 0.4}, 100)


@pytest.fixture(scope="module")
def scenarios() -> tuple[Scenario, ...]:
    """The compared scenarios, loaded once."""
    return Comparison(SOURCES).scenarios


@pytest.fixture
def of(scenarios: tuple[Scenario, ...]) -> Callable[..., Comparison]:
    """Makes comparisons of them."""

    def make(replications: int = 2, precision: PrecisionTarget | None = None) -> Comparison:
        made = Comparison(SOURCES, replications, precision)
        made.__dict__["scenarios"] = scenarios
        return made

    return make


def invented(run: Run) -> Outcome:
    effect = float(np.random.default_rng([3, run.replication]).normal())
    values = {"0/fill_rate/city/all": 0.5, "1/fill_rate/city/all": 0.5 + effect}
    return Outcome(run.identity, values, "d", notes={"budgets": [None, None]})


def failing_once(engine: FakeEngine) -> Callable[[Run], Outcome]:
    def make(run: Run) -> Outcome:
        if run.replication == 1 and engine.asked.count(run.identity) == 1:
            return Outcome(run.identity, failure=Failure("simulate", "TimedOut", "late"))
        return invented(run)

    return make


def test_looking_at_fewer_replications_loses_none(of: Callable[..., Comparison], tmp_path: Path) -> None:
    compare(of(8), tmp_path, FakeEngine(invented))
    found = compare(of(3), tmp_path, FakeEngine(invented))
    assert {row.replications for row in found.rows} == {3}
    assert gc(tmp_path, dry_run=False).records == 0
    engine = FakeEngine(invented)
    assert {row.replications for row in compare(of(8), tmp_path, engine).rows} == {8}
    assert engine.asked == []


def test_replications_that_were_planned_and_not_made_are_not_made_for_fewer(
    of: Callable[..., Comparison], tmp_path: Path
) -> None:
    def stopping(run: Run) -> Outcome:
        if run.replication == 4:
            raise KeyboardInterrupt
        return invented(run)

    with pytest.raises(KeyboardInterrupt):
        compare(of(8), tmp_path, FakeEngine(stopping))
    engine = FakeEngine(invented)
    compare(of(3), tmp_path, engine)
    assert engine.asked == []
    assert len(read_plan(tmp_path).runs) == 4


@pytest.mark.parametrize("precision", [None, TARGET], ids=["number", "precision"])
def test_a_finished_comparison_is_looked_at_without_a_trace(
    of: Callable[..., Comparison], tmp_path: Path, precision: PrecisionTarget | None
) -> None:
    compare(of(3, precision), tmp_path, FakeEngine(invented))
    shutil.rmtree(tmp_path / LOCKS)

    def traces() -> list[tuple[str, int]]:
        paths = (tmp_path / PLAN, tmp_path / STUDY, *(tmp_path / JOURNALS).iterdir())
        return [(path.name, path.stat().st_mtime_ns) for path in paths]

    before = traces()
    compare(of(3, precision), tmp_path, FakeEngine(invented))
    assert traces() == before
    assert not (tmp_path / LOCKS).exists()


@pytest.mark.parametrize("precision", [None, TARGET], ids=["number", "precision"])
def test_failed_replications_are_made_again_if_asked_for(
    of: Callable[..., Comparison], tmp_path: Path, precision: PrecisionTarget | None
) -> None:
    engine = FakeEngine(invented)
    engine.make = failing_once(engine)
    assert compare(of(3, precision), tmp_path, engine).failed == 1
    asked = len(engine.asked)
    assert compare(of(3, precision), tmp_path, engine).failed == 1
    assert len(engine.asked) == asked
    assert compare(of(3, precision), tmp_path, engine, retry_failed=True).failed == 0
    assert len(engine.asked) == asked + 1
    assert not read_store(tmp_path).damages
