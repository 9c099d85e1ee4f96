"""Keys permuted: other draws, the same distribution.

A key names who draws and is worth nothing by itself. The keys of households, workers and firms are handed out in the
reverse sequence, so that whoever had the smallest has the largest; the world is otherwise the same. Totals, and what
those who had the smaller keys have more than the others, must have the same law over replications: Kolmogorov and
Smirnov's test of two independent samples, under other seeds for each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.model import MarketModel
from sim.state import Rows, World
from tests.core.small import Town
from tests.metamorphic.replicate import replications

OVERRIDES = ("scale=0.06", "period.days=20")
FALSE_ALARM = 1e-3
"""Of a whole comparison of two samples; the outcomes share it. The seeds are fixed."""
TABLES = ("households", "workers", "companies")
Floats = NDArray[np.float64]


def as_given(_world: World) -> None:
    """Leave the keys as they are."""


def reversed_keys(world: World) -> None:
    """Hand the keys of each table out in the reverse sequence."""
    for name in TABLES:
        keys = world.tables[name].used["key"]
        by_key = np.argsort(keys)
        keys[by_key] = keys[by_key[::-1]].copy()


def lead(values: Rows, rows: Rows, side: float) -> float:
    """Return how much more those have, of all, whose keys lie on one side of the median: below (-1) or above (1)."""
    order = np.argsort(np.argsort(rows["key"])) - (len(rows) - 1) / 2.0
    return float((values * np.sign(side * order)).sum() / values.sum())


OUTCOMES = ("completed", "unserved", "wages", "lead of households", "lead of workers", "lead of firms")


def outcomes(model: MarketModel, side: float) -> Floats:
    """Return totals of a run, and the leads of those whose keys lie on one side."""
    tables = model.tables
    homes, firms = tables["households"].used, tables["companies"].used
    workers = tables["workers"].used
    workers = workers[workers["entered_min"] <= 0.0]
    return np.array(
        [
            float(firms["completed"].sum()),
            float(firms["unserved"].sum()),
            float(workers["income_fen"].sum()),
            lead(-homes["money_fen"].sum(axis=1), homes, side),
            lead(workers["income_fen"], workers, side),
            lead(firms["requested"], firms, side),
        ]
    )


def sample(town: Town, change: Callable[[World], None], seeds: range, *overrides: str) -> Floats:
    """Return the outcomes of replications; the leads are those of the same rows, whatever their keys."""
    side = 1.0 if change is reversed_keys else -1.0
    return np.array(
        replications(town(*OVERRIDES, *overrides), seeds, change, lambda model: outcomes(model, side))
    )


def p_values(one: Floats, other: Floats) -> Floats:
    """Return the p-value of each outcome."""
    return np.array([stats.ks_2samp(one[:, k], other[:, k]).pvalue for k in range(len(OUTCOMES))])


def check_alike(town: Town, count: int) -> None:
    one = sample(town, as_given, range(1, count + 1))
    other = sample(town, reversed_keys, range(count + 1, 2 * count + 1))
    found = dict(zip(OUTCOMES, p_values(one, other), strict=True))
    assert min(found.values()) > FALSE_ALARM / len(OUTCOMES), found


def test_permuted_keys_leave_the_distribution(town: Town) -> None:
    check_alike(town, 10)


@pytest.mark.slow
def test_permuted_keys_leave_the_distribution_in_many_replications(town: Town) -> None:
    check_alike(town, 100)


def test_permuted_keys_are_other_draws(town: Town) -> None:
    """The relation is not kept by a run that reads no keys."""
    one, other = (sample(town, change, range(1, 3), "period.days=7") for change in (as_given, reversed_keys))
    assert (one[:, :3] != other[:, :3]).any(axis=0).all()
