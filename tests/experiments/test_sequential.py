"""Studies that grow until they are precise: what counts does not depend on how it was made, and budgets hold."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import UserError
from sim.experiments.design import grown
from sim.experiments.engines.serial import SerialEngine
from sim.experiments.errors import StudyError, StudyStopped
from sim.experiments.execute import execute
from sim.experiments.layout import STUDY as STUDY_FILE
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.plan import Plan, Run, read_plan, run_identity, write_plan
from sim.experiments.sequential import (
    HANDFUL,
    Look,
    Measured,
    PrecisionTarget,
    execute_until_precise,
    look_at,
    replications_in,
)
from sim.experiments.statistics import Decision, PrecisionRule
from sim.experiments.statistics.precision import FIRST_STAGE
from sim.experiments.sweep import Sweep, make_sweep, plan_sweep
from tests.experiments.studies import FakeEngine

SPREAD = 1.0
ENOUGH = PrecisionTarget({"fill_rate": 0.3}, 200)


@dataclass(frozen=True)
class Noise:
    """A study of one outcome, which is normal with the known spread."""

    target: PrecisionTarget = ENOUGH

    def plan(self, replications: int) -> Plan:
        return Plan("tests.experiments.jobs:square", tuple(map(self.run, range(replications))))

    def run(self, number: int) -> Run:
        return Run(run_identity("noise", {}, {"number": number}), {"point": "base"}, number, {})

    def measured(self, plan: Plan, recorded: Mapping[str, Outcome]) -> Measured:
        found = [recorded.get(run.identity) for run in plan.runs]
        rows = [[one.values.get("x")] if one is not None and one.ok else None for one in found]
        return Measured(["x"], ["fill_rate"], rows)


def draw(number: int) -> float:
    return float(np.random.default_rng([7, number]).normal(0.0, SPREAD))


def noise(run: Run) -> Outcome:
    return Outcome(run.identity, {"x": draw(run.replication)}, "d")


def failing(every: int) -> Callable[[Run], Outcome]:
    def make(run: Run) -> Outcome:
        if run.replication % every == 0:
            return Outcome(run.identity, failure=Failure("simulate", "ValueError", "no market"))
        return noise(run)

    return make


def test_it_stops_where_the_rule_stops_and_no_earlier(tmp_path: Path) -> None:
    looks: list[Look] = []
    found = execute_until_precise(tmp_path, FakeEngine(noise), Noise(), heard=looks.append)
    every = np.array([[draw(number)] for number in range(200)])
    assert found.decision is Decision.ENOUGH
    assert found.counted == PrecisionRule((0.3,), 200).stops_at(every)
    # A normal outcome with this spread needs about (1.96 / 0.3) squared.
    assert 30 < found.counted < 80
    assert found.reach <= 0.3
    assert [look.made for look in looks] == sorted({look.made for look in looks})
    assert looks[0].made == FIRST_STAGE
    assert all(look.decision is Decision.GO_ON for look in looks[:-1])


@pytest.mark.parametrize("already", [0, 3, 37, 150])
def test_what_counts_does_not_depend_on_what_was_there_before(tmp_path: Path, already: int) -> None:
    write_plan(tmp_path, Noise().plan(already))
    execute(tmp_path, FakeEngine(noise))
    engine = FakeEngine(noise)
    found = execute_until_precise(tmp_path, engine, Noise())
    fresh = execute_until_precise(tmp_path / "fresh", FakeEngine(noise), Noise())
    assert (found.counted, found.reach) == (fresh.counted, fresh.reach)
    assert len(engine.asked) + already == found.made


def test_a_precise_study_is_not_made_again(tmp_path: Path) -> None:
    first = execute_until_precise(tmp_path, FakeEngine(noise), Noise())
    engine = FakeEngine(noise)
    assert execute_until_precise(tmp_path, engine, Noise()) == first
    assert engine.asked == []


def test_the_budget_holds_and_says_what_would_be_needed(tmp_path: Path) -> None:
    engine = FakeEngine(noise)
    found = execute_until_precise(tmp_path, engine, Noise(PrecisionTarget({"fill_rate": 0.05}, 33)))
    assert found.decision is Decision.BUDGET_USED_UP
    assert len(engine.asked) == found.made == found.counted == 33
    # About (1.96 / 0.05) squared is 1,540; 33 replications know the spread to some 12%.
    assert 800 < found.projected < 2800
    assert found.reach > found.target == 0.05


@pytest.mark.parametrize("every", [2, 3])
def test_failures_do_not_make_stages_small(tmp_path: Path, every: int) -> None:
    looks: list[Look] = []
    target = PrecisionTarget({"fill_rate": 0.3}, 400)
    execute_until_precise(tmp_path, FakeEngine(failing(every)), Noise(target), heard=looks.append)
    made = [look.made for look in looks]
    assert looks[-1].decision is Decision.ENOUGH
    assert len(looks) <= 8
    assert min(after - before for before, after in pairwise(made)) >= HANDFUL
    # What is projected counts the failures that are to be expected too.
    assert looks[1].projected == pytest.approx(looks[-1].counted, rel=0.6)


@pytest.mark.parametrize("already", [40, 90])
def test_a_budget_below_what_is_made_is_used_up(tmp_path: Path, already: int) -> None:
    write_plan(tmp_path, Noise().plan(already))
    execute(tmp_path, FakeEngine(noise))
    engine = FakeEngine(noise)
    found = execute_until_precise(tmp_path, engine, Noise(PrecisionTarget({"fill_rate": 0.05}, 40)))
    assert engine.asked == []
    assert (found.decision, found.made) == (Decision.BUDGET_USED_UP, 40)
    assert len(read_plan(tmp_path).runs) == already


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_during_the_last_run_of_a_stage_is_heard(
    tmp_path: Path, number: signal.Signals
) -> None:
    def interrupt(run: Run) -> Outcome:
        if run.replication == FIRST_STAGE - 1:
            signal.raise_signal(number)
        return noise(run)

    engine = FakeEngine(interrupt)
    with pytest.raises(StudyStopped, match=r"20 of [2-9][0-9] runs") as caught:
        execute_until_precise(tmp_path, engine, Noise())
    assert caught.value.recorded == len(engine.asked) == FIRST_STAGE
    assert execute_until_precise(tmp_path, FakeEngine(noise), Noise()).decision is Decision.ENOUGH


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_between_two_stages_is_heard(tmp_path: Path, number: signal.Signals) -> None:
    engine = FakeEngine(noise)
    with pytest.raises(StudyStopped):
        execute_until_precise(tmp_path, engine, Noise(), heard=lambda _: signal.raise_signal(number))
    assert len(engine.asked) == FIRST_STAGE


def test_a_failed_replication_is_left_out_and_counts_towards_the_budget(tmp_path: Path) -> None:
    target = PrecisionTarget({"fill_rate": 0.05}, 40)
    found = execute_until_precise(tmp_path, FakeEngine(failing(4)), Noise(target))
    assert found.made == 40
    assert found.decision is Decision.BUDGET_USED_UP
    precise = execute_until_precise(tmp_path / "b", FakeEngine(failing(4)), Noise())
    whole = [draw(number) for number in range(precise.counted) if number % 4]
    assert precise.decision is Decision.ENOUGH
    assert PrecisionRule((0.3,), 200).stops_at(np.array(whole)[:, None]) == len(whole)


def test_a_study_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    def stopping(run: Run) -> Outcome:
        if run.replication == 12:
            raise StudyStopped("stopped", 12, 20)
        return noise(run)

    with pytest.raises(StudyStopped):
        execute_until_precise(tmp_path, FakeEngine(stopping), Noise())
    assert replications_in(tmp_path) == 12
    engine = FakeEngine(noise)
    found = execute_until_precise(tmp_path, engine, Noise())
    assert len(engine.asked) == found.made - 12
    assert found.counted == execute_until_precise(tmp_path / "b", FakeEngine(noise), Noise()).counted


def interrupt_planning(folder: Path, grown: Plan) -> None:
    """Leave the folder as a crash between the plan and the study file does."""
    before = (folder / STUDY_FILE).read_bytes()
    write_plan(folder, grown)
    (folder / STUDY_FILE).write_bytes(before)
    with pytest.raises(StudyError, match="interrupted"):
        read_plan(folder)


def test_planning_that_was_interrupted_is_mended_by_going_on(tmp_path: Path) -> None:
    write_plan(tmp_path, Noise().plan(20))
    execute(tmp_path, FakeEngine(noise))
    interrupt_planning(tmp_path, Noise().plan(30))
    engine = FakeEngine(noise)
    found = execute_until_precise(tmp_path, engine, Noise())
    assert (found.decision, len(engine.asked)) == (Decision.ENOUGH, found.made - 20)


def test_an_outcome_that_nobody_observes_is_refused(tmp_path: Path) -> None:
    unseen = FakeEngine(lambda run: Outcome(run.identity, {"x": None}, "d"))
    with pytest.raises(StudyError, match="not observed in every one: x"):
        execute_until_precise(tmp_path, unseen, Noise())
    assert len(unseen.asked) == FIRST_STAGE


def test_an_outcome_that_one_replication_did_not_observe_is_refused(tmp_path: Path) -> None:
    """Those that have observed it are no fair sample, and no table would show it."""
    unseen = FakeEngine(lambda run: Outcome(run.identity, {"x": None if run.replication == 3 else 1.0}, "d"))
    with pytest.raises(StudyError, match="not observed in every one: x"):
        execute_until_precise(tmp_path, unseen, Noise())


def test_a_study_whose_runs_all_fail_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="of 20 replications 0 have a result"):
        execute_until_precise(tmp_path, FakeEngine(failing(1)), Noise())


def test_the_slowest_outcome_is_named() -> None:
    rows = [[draw(number), 5.0 * draw(number + 1000)] for number in range(30)]
    measured = Measured(["narrow", "wide"], ["fill_rate", "wait"], rows)
    found = look_at(measured, PrecisionTarget({"fill_rate": 0.2, "wait": 0.2}, 10_000), Path())
    assert found.slowest == "wide"
    assert found.projected == pytest.approx((1.96 * 5.0 / 0.2) ** 2, rel=0.6)


REFUSED = {
    "unknown": ({"fill_rat": 0.1}, 100, "did you mean fill_rate"),
    "zero": ({"fill_rate": 0.0}, 100, "a number above 0"),
    "endless": ({"fill_rate": math.inf}, 100, "a number above 0"),
    "no number": ({"fill_rate": math.nan}, 100, "a number above 0"),
    "budget": ({"fill_rate": 0.1}, 19, "needs 20 or more"),
}


@pytest.mark.parametrize(("reach", "budget", "words"), REFUSED.values(), ids=REFUSED)
def test_a_target_that_makes_no_sense_is_refused(reach: dict[str, float], budget: int, words: str) -> None:
    with pytest.raises(UserError, match=words):
        PrecisionTarget.checked(reach, budget)


def test_a_target_may_be_set_for_the_treated() -> None:
    assert PrecisionTarget.checked({"treated_visits": 0.1}, 20).reach == {"treated_visits": 0.1}


# Sweeps

ROOT = Path(__file__).resolve().parents[2]
STUDY = """\
schema_version: 1
name: {en: Precision, zh: 精度}
base: base.yaml
levers:
  policies.elder_voucher.home_share: [0, 0.5]
