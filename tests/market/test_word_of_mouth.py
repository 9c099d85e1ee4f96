"""What households hear from neighbours: one neighbour each, news of last month only, whoever hears first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.market.word_of_mouth import TalkRules, rings, share_news
from sim.model import MarketModel
from sim.state import HOUSEHOLD, Rows
from sim.vocabulary import FirmForm
from tests.core.small import Town

FALSE_ALARM = 1e-5
SEED, MONTH = np.uint64(3), np.uint64(24_001)
ALWAYS = TalkRules(1.0, 0.02)


@pytest.fixture
def model(town: Town) -> MarketModel:
    return MarketModel(town("scale=0.1"))


def homes_of(communities: list[int]) -> Rows:
    rows = np.zeros(len(communities), HOUSEHOLD)
    rows["key"], rows["community_row"] = 11 + 7 * np.arange(len(communities)), communities
    return rows


def listeners(homes: Rows, month: np.uint64 = MONTH) -> dict[int, int]:
    """Return who would ask whom, by key."""
    ring = homes[rings(homes, month, SEED)]
    asked = {}
    for community in np.unique(ring["community_row"]):
        keys = ring["key"][ring["community_row"] == community].tolist()
        asked |= dict(zip(keys, keys[1:] + keys[:1], strict=True))
    return asked


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_rows_do_not_matter_and_one_missing_changes_one(communities: list[int], chance: object) -> None:
    homes = homes_of(communities)
    shuffled = homes.copy()
    chance.shuffle(order := list(range(len(homes))))  # type: ignore[attr-defined]
    assert listeners(homes) == listeners(shuffled[order])
    without = listeners(homes[1:])
    changed = [key for key, told in listeners(homes).items() if key != 11 and without[key] != told]
    assert len(changed) <= 1


def test_all_neighbours_are_asked_alike_often() -> None:
    homes = homes_of([0] * 6)
    told = [listeners(homes, np.uint64(month))[11] for month in range(6_000)]
    counts = np.unique(told, return_counts=True)[1]
    assert len(counts) == 5
    assert stats.chisquare(counts).pvalue > FALSE_ALARM


def test_hearing_is_a_signal_of_the_form(model: MarketModel) -> None:
    market = model.market
    homes = market.table("households").used
    homes["news"], homes["news_form"], homes["news_signal"] = 1, FirmForm.AGENCY, 0.3
    before = (
        homes["belief_mean"][:, FirmForm.AGENCY].copy(),
        homes["belief_precision"][:, FirmForm.AGENCY].copy(),
    )
    share_news(market, ALWAYS, int(MONTH))
    weights = market.weights[0]
    var = float(weights["signal_var"] + weights["firm_quality_var"]) + ALWAYS.hearsay_var
    total = before[1] + 1.0 / var
    expected = before[0] + (0.3 - before[0]) / var / total, total
    alone = np.bincount(homes["community_row"])[homes["community_row"]] < 2
    np.testing.assert_allclose(
        homes["belief_mean"][~alone, FirmForm.AGENCY], expected[0][~alone], rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        homes["belief_precision"][~alone, FirmForm.AGENCY], expected[1][~alone], rtol=1e-4
    )
    assert (homes["news"] == 0).all(), "last month's news are told once"


def test_without_news_nothing_is_heard(model: MarketModel) -> None:
    homes = model.market.table("households").used
    homes["news"] = 0
    before = homes.copy()
    share_news(model.market, ALWAYS, int(MONTH))
    np.testing.assert_array_equal(homes, before)


def test_services_make_news_in_a_run(town: Town) -> None:
    model = MarketModel(town("period.days=40", "scale=0.2", "period.start=2026-03-10"))
    model.run_days(20)
    served = int((model.tables["households"].used["news"] == 1).sum())
    assert served > 0
    model.run_days(13)
    assert 0 < int((model.tables["households"].used["news"] == 1).sum()) < served, "April has begun anew"
