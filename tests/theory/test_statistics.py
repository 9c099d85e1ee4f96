"""The statistics by which the engine is judged: right where the answer is known, and covering as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from tests.theory.formulas import Patience, many_servers
from tests.theory.laboratory import OrderLog
from tests.theory.observe import expected, intervals
from tests.theory.statistics import (
    Interval,
    Path,
    batch_of,
    bonferroni,
    count_path,
    counts_before,
    mean_interval,
    ratio_batches,
    time_by_count,
    without_controls,
)

FALSE_ALARM = 1e-6


def assert_hits(hits: int, trials: int, probability: float) -> None:
    """Fail when so many hits in independent trials have a probability below one in a million."""
    assert stats.binomtest(hits, trials, probability).pvalue > FALSE_ALARM


def test_a_t_interval_by_the_book() -> None:
    # Law 2015, section 4.5: ten values with mean 1.34, t quantile 1.833 for 90 %, interval 1.34 -+ 0.24.
    values = np.array([1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09])
    found = mean_interval(values, 0.10)
    assert found.mean == pytest.approx(1.343)
    assert found.half_width == pytest.approx(0.24, abs=0.005)


def test_an_interval_covers_its_ends_and_no_more() -> None:
    assert Interval(10.0, 1.0).covers(11.0)
    assert not Interval(10.0, 1.0).covers(11.001)
    assert Interval(6.0 + 1e-12, 0.0).covers(6.0)


def test_a_familys_false_alarm_is_shared_among_its_checks() -> None:
    assert bonferroni(0.01, 50) == pytest.approx(0.0002)


def autoregressive(runs: int, length: int, memory: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((runs, length))
    values: np.ndarray = lfilter([1.0], [1.0, -memory], noise, axis=1)
    return values


def test_batch_means_cover_the_mean_of_a_process_with_memory() -> None:
    runs = autoregressive(400, 20_000, 0.9, 1)
    batches = runs.reshape(400, 20, 1000).mean(axis=2)
    covered = sum(mean_interval(values, 0.1).covers(0.0) for values in batches)
    assert_hits(covered, 400, 0.9)


def test_single_values_of_a_process_with_memory_do_not() -> None:
    runs = autoregressive(400, 1_000, 0.9, 2)
    covered = sum(mean_interval(values, 0.1).covers(0.0) for values in runs)
    assert covered < 0.6 * 400


def test_controls_narrow_the_interval_and_keep_the_mean() -> None:
    draws = np.random.default_rng(3).standard_normal((400, 60, 4))
    controls, noise = draws[:, :, :3] ** 3, draws[:, :, 3]
    values = 5.0 + controls @ np.array([2.0, -1.0, 0.5]) + noise
    plain = [mean_interval(v, 0.1) for v in values]
    found = [mean_interval(without_controls(v, c), 0.1) for v, c in zip(values, controls, strict=True)]
    assert_hits(sum(interval.covers(5.0) for interval in found), 400, 0.9)
    narrower = np.mean([i.half_width for i in found]) / np.mean([i.half_width for i in plain])
    assert narrower < 0.2


def test_a_control_without_spread_changes_nothing() -> None:
    values = np.random.default_rng(4).standard_normal(40)
    np.testing.assert_allclose(without_controls(values, np.zeros((40, 2))), values)


def test_ratio_batches_have_the_ratio_of_sums_as_their_mean() -> None:
    sums, counts = np.array([10.0, 30.0, 5.0]), np.array([2.0, 5.0, 3.0])
    assert ratio_batches(sums, counts).mean() == pytest.approx(4.5)
    assert ratio_batches(3.0 * counts, counts).std() == pytest.approx(0.0)


def test_the_count_over_time_by_hand() -> None:
    path = count_path(np.array([1.0, 2.0, 6.0]), np.array([4.0, 5.0]))
    assert path.counts.tolist() == [1, 2, 1, 0, 1]
    spent = time_by_count(path, np.array([0.0, 3.0, 8.0]), highest=1)
    assert spent.tolist() == [[1.0, 1.0, 1.0], [1.0, 3.0, 1.0]]


def test_before_the_first_instant_nobody_is_there() -> None:
    spent = time_by_count(Path(np.array([5.0]), np.array([1])), np.array([0.0, 2.0, 10.0]), highest=1)
    assert spent.tolist() == [[2.0, 0.0, 0.0], [3.0, 5.0, 0.0]]


def test_an_order_turned_away_at_once_is_counted_for_no_time() -> None:
    path = count_path(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    assert time_by_count(path, np.array([0.0, 4.0]), highest=2).tolist() == [[2.0, 2.0, 0.0, 0.0]]


def test_what_an_arrival_meets_does_not_include_itself() -> None:
    begins, ends = np.array([1.0, 2.0, 6.0]), np.array([2.0, 5.0, np.inf])
    assert counts_before(begins, ends, begins).tolist() == [0, 1, 0]


def test_instants_outside_all_batches_are_in_none() -> None:
    batch, inside = batch_of(np.array([-1.0, 0.0, 1.5, 2.0]), np.array([0.0, 1.0, 2.0]))
    assert batch[inside].tolist() == [0, 1]


def reference_log(load: float, orders: int, seed: int) -> OrderLog:
    """Return an M/M/1 queue with mean service 1, by Lindley's recursion in closed form."""
    draw = np.random.default_rng(seed)
    placed = np.cumsum(draw.exponential(1.0 / load, orders))
    service = draw.exponential(1.0, orders)
    work = np.cumsum(service)
    ended = work + np.maximum.accumulate(placed - (work - service))
    begin, end = 0.02 * placed[-1], 0.98 * placed[-1]
    return OrderLog(placed, ended - service, ended, np.zeros(orders, bool), begin, end)


@pytest.mark.slow
@pytest.mark.parametrize(("load", "orders", "batches"), [(0.5, 12_000, 50), (0.8, 80_000, 80)])
def test_intervals_of_a_reference_queue_cover_as_often_as_they_say(
    load: float, orders: int, batches: int
) -> None:
    theory = many_servers(load, 1.0, 1, Patience("none", 0.0))
    wanted = expected(theory, 0.05)
    runs, alarm = 100, 0.1
    missed = dict.fromkeys(wanted, 0)
    for seed in range(runs):
        log = reference_log(load, orders, seed)
        for name, interval in intervals(log, 1, theory, tuple(wanted), batches, alarm).items():
            missed[name] += not interval.covers(wanted[name])
    # An interval may be too wide (batches that share an edge make up for each other) but not too narrow.
    allowed = stats.binom.isf(FALSE_ALARM, runs, 1.3 * alarm)
    assert max(missed.values()) <= allowed
    assert sum(missed.values()) >= 0.3 * alarm * runs * len(wanted)
