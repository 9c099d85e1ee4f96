"""The lives desk: how households change on the first of a month.

They expect and have children, children leave, elders lose abilities, and some move within their district. Everything
is drawn by (household, month), so that nobody's life hangs on another's. What has been agreed goes on: a placement
stays with the household, an order that is placed is served where it was placed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.compiled import entry, kernel
from sim.rng import decision, derive, uniform
from sim.state import DEGREES, Record, Rows
from sim.world.lives import LifeRules
from sim.world.places import first_and_count, scatter

if TYPE_CHECKING:
    from sim.market.market import Market

_EXPECTS = decision("household.expects")
_DUE = decision("household.due")
_CHILD_LEAVES = decision("household.child_leaves")
_ONSET = decision("household.onset")
_MOVES = decision("household.moves")
_HOME = decision("household.new_home")
_FAMILY = 3
_LAST_DEGREE = DEGREES - 1


@entry
@kernel
def live_a_month(
    households: Rows, lives: Rows, rules: LifeRules, now_min: float, month: np.uint64, seed: np.uint64
) -> None:
    """Change all households by what happens in a month, and count it in the one row of ``lives``."""
    count = lives[0]
    for h in range(len(households)):
        row = households[h]
        _be_born(row, count, now_min)
        _grow_up(row, count, rules, now_min)
        _expect(row, count, rules, now_min, month, seed)
        _leave(row, count, rules, month, seed)
        _lose_abilities(row, count, rules, month, seed)


@kernel
def _be_born(row: Record, count: Record, now_min: float) -> None:
    if 0.0 < row.due_min <= now_min:
        row.infants = 1
        row.members += 1
        row.infant_since_min = row.due_min
        row.due_min = 0.0
        count.births += 1


@kernel
def _grow_up(row: Record, count: Record, rules: LifeRules, now_min: float) -> None:
    if row.infants > 0 and now_min - row.infant_since_min >= rules.infancy_min:
        row.infants = 0
        count.grown_up += 1


@kernel
def _expect(
    row: Record, count: Record, rules: LifeRules, now_min: float, month: np.uint64, seed: np.uint64
) -> None:
    if row.members < 2 or row.infants > 0 or row.due_min > 0.0:
        return
    if uniform(seed, _EXPECTS, row.key, month) < rules.birth_probability:
        days = rules.expecting_days + DAYS_PER_MONTH * uniform(seed, _DUE, row.key, month)
        row.due_min = now_min + days * MINUTES_PER_DAY
        count.expected += 1


@kernel
def _leave(row: Record, count: Record, rules: LifeRules, month: np.uint64, seed: np.uint64) -> None:
    if row.members < _FAMILY or row.infants > 0 or row.due_min > 0.0 or row.members <= row.elders + 1:
        return
    if uniform(seed, _CHILD_LEAVES, row.key, month) < rules.leaving_probability:
        row.members -= 1
        count.moved_out += 1


@kernel
def _lose_abilities(row: Record, count: Record, rules: LifeRules, month: np.uint64, seed: np.uint64) -> None:
    if row.elders == 0 or uniform(seed, _ONSET, row.key, month) >= rules.onset_probability[row.disability]:
        return
    if row.disability == _LAST_DEGREE:
        row.disability = 0
        count.succeeded += 1
    else:
        row.disability += 1
        count.onsets += 1


@entry
@kernel
def movers(households: Rows, probability: float, month: np.uint64, seed: np.uint64, out: np.ndarray) -> int:
    """Write the rows of households that move in a month into ``out``; return how many they are."""
    count = 0
    for h in range(len(households)):
        if uniform(seed, _MOVES, households[h].key, month) < probability:
            out[count] = h
            count += 1
    return count


class LivesDesk:
    """Lets households live.

    Args:
        market: The shared working memory.
        rules: Probabilities of a month.
    """

    def __init__(self, market: Market, rules: LifeRules) -> None:
        self.market = market
        self.rules = rules
        tables = market.world.tables
        self._first, self._count = first_and_count(tables["communities"].used, tables["districts"].used)

    def open_month(self, day: int) -> None:
        """Let the month that begins change all households."""
        market = self.market
        today = market.calendar.date_of(day)
        month = np.uint64(MONTHS_PER_YEAR * today.year + today.month)
        households, lives = market.table("households").used, market.table("lives").used
        live_a_month(households, lives, self.rules, market.now_min, month, market.seed)
        self._move(month)

    def _move(self, month: np.uint64) -> None:
        """Give movers a home drawn by (household, month), somewhere in their district."""
        market = self.market
        households = market.table("households").used
        found = np.empty(len(households), np.int64)
        count = movers(households, self.rules.move_probability, month, market.seed, found)
        moving = households[found[:count]]  # a copy, whose keys are those of the occasion
        moving["key"] = [derive(derive(key, _HOME), month) for key in moving["key"]]
        tables = market.world.tables
        scatter(
            moving,
            tables["districts"].used,
            tables["communities"].used,
            self._first,
            self._count,
            market.seed,
        )
        for name in ("community_row", "x_km", "y_km", "city_x_km", "city_y_km"):
            households[name][found[:count]] = moving[name]
        market.rows("lives")["moved_home"][0] += count