uncertainties:
  parameters.choice.price_per_income_share: {low: 20, high: 150}
design: {kind: latin_hypercube, points: 2}
outcomes: [fill_rate, wait]
precision: {fill_rate: 0.5}
budget_runs: 400
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    voucher = (ROOT / "scenarios" / "elder_voucher.yaml").as_posix()
    name = "name: {en: Base, zh: 基准}"
    (tmp_path / "base.yaml").write_text(f"schema_version: 1\nextends: {voucher}\n{name}\n", encoding="utf-8")
    file = tmp_path / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    return file


def market(run: Run) -> Outcome:
    """Paired chance, an effect of the lever, and a level of its own for each state of nature."""
    point: Mapping[str, Any] = run.point
    nature = float(point["parameters.choice.price_per_income_share"])
    share = float(point["policies.elder_voucher.home_share"])
    own = np.random.default_rng([run.replication, round(share * 100), round(nature)]).normal()
    return Outcome(
        run.identity, {"fill_rate": nature + share + draw(run.replication) + own, "wait": 1.0}, "d"
    )


def test_a_sweep_compares_each_point_with_the_first_lever_in_the_same_nature(
    study: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    plan_sweep(study, folder)
    engine = FakeEngine(market)
    found = make_sweep(folder, engine)
    assert found is not None
    assert found.decision is Decision.ENOUGH
    assert found.made * 4 == len(engine.asked)
    # The difference of a pair has the spread of two draws, for which some 31 replications do on average; with the
    # common draw and the levels of nature still in it, thousands.
    assert FIRST_STAGE < found.counted < 62
    assert found.slowest.startswith("fill_rate (0.5, ")


def test_a_sweep_that_has_grown_can_be_planned_again_and_resumed(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    plan_sweep(study, folder)
    make_sweep(folder, FakeEngine(market))
    written = plan_sweep(study, folder)
    assert (written.added, written.dropped) == (0, 0)
    engine = FakeEngine(market)
    make_sweep(folder, engine)
    assert engine.asked == []


def test_a_sweep_whose_scenario_has_changed_does_not_grow(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    plan_sweep(study, folder)
    base = study.with_name("base.yaml")
    base.write_text(base.read_text(encoding="utf-8") + "scale: 0.003\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"base\.yaml: the scenario file has changed since the plan"):
        make_sweep(folder, FakeEngine(market))


def test_a_sweep_whose_planning_was_interrupted_is_planned_again(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    plan_sweep(study, folder)
    interrupt_planning(folder, grown(read_plan(folder), 22))
    assert plan_sweep(study, folder).dropped == 0
    assert {run.replication for run in read_plan(folder).runs} == set(range(22))


def test_a_sweep_whose_budget_is_lowered_makes_no_more(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    text = STUDY.replace("fill_rate: 0.5", "fill_rate: 0.05")
    study.write_text(text, encoding="utf-8")
    plan_sweep(study, folder)
    write_plan(folder, grown(read_plan(folder), 60))
    study.write_text(text.replace("400", "160"), encoding="utf-8")
    plan_sweep(study, folder)
    engine = FakeEngine(market)
    found = make_sweep(folder, engine)
    assert found is not None
    assert (found.made, len(engine.asked)) == (40, 160)
    study.write_text(text.replace("400", "80"), encoding="utf-8")
    plan_sweep(study, folder)
    less = make_sweep(folder, engine)
    assert less is not None
    assert (less.made, less.decision, len(engine.asked)) == (20, Decision.BUDGET_USED_UP, 160)


def test_a_sweep_is_not_planned_anew_while_it_grows(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    plan_sweep(study, folder)

    def meanwhile(run: Run) -> Outcome:
        if run.replication == 5:
            study.write_text(STUDY.replace("[0, 0.5]", "[0.2, 0.5]"), encoding="utf-8")
            with pytest.raises(StudyError, match="another process"):
                plan_sweep(study, folder, replace=True)
        return market(run)

    make_sweep(folder, FakeEngine(meanwhile))
    assert plan_sweep(study, folder, replace=True).dropped > 0
    shares = {run.point["policies.elder_voucher.home_share"] for run in read_plan(folder).runs}
    assert shares == {0.2, 0.5}


def test_nobody_comes_between_two_stages(tmp_path: Path) -> None:
    def meanwhile(look: Look) -> None:
        with pytest.raises(StudyError, match="another process"):
            execute(tmp_path, FakeEngine(noise), retry_failed=True)

    engine = FakeEngine(failing(30))
    found = execute_until_precise(tmp_path, engine, Noise(), heard=meanwhile)
    assert len(engine.asked) == found.made


def test_without_levers_the_means_themselves_are_to_be_precise(study: Path, tmp_path: Path) -> None:
    text = "\n".join(line for line in STUDY.splitlines() if "levers" not in line and "home_share" not in line)
    study.write_text(text.replace("fill_rate: 0.5", "wait: 0.5"), encoding="utf-8")
    plan_sweep(study, tmp_path / "out")
    plan = read_plan(tmp_path / "out")
    sweep = Sweep(plan, ENOUGH)
    recorded = {run.identity: Outcome(run.identity, {"fill_rate": 3.0}, "d") for run in plan.runs}
    measured = sweep.measured(plan, recorded)
    assert len(measured.names) == 2
    assert all(row == [3.0, 3.0] for row in measured.rows)


def test_replications_and_precision_exclude_each_other(study: Path, tmp_path: Path) -> None:
    study.write_text(f"{STUDY}replications: 3\n", encoding="utf-8")
    with pytest.raises(UserError, match="precision says how many replications there will be"):
        plan_sweep(study, tmp_path / "out")


def test_the_serial_engine_makes_a_growing_study_too(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Squares(Noise):
        def run(self, number: int) -> Run:
            identity = run_identity("square", {}, {"x": number})
            return Run(identity, {"point": "base"}, number, {"x": number})

        def measured(self, plan: Plan, recorded: Mapping[str, Outcome]) -> Measured:
            return Measured(
                ["x"], ["fill_rate"], [[recorded[run.identity].values["noise"]] for run in plan.runs]
            )

    target = PrecisionTarget({"fill_rate": 100.0}, 50)
    assert execute_until_precise(tmp_path, SerialEngine(), Squares(target)).counted == FIRST_STAGE
