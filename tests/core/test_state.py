"""Tables: rows are handed out again, the array grows, and a stamp outlives its row's tenant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim.state import DTYPES, ORDER, WORKER, Table


class Tenants(RuleBasedStateMachine):
    """A table beside a dictionary that says what must stand in it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(ORDER, 2)
        self.living: dict[int, int] = {}
        self.stamps: dict[int, int] = {}
        self.counter = 0

    @rule()
    def move_in(self) -> None:
        row = self.table.add()
        assert row not in self.living
        cleared = self.table.rows[row].copy()
        assert cleared["stamp"] >= self.stamps.get(row, -1) + (row in self.stamps)
        cleared["stamp"] = 0
        assert cleared == np.zeros((), ORDER)
        self.counter += 1
        self.table.rows["key"][row] = self.counter
        self.living[row] = self.counter
        self.stamps[row] = int(self.table.rows["stamp"][row])

    @rule(data=st.data())
    def move_out(self, data: st.DataObject) -> None:
        if self.living:
            row = data.draw(st.sampled_from(sorted(self.living)))
            del self.living[row]
            self.table.release(row)

    @rule(data=st.data())
    def stamp(self, data: st.DataObject) -> None:
        if self.living:
            row = data.draw(st.sampled_from(sorted(self.living)))
            self.table.rows["stamp"][row] += 1
            self.stamps[row] += 1

    @invariant()
    def everybody_is_at_home(self) -> None:
        assert {row: int(self.table.rows["key"][row]) for row in self.living} == self.living
        assert self.table.size == len(self.living) + len(self.table.free)
        assert len(self.table.used) == self.table.size <= len(self.table.rows)


TestTenants = Tenants.TestCase
TestTenants.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


def test_a_table_grows_and_keeps_its_rows() -> None:
    table = Table(WORKER, 2)
    for key in range(1, 100):
        row = table.add()  # may move the array
        table.rows["key"][row] = key
    assert table.used["key"].tolist() == list(range(1, 100))
    assert len(table.rows) >= 99


def test_the_row_released_last_is_taken_first() -> None:
    table = Table(ORDER, 4)
    rows = [table.add() for _ in range(4)]
    for row in rows[:3]:
        table.release(row)
    assert [table.add(), table.add(), table.add(), table.add()] == [2, 1, 0, 4]


def test_a_table_without_stamps_clears_its_rows_too() -> None:
    table = Table(DTYPES["households"], 2)
    row = table.add()
    table.rows["key"][row] = 9
    table.release(row)
    assert table.add() == row
    assert table.rows["key"][row] == 0


@given(st.integers(0, 40))
@settings(deadline=None)
def test_a_table_of_rows_copies_them_and_can_grow(count: int) -> None:
    rows = np.zeros(count, ORDER)
    rows["key"] = np.arange(count)
    table = Table.of(rows)
    rows["key"] = 7
    assert table.used["key"].tolist() == list(range(count))
    assert table.add() == count
    assert table.rows["key"][count] == 0


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_table_can_be_empty_and_grow(name: str) -> None:
    table = Table.of(np.zeros(0, DTYPES[name]))
    assert [table.add() for _ in range(3)] == [0, 1, 2]
