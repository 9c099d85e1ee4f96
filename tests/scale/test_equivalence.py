"""Indicators agree between scales, within the margins that docs/scaling.md commits to.

Two one-sided tests at 5% each (a 90% interval within the margin). If an indicator lay exactly on its margin, the test
would pass with a probability of 5%: that is the false-alarm rate of "equivalent". The seeds are fixed.
"""

from __future__ import annotations

import pytest

from tools.scale_table import MARGINS, Margin, Plan, compare, measure_all

DAYS = 30
SMALL = Plan(0.01, (1, 2, 3, 4))
LARGE = Plan(0.05, (1, 2, 3))


@pytest.fixture(scope="module")
def found() -> dict[float, dict[str, list[float]]]:
    """The indicators of all runs; some minutes of work."""
    return measure_all((SMALL, LARGE), DAYS)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MARGINS))
def test_one_percent_agrees_with_five(name: str, found: dict[float, dict[str, list[float]]]) -> None:
    outcome = compare(found[SMALL.scale][name], found[LARGE.scale][name], MARGINS[name])
    assert outcome.holds, f"{name}: {outcome}"


def test_a_difference_as_wide_as_the_margin_is_not_equivalent() -> None:
    reference = [0.80, 0.81, 0.79, 0.80]
    assert compare([0.805, 0.80, 0.81, 0.80], reference, Margin(0.05)).holds
    assert not compare([0.85, 0.855, 0.845, 0.85], reference, Margin(0.05)).holds


def test_noise_alone_is_no_proof_of_equivalence() -> None:
    noisy = [0.6, 1.0, 0.7, 0.9]
    assert not compare(noisy, [0.8, 0.81, 0.79, 0.8], Margin(0.05)).holds


def test_a_relative_margin_is_a_share_of_the_reference() -> None:
    outcome = compare([9.0, 9.1, 8.9], [10.0, 10.1, 9.9], Margin(0.2, relative=True))
    assert outcome.margin == pytest.approx(2.0)
    assert outcome.holds
