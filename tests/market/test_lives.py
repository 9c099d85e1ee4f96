"""Households have children, lose abilities and move, such that what the facts say of them stays true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.clock import MINUTES_PER_DAY
from sim.market.lives import live_a_month
from sim.market.needs import eligible
from sim.model import MarketModel
from sim.state import HOUSEHOLD, LIVES, Rows
from sim.vocabulary import NeedsBy
from sim.world.lives import LifeRules, onset_probabilities
from tests.core.small import Town, run

DAY = MINUTES_PER_DAY
MONTH = 365.0 / 12.0
RULES = LifeRules(
    birth_probability=0.01,
    expecting_days=60.0,
    infancy_min=3 * 365 * DAY,
    leaving_probability=0.01,
    onset_probability=np.array([0.002, 0.02, 0.04, 0.03]),
    move_probability=0.0,
)
SHARES = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4).map(lambda x: np.array(x) / sum(x))


def households(count: int, **values: object) -> Rows:
    rows = np.zeros(count, HOUSEHOLD)
    rows["key"] = np.arange(1, count + 1)
    for name, value in values.items():
        rows[name] = value
    return rows


def lived(rows: Rows, months: int, rules: LifeRules = RULES, seed: int = 7) -> Rows:
    """Let months go by, in steps of a mean month, and return the counts."""
    lives = np.zeros(1, LIVES)
    for month in range(1, months + 1):
        live_a_month(rows, lives, rules, month * MONTH * DAY, np.uint64(month), np.uint64(seed))
    return lives[0]


@given(shares=SHARES, months=st.floats(6.0, 120.0))
def test_shares_of_degrees_stay_where_they_are(shares: np.ndarray, months: float) -> None:
    """One step of the chain from the shares gives the shares, wherever no probability is cut at one."""
    leaves = onset_probabilities(shares, months)
    after = shares * (1.0 - leaves) + np.roll(shares * leaves, 1)
    if (leaves < 1.0).all():
        assert after == pytest.approx(shares)
    assert leaves[3] == pytest.approx(min(1.0 / months, 1.0))


def test_degrees_follow_the_chain() -> None:
    """Stationary shares over 20,000 homes; each lies within 5 standard errors, false alarms below 1 in 10,000."""
    shares = np.array([0.8, 0.1, 0.06, 0.04])
    rows = households(20_000, elders=1, members=2)
    rows["disability"] = np.repeat(np.arange(4), (shares * len(rows)).astype(int))
    rules = RULES._replace(onset_probability=onset_probabilities(shares, 36.0), birth_probability=0.0)
    lived(rows, 36, rules)
    found = np.bincount(rows["disability"], minlength=4) / len(rows)
    assert (np.abs(found - shares) < 5.0 * np.sqrt(shares * (1 - shares) / len(rows))).all()


def test_every_birth_is_expected_first_and_adds_a_member() -> None:
    rows = households(5000, members=3)
    rules = RULES._replace(leaving_probability=0.0)
    counts = lived(rows, 30, rules)
    assert counts["births"] > 500
    assert counts["expected"] == counts["births"] + np.count_nonzero(rows["due_min"])
    assert rows["members"].sum() == 3 * 5000 + counts["births"]
    assert rows["infants"].sum() == counts["births"] - counts["grown_up"]
    assert ((rows["infants"] == 0) | (rows["due_min"] == 0.0)).all(), "no second one while there is an infant"


def test_expected_births_lie_between_the_earliest_and_a_month_later() -> None:
    rows = households(20_000, members=3)
    lived(rows, 1)
    due = rows["due_min"][rows["due_min"] > 0.0] / DAY - MONTH
    assert len(due) > 100
    assert (due >= RULES.expecting_days - 1e-6).all()
    assert (due <= RULES.expecting_days + MONTH + 1e-6).all()


def test_infants_grow_up_when_infancy_is_over() -> None:
    rows = households(2, members=3, infants=1)
    rows["infant_since_min"] = [-2.99 * 365 * DAY, -2.0 * 365 * DAY]
    assert lived(rows, 1, RULES._replace(birth_probability=0.0))["grown_up"] == 1
    assert rows["infants"].tolist() == [0, 1]


def test_nobody_leaves_whom_the_home_needs() -> None:
    rows = households(4000, members=[2, 3, 3, 4] * 1000, elders=[0, 2, 0, 3] * 1000)
    counts = lived(rows, 60, RULES._replace(birth_probability=0.0, leaving_probability=0.5))
    assert counts["moved_out"] == 1000
    assert (rows["members"].reshape(-1, 4) == [2, 3, 2, 4]).all()


def test_a_matron_is_needed_only_where_a_birth_is_expected(town: Town) -> None:
    model = MarketModel(town("scale=0.2"))
    services, homes = model.tables["services"].used, model.tables["households"].used
    matron = services[int(np.flatnonzero(services["needs_by"] == NeedsBy.BIRTH)[0])]
    needing = np.array([eligible(home, matron) for home in homes])
    assert (needing == (homes["due_min"] > 0.0)).all()
    assert 0 < needing.sum() < 0.1 * len(homes)


def test_births_of_a_run_are_those_of_the_region(town: Town) -> None:
    """Two years of a town; the count is Poisson, within 5 standard errors: false alarms below 1 in 1,000,000."""
    facts = town().facts
    model = MarketModel(town("scale=1", "period.days=1"))
    homes, lives = model.tables["households"].used, model.tables["lives"].used
    assert model.desks.region is not None
    rules = model.desks.region.lives.rules
    first = homes["members"].mean()
    for month in range(1, 25):
        live_a_month(homes, lives, rules, month * MONTH * DAY, np.uint64(month), np.uint64(3))
    expected = 2.0 * facts.number("region.births_per_year")
    assert abs(lives["births"][0] - expected) < 5.0 * np.sqrt(expected)
    assert homes["members"].mean() == pytest.approx(first, rel=0.02)


def test_who_moves_stays_in_the_district_and_keeps_what_runs(town: Town) -> None:
    model = run(town("scale=0.2", "period.days=40", "parameters.lives.moves_per_year=0"), 31)
    homes = model.tables["households"].used
    before = homes.copy()
    desk = model.desks.region.lives  # type: ignore[union-attr]
    desk.rules = desk.rules._replace(move_probability=1.0)
    desk._move(np.uint64(5))
    assert (homes["district"] == before["district"]).all()
    assert (homes["x_km"] != before["x_km"]).mean() > 0.99
    sides = model.tables["districts"].used["side_km"][homes["district"]]
    assert ((homes["x_km"] >= 0.0) & (homes["x_km"] < sides)).all()
    for name in ("active_placements", "engaged", "last_company_row", "key"):
        assert (homes[name] == before[name]).all()
    model.run_days(9)
    model.close()
