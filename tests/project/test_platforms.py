"""`python -m tools.platforms` runs a scenario in processes of its own, and sees and measures a difference."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from tools.platforms import Made, Platform, broken_promises, details, differing, distances, table_of

ROOT = Path(__file__).resolve().parents[2]
ORDERS = pd.DataFrame(
    {
        "key": [1, 2, 3],
        "state": pd.Categorical(["completed", "cancelled", "completed"]),
        "travel_min": [12.5, float("nan"), 30.0],
        "price_fen": [9000, 8000, 7000],
    }
)


class Manifest(NamedTuple):
    """The part of a manifest that a comparison needs."""

    digests: dict[str, str]


class Results(NamedTuple):
    """A results folder that holds one table."""

    manifest: Manifest
    orders: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        assert name == "orders"
        return self.orders


def made(number: int, hash_seed: int, digest: str, orders: pd.DataFrame) -> Made:
    results: Any = Results(Manifest({"orders": digest, "workers": "w"}), orders)
    return Made(Platform(f"python{number}"), number, hash_seed, results)


def changed(column: str, row: int, value: object) -> pd.DataFrame:
    orders = ORDERS.astype({"state": str})
    orders.loc[row, column] = value
    return orders


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ORDERS[::-1], []),
        (changed("travel_min", 2, 30.5), [("travel_min", 1, 0.5)]),
        (changed("price_fen", 0, 9003), [("price_fen", 1, 3.0)]),
        (changed("state", 1, "unserved"), [("state", 1, 0.0)]),
        (ORDERS[:2], [("rows", 1, 1.0)]),
    ],
)
def test_a_difference_is_found_and_measured(
    other: pd.DataFrame, expected: list[tuple[str, int, float]]
) -> None:
    assert list(distances(ORDERS, other)) == expected


def test_a_table_without_keys_is_matched_by_its_texts() -> None:
    one = pd.DataFrame({"month": ["2026-01", "2026-02"], "kind": ["wage", "wage"], "amount_fen": [5, 7]})
    other = one[::-1].assign(amount_fen=[7, 9])
    assert list(distances(one, other)) == [("amount_fen", 1, 4.0)]


def test_within_one_platform_a_difference_breaks_a_promise_and_between_platforms_it_is_told() -> None:
    first, second = made(1, 0, "a", ORDERS), made(1, 7, "a", ORDERS)
    elsewhere = [made(2, seed, "b", changed("price_fen", 0, 9003)) for seed in (0, 7)]
    runs = [first, second, *elsewhere]
    assert differing(first, elsewhere[0]) == ["orders"]
    assert broken_promises(runs) == []
    assert details(first, elsewhere[0]) == ["2, hash 0: orders.price_fen differs in 1 rows, by 3 at most"]
    assert "| `orders` | `a` | equal | different | different |" in table_of(runs)
    assert "| `workers` | `w` | equal | equal | equal |" in table_of(runs)
    assert broken_promises([first, made(1, 7, "b", ORDERS)]) == [
        "within one platform: 1, hash 7 differs in orders"
    ]


@pytest.mark.slow
def test_the_command_finds_one_interpreter_in_agreement_with_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.platforms", "--days", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| `(\w+)` \| `\w{8}` \| equal \|$", done.stdout, re.MULTILINE)
    assert {"orders", "workers", "ledger", "stocks"} <= set(rows)
    assert "No number differs." in done.stdout
    assert "different" not in done.stdout


def test_a_run_that_fails_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.platforms", "--days", "-1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "period.days" in done.stderr
