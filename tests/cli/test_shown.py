"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.shown import Reading, digits, reading, together

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (71.054, "71.1"),
        (0.957, "0.957"),
        (0.00469, "0.00469"),
        (-0.012, "-0.0120"),
        (3727964.2, "3,727,964"),
        (1284.4, "1,284"),
        (0.0000123, "1.23e-05"),
    ],
)
def test_three_digits_count(value: float, text: str) -> None:
    assert digits(value) == text


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((0.1234, -0.0312, 0.2689), ("+0.12", "-0.03", "+0.27")),
        ((501.2, -2189.4, 3192.0), ("+501", "-2,189", "+3,192")),
        ((0.0, -0.5, 0.5), ("0.00", "-0.50", "+0.50")),
        ((-3.0, -3.0, -3.0), ("-3.0", "-3.0", "-3.0")),
        ((0.0, 0.0, 0.0), ("0", "0", "0")),
        # An end near 0 decides, so it must not read as 0.
        ((0.41, 0.0034, 0.82), ("+0.410", "+0.003", "+0.820")),
        ((-0.41, -0.82, -0.0034), ("-0.410", "-0.820", "-0.003")),
        ((2e-8, -1e-8, 5e-8), ("+2.0e-08", "-1.0e-08", "+5.0e-08")),
        ((1.0, -4e9, 4e9), ("+1.0e+00", "-4.0e+09", "+4.0e+09")),
    ],
)
def test_a_difference_and_its_interval_have_equally_many_decimals(
    numbers: tuple[float, float, float], texts: tuple[str, str, str]
) -> None:
    assert together(*numbers) == texts


@given(FINITE, FINITE, FINITE)
def test_what_is_read_is_what_was_found(one: float, two: float, three: float) -> None:
    low, estimate, high = sorted((one, two, three))
    reach = (high - low) / 2.0 or abs(estimate)
    texts = together(estimate, low, high)
    assert all(len(text) <= 12 for text in texts)
    for text, value in zip(texts, (estimate, low, high), strict=True):
        assert math.isclose(float(text.replace(",", "")), value, rel_tol=0.05, abs_tol=0.051 * reach)


@pytest.mark.parametrize(
    ("unit", "size", "expected"),
    [
        ("share", 0.3, Reading("%", 100.0)),
        ("days", 0.05, Reading("min", 1440.0)),
        ("days", 0.5, Reading("days", 1.0)),
        ("days", 0.0, Reading("days", 1.0)),
        ("yuan/h", 0.01, Reading("yuan/h", 1.0)),
    ],
)
def test_shares_are_read_in_per_cent_and_short_times_in_minutes(
    unit: str, size: float, expected: Reading
) -> None:
    assert reading(unit, size) == expected
