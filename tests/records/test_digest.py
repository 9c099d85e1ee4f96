from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.records.digest import Digest, row_hashes, text_bits

numbers = st.lists(st.tuples(st.integers(-(2**40), 2**40), st.floats(allow_nan=False, width=64)), max_size=40)


def columns(rows: list[tuple[int, float]]) -> list[np.ndarray]:
    return [np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float64)]


def digest(chunks: list[list[tuple[int, float]]]) -> str:
    whole = Digest()
    for chunk in chunks:
        whole.add(columns(chunk))
    return whole.hex("table", ("a", "b"))


@given(numbers, st.randoms(use_true_random=False), st.integers(0, 40))
def test_order_and_chunks_of_rows_do_not_matter(
    rows: list[tuple[int, float]], shuffled: object, cut: int
) -> None:
    other = list(rows)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    assert digest([rows]) == digest([other[:cut], other[cut:]])


@given(numbers.filter(bool), st.data())
def test_any_changed_value_shows(rows: list[tuple[int, float]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = list(rows)
    changed[at] = (rows[at][0] + 1, rows[at][1])
    assert digest([rows]) != digest([changed])


@given(numbers.filter(bool))
def test_a_row_more_shows_even_if_it_is_a_copy(rows: list[tuple[int, float]]) -> None:
    assert digest([rows]) != digest([[*rows, rows[0]]])


def test_swapped_columns_and_exchanged_values_show() -> None:
    assert digest([[(1, 2.0), (3, 4.0)]]) != digest([[(1, 4.0), (3, 2.0)]])
    one = Digest()
    one.add([np.array([1]), np.array([2])])
    assert one.hex("table", ("a", "b")) != one.hex("table", ("b", "a"))
    assert one.hex("table", ("a", "b")) != one.hex("other", ("a", "b"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.array([0.0]), np.array([-0.0])),
        (np.array([np.nan]), np.array([-np.nan])),
        (np.array([5], np.int8), np.array([5], np.int64)),
        (np.array([0.5], np.float32), np.array([0.5], np.float64)),
    ],
)
def test_equal_values_are_equal_whatever_their_bits(first: np.ndarray, second: np.ndarray) -> None:
    assert row_hashes([first])[0] == row_hashes([second])[0]


def test_a_date_is_known_by_its_day() -> None:
    days = [np.array(["2026-01-01", "2026-01-02"], "M8[D]"), np.array(["2026-01-01", "2026-01-02"], "M8[s]")]
    assert row_hashes([days[0]]).tolist() == row_hashes([days[1]]).tolist()
    assert len(set(row_hashes([days[0]]).tolist())) == 2


def test_a_merged_digest_is_that_of_all_rows() -> None:
    first, second = Digest(), Digest()
    first.add([np.array([1, 2])])
    second.add([np.array([3])])
    first.merge(second)
    whole = Digest()
    whole.add([np.array([3, 1, 2])])
    assert first.hex("t", ("a",)) == whole.hex("t", ("a",))


def test_a_saved_digest_goes_on() -> None:
    first = Digest()
    first.add([np.array([1, 2])])
    second = Digest(first.state)
    second.add([np.array([3])])
    assert first.state[0] == 2, "the saved state is a copy"
    assert second.state[0] == 3


def test_a_category_is_known_by_its_name_and_digests_stay_what_they_are() -> None:
    assert text_bits(("a", "b"))[1] == text_bits(("b",))[0]
    fixed = Digest()
    fixed.add([np.arange(5), np.linspace(0.0, 1.0, 5)])
    assert fixed.hex("orders", ("key", "value")) == "7c2819ec83ed305fe373858fccc7bc16"
