"""Under forced sampling beliefs converge to true quality, at the rate of a mean: 1 / sqrt(n).

Forced sampling: the household is served whatever it believes. One that chooses by what it believes need not learn the
truth, since it gives up what has once disappointed it. That a single belief comes near is shown in
tests/theory/test_beliefs.py; here is how fast, for firms, for forms and for public ratings.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.agents.beliefs import experience, of_firm
from sim.compiled import kernel
from sim.market.market import Market
from sim.state import Columns, Rows, Table
from sim.vocabulary import NO_ROW, FirmForm
from tests.theory.test_beliefs import FIRM_SD, REFERENCE, SEED, SIGNAL_SD, market

Floats = NDArray[np.float64]
HOUSEHOLDS = 400
ROUNDS = (16, 64, 256, 1024)
QUALITY = 0.3
"""True quality above a mean worker's: six standard deviations of the prior, so that what is believed must be learnt."""
TOLERANCE = 0.2
"""Of a root mean square over 400 households, whose standard error is 1 / sqrt(800) = 3.5%: false alarm below 1e-7."""


def many() -> Market:
    """Return a market of 400 households who know nothing of any firm, and as many agencies, none of them rated."""
    made = market()
    for name in ("households", "companies"):
        rows = np.full(HOUSEHOLDS, made.table(name).used[0])
        rows["key"] = 1 + np.arange(HOUSEHOLDS)
        made.world.tables[name] = Table.of(rows)
    made.table("households").used["last_company_row"] = NO_ROW
    return Market(made.world, made.clock, made.calendar, made.visit_rules, None, made.weights)


@kernel
def serve_all(
    c: Columns, weights: Rows, firms: NDArray[np.int64], signals: Floats, first: int, seed: np.uint64
) -> None:
    """Serve household h in round t by ``firms[h, t]`` with the quality ``signals[h, t]``."""
    for h in range(signals.shape[0]):
        for t in range(signals.shape[1]):
            experience(c, weights, h, firms[h, t], signals[h, t], np.uint64(first + t), seed)


def errors(
    made: Market, firms: Callable[[Rows, Rows], Rows], truth: Floats, believed: Callable[[], Floats]
) -> Floats:
    """Serve all households round by round; return the root mean square error of what they believe after ``ROUNDS``."""
    draw, found, before = np.random.default_rng(7), [], 0
    for rounds in ROUNDS:
        times = np.arange(before, rounds)
        served = np.broadcast_to(firms(np.arange(HOUSEHOLDS)[:, None], times[None]), (HOUSEHOLDS, len(times)))
        signals = REFERENCE + truth[served] + SIGNAL_SD * draw.standard_normal(served.shape)
        serve_all(made.columns, made.weights, np.ascontiguousarray(served), signals, before, SEED)
        found.append(math.sqrt(float(np.mean((believed() - QUALITY) ** 2))))
        before = rounds
    return np.array(found)


def test_beliefs_about_a_firm_converge_at_the_rate_of_a_mean() -> None:
    made = many()

    def believed() -> Floats:
        return np.array([of_firm(made.columns, made.weights, h, h)[0] for h in range(HOUSEHOLDS)])

    found = errors(made, lambda h, _t: h, np.full(HOUSEHOLDS, QUALITY), believed)
    rate = SIGNAL_SD / np.sqrt(ROUNDS)
    assert found[-1] == pytest.approx(rate[-1], rel=TOLERANCE)
    assert found[-2] == pytest.approx(rate[-2], rel=TOLERANCE)
    assert found[0] > found[1] > found[2] > found[3]


def test_beliefs_about_a_form_converge_with_the_number_of_firms_met() -> None:
    """Each service by another firm: what remains is the error of a mean over firms, not over services."""
    made = many()
    draw = np.random.default_rng(8)
    truth = QUALITY + FIRM_SD * draw.standard_normal(HOUSEHOLDS)
    truth += QUALITY - truth.mean()
    home = made.rows("households")
    found = errors(
        made, lambda h, t: (h + t) % HOUSEHOLDS, truth, home["belief_mean"][:, FirmForm.AGENCY].copy
    )
    rate = math.sqrt(SIGNAL_SD**2 + FIRM_SD**2) / np.sqrt(ROUNDS)
    assert found[2] < 1.2 * rate[2]
    assert found[0] / found[2] > 3.0, "sixteen times as many services: a quarter of the error"


def test_who_is_served_by_one_firm_alone_never_learns_its_form() -> None:
    """The counterpart: without forced sampling of other firms the error about the form stays that of one firm."""
    made = many()
    truth = QUALITY + FIRM_SD * np.random.default_rng(9).standard_normal(HOUSEHOLDS)
    home = made.rows("households")
    found = errors(made, lambda h, _t: h, truth, home["belief_mean"][:, FirmForm.AGENCY].copy)
    assert found[3] > 0.9 * found[2] > 0.0
    assert found[3] > 3.0 * SIGNAL_SD / math.sqrt(ROUNDS[3])


def test_a_rating_converges_to_the_quality_as_far_as_it_remembers() -> None:
    """Reviews of one firm by all: the error of a mean over the reviews that a rating remembers, and no less."""
    made = many()
    made.weights["review_base"], made.weights["rating_cap"] = 1.0, 64.0
    firms = made.rows("companies")

    def rated() -> Floats:
        return np.asarray(firms["rating_sum"] / firms["rating_count"])

    found = errors(made, lambda h, _t: h, np.full(HOUSEHOLDS, QUALITY), rated)
    assert found[0] == pytest.approx(SIGNAL_SD / math.sqrt(16), rel=TOLERANCE)
    assert found[1] == pytest.approx(SIGNAL_SD / math.sqrt(64), rel=TOLERANCE)
    forgetting = SIGNAL_SD / math.sqrt(
        2 * 64 - 1
    )  # weights fall by 64/65 a review: their effective number is 2 n - 1
    assert found[3] == pytest.approx(forgetting, rel=TOLERANCE)
