"""The rule that says when there are replications enough, and that its intervals still hold as often as they say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.statistics import Decision, PrecisionRule, SampleError
from tools.coverage import CASES, Case, experiments, measure, plain_coverage, table

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LOWEST, HIGHEST = 0.93, 0.97
FALSE_ALARM = 1e-6
FAST = (
    Case("mixed, fast", ("normal", "gamma", "lognormal"), 0.7, 0.45, budget=150),
    Case("normal, fast", ("normal",) * 4, 0.3, 0.4, budget=100),
)


def differences(count: int, seed: int = 1, outcomes: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).gamma(4.0, 0.5, (count, outcomes))


def test_it_goes_on_until_the_targets_hold_three_times_running() -> None:
    rule = PrecisionRule((0.4, 0.3), budget=200)
    data = differences(200)
    stop = int(rule.stops_at(data))
    assert stop > rule.first_stage
    assert rule.look(data[: stop - 1]).decision is Decision.GO_ON
    found = rule.look(data[:stop])
    assert found.decision is Decision.ENOUGH
    assert found.projected == found.replications == stop
    for n in range(stop - 2, stop + 1):
        assert all(
            i.reach <= target for i, target in zip(rule.look(data[:n]).intervals, (0.4, 0.3), strict=True)
        )
    assert not all(
        i.reach <= t for i, t in zip(rule.look(data[: stop - 3]).intervals, (0.4, 0.3), strict=True)
    )


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.2, 2.0), st.integers(0, 80))
def test_the_stop_does_not_depend_on_what_comes_later(seed: int, target: float, count: int) -> None:
    rule = PrecisionRule((target, 2.0 * target), budget=80)
    data = differences(80, seed)
    whole, part = int(rule.stops_at(data)), int(rule.stops_at(data[:count]))
    assert part == (whole if whole <= count else 0)


def test_many_experiments_at_once_stop_as_each_by_itself() -> None:
    rule = PrecisionRule((0.33, 0.33), budget=60)
    data = np.stack([differences(60, seed) for seed in range(12)], axis=1).reshape(60, 4, 3, 2)
    single = [int(rule.stops_at(data[:, i, j])) for i in range(4) for j in range(3)]
    assert rule.stops_at(data).ravel().tolist() == single
    assert 0 in single
    assert max(single) > 20


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_units_do_not_matter(seed: int, scale: float) -> None:
    data = differences(60, seed)
    wanted = PrecisionRule((0.4, 0.5), budget=60).stops_at(data)
    assert PrecisionRule((0.4 * scale, 0.5 * scale), budget=60).stops_at(scale * data) == wanted


def test_nothing_is_decided_before_the_first_stage() -> None:
    rule = PrecisionRule((9.0,), budget=100)
    decisions = [rule.look(np.ones((n, 1))).decision for n in range(21)]
    assert decisions == [Decision.GO_ON] * 20 + [Decision.ENOUGH]


@pytest.mark.parametrize("budget", [2, 19, 30])
def test_the_budget_ends_it(budget: int) -> None:
    rule = PrecisionRule((0.001,), budget=budget)
    data = differences(budget, outcomes=1)
    assert rule.look(data[: budget - 1]).decision is Decision.GO_ON
    found = rule.look(data)
    assert found.decision is Decision.BUDGET_USED_UP
    assert found.projected > budget


def test_the_projected_need_is_what_is_needed() -> None:
    data = np.random.default_rng(2).standard_normal((150, 200, 1))
    rule = PrecisionRule((0.25,), budget=150)
    needed = rule.stops_at(data)
    projected = [rule.look(data[:40, i]).projected for i in range(200)]
    assert needed.min() > 0
    assert np.mean(projected) == pytest.approx(needed.mean(), rel=0.1)
    assert needed.mean() > (1.96 / 0.25) ** 2


def test_the_slowest_outcome_is_named_and_one_without_target_never_is() -> None:
    data = differences(30, outcomes=3) * [1.0, 5.0, 100.0]
    found = PrecisionRule((0.1, 0.1, float("inf")), budget=100).look(data)
    assert found.slowest == 1
    assert PrecisionRule((float("inf"),), budget=100).look(data[:, :1]).decision is Decision.ENOUGH


@pytest.mark.parametrize("count", [0, 1])
def test_before_the_second_replication_the_first_stage_is_projected(count: int) -> None:
    found = PrecisionRule((1.0,), budget=100).look(np.ones((count, 1)))
    assert (found.decision, found.projected, found.intervals, found.slowest) == (Decision.GO_ON, 20, (), None)


def test_a_target_out_of_all_reach_has_a_need_all_the_same() -> None:
    assert PrecisionRule((1e-200,), budget=100).look(differences(30, outcomes=1)).projected >= 10**14


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"targets": ()}, "each outcome needs one above 0"),
        ({"targets": (1.0, 0.0)}, "each outcome needs one above 0"),
        ({"targets": (float("nan"),)}, "each outcome needs one above 0"),
        ({"budget": 1}, "a budget of 1"),
        ({"first_stage": 19}, "at least 20"),
        ({"confirmations": -1}, "-1 confirmations"),
        ({"confirmations": 19}, "19 confirmations"),
        ({"confidence": 0.0}, "confidence 0.0"),
    ],
)
def test_a_rule_that_cannot_hold_is_said(settings: dict[str, object], words: str) -> None:
    with pytest.raises(SampleError, match=words):
        PrecisionRule(**({"targets": (1.0,), "budget": 100} | settings))  # type: ignore[arg-type]


def test_as_many_outcomes_as_targets_are_needed() -> None:
    with pytest.raises(SampleError, match="2 outcomes and 1 precision targets"):
        PrecisionRule((1.0,), budget=100).look(differences(5))


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_words_in_both_languages(decision: Decision) -> None:
    assert decision.text() != decision.text("zh")
    assert CHINESE.search(decision.text("zh"))


def assert_may_lie_inside(share: float, trials: int) -> None:
    """Fail when a true coverage anywhere from 93 to 97 % has a probability below one in a million to give this."""
    hits = round(share * trials)
    assert stats.binom.cdf(hits, trials, LOWEST) > FALSE_ALARM
    assert stats.binom.sf(hits - 1, trials, HIGHEST) > FALSE_ALARM


@pytest.mark.parametrize("case", FAST, ids=lambda case: case.name)
def test_intervals_hold_under_the_rule(case: Case) -> None:
    found = measure(case, 300, seed=5)
    for share in (*found.pointwise, found.max_t):
        assert_may_lie_inside(share, 300)


def test_without_first_stage_confirmation_and_guard_they_do_not() -> None:
    case = Case("exponential, plain", ("exponential",), 0.0, 0.45, budget=150)
    assert plain_coverage(case, experiments(case, 1000, seed=5))[0] < 0.90


def test_the_table_of_coverage_has_a_row_a_case() -> None:
    rows = list(table(FAST[:1], 20, seed=1))
    assert len(rows) == 3
    assert rows[2].startswith("| mixed, fast | 3 | 0.7 | 0.45 |")
    assert {row.count("|") for row in rows} == {10}


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.name}, {len(case.outcomes)}, {case.correlation:g}"
)
def test_coverage_in_two_thousand_experiments(case: Case) -> None:
    found = measure(case, 2_000, seed=11)
    assert LOWEST <= min(found.pointwise) <= max(found.pointwise) <= HIGHEST
    assert LOWEST <= found.max_t <= HIGHEST
