"""The engine against queueing theory: scenario files alone state the queue, the order log alone is measured.

All checks of a family (short runs, long runs) together raise a false alarm with a probability of at most one in a
thousand (Bonferroni). Half-widths are held to a stated share of the theoretical value, so that a check cannot hold for
want of data; and every log must refute the theory of a load that is 5 % higher (10 % in the short runs).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from sim.dispatch.first_come import FirstCome
from sim.dispatch.interface import Action, DispatchView
from sim.market.view import MarketView
from sim.market.visits import VisitDesk
from tests.theory.cases import (
    LONG,
    PATIENCE,
    RATE,
    SERVERS,
    SHORT,
    TIME,
    Case,
    checks_of,
    laboratory_of,
    log_of,
    refuted,
)
from tests.theory.discipline import out_of_turn
from tests.theory.laboratory import OrderLog, run_queue

_DECIDE = FirstCome.decide


def case_named(name: str) -> Case:
    return next(case for case in SHORT if case.name.startswith(name))


def servers_of(case: Case) -> int:
    return laboratory_of(case)[1].servers


def assert_the_engine_finds(case: Case, family: Sequence[Case], log: OrderLog) -> None:
    checks = checks_of(case, family, log)
    assert [check for check in checks if not check.holds] == []
    assert [check for check in checks if check.precision > case.family.precision] == []
    assert out_of_turn(log, servers_of(case)) == 0
    assert refuted(case, family, log)


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_short_runs_find_what_theory_says(case: Case) -> None:
    assert_the_engine_finds(case, SHORT, log_of(case))


@pytest.mark.slow
@pytest.mark.parametrize("case", LONG, ids=lambda case: case.name)
def test_long_runs_find_what_theory_says_within_five_percent(case: Case) -> None:
    assert_the_engine_finds(case, LONG, log_of(case))


def failing(case: Case, family: Sequence[Case], log: OrderLog) -> set[str]:
    return {check.outcome for check in checks_of(case, family, log) if not check.holds}


@pytest.mark.parametrize(
    ("name", "wrong", "orders", "found"),
    [
        ("M/M/1", f"{RATE}=6", 6_000, "arrivals_per_min"),
        ("M/M/1", f"{TIME}.mean_min=7.5", 6_000, "service_mean_min"),
        ("M/M/5, load 0.6", f"{SERVERS}=6", 6_000, "wait_probability"),
        ("M/D/1", f"{TIME}={{law: exponential, mean_min: 6}}", 6_000, "state_1"),
        ("Erlang A", f"{PATIENCE}.mean_min=240", 6_000, "abandonment_probability"),
        ("Erlang B", f"{PATIENCE}.mean_min=20", 6_000, "wait_probability"),
    ],
)
def test_a_queue_other_than_the_one_in_the_file_is_found(
    name: str, wrong: str, orders: int, found: str
) -> None:
    case = replace(case_named(name), orders=orders)
    assert found in failing(case, SHORT, run_queue(laboratory_of(case, wrong)[0]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "found"), [(f"{RATE}=5.25", "arrivals_per_min"), (f"{TIME}.mean_min=6.3", "service_mean_min")]
)
def test_an_engine_whose_load_is_five_percent_off_is_found_by_a_long_run(wrong: str, found: str) -> None:
    case = replace(LONG[0], orders=100_000)
    assert found in failing(case, LONG, run_queue(laboratory_of(case, wrong)[0]))


def newest_first(self: FirstCome, view: DispatchView) -> Sequence[Action]:
    assert isinstance(view, MarketView)
    return _DECIDE(self, view.look(view.company, view.due()[::-1].copy(), view.freed))


def asleep_every_fourth_hour(self: FirstCome, view: DispatchView) -> Sequence[Action]:
    asleep = view.freed >= 0 and int(view.now_min // 60.0) % 4 == 0
    return [] if asleep else _DECIDE(self, view)


@pytest.mark.parametrize(
    ("decide", "found"),
    [(newest_first, set()), (asleep_every_fourth_hour, {"wait_mean_min", "state_0"})],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_dispatcher_that_breaks_the_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, decide: Callable[..., Sequence[Action]], found: set[str]
) -> None:
    case = replace(case_named("M/M/1"), orders=6_000)
    monkeypatch.setattr(FirstCome, "decide", decide)
    log = run_queue(laboratory_of(case)[0])
    assert out_of_turn(log, 1) > 0.1 * len(log.placed_min)
    assert found <= failing(case, SHORT, log)


def test_customers_who_are_neither_served_nor_leave_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VisitDesk, "_wait_no_longer", lambda desk, order: None)
    with pytest.raises(ValueError, match="still waiting"):
        run_queue(laboratory_of(replace(case_named("Erlang A"), orders=1_000))[0])


def test_log_of_a_queue_counts_each_order_once() -> None:
    log = log_of(case_named("Erlang A"))
    assert (log.served ^ log.given_up)[log.placed_min < log.end_min].all()
    assert (log.wait_min[log.placed_min < log.end_min] >= 0.0).all()
