"""Whole numbers from shares: totals that add up exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence

Table = list[list[float]]


def apportion(total: int, weights: Sequence[float], at_least: int = 0) -> list[int]:
    """Split ``total`` in proportion to ``weights`` into whole numbers that add up to it.

    Largest remainders (Hamilton's method); equal remainders go to the earlier entry. An entry with weight 0 gets
    ``at_least`` only.

    Args:
        total: What is split, at least ``at_least`` times the number of entries.
        weights: Not negative; not all 0 unless nothing is left to split.
        at_least: What every entry gets before the rest is split.
    """
    count = len(weights)
    if total < at_least * count:
        raise ValueError(f"{total} cannot give each of {count} entries {at_least}")
    whole = math.fsum(weights)
    if whole <= 0.0:
        if total > at_least * count:
            raise ValueError("nothing to split by: all weights are 0")
        return [at_least] * count
    quotas = [max(total * weight / whole, float(at_least)) for weight in weights]
    surplus = math.fsum(quotas) - total
    quotas = _without_surplus(quotas, surplus, float(at_least))
    return _rounded(total, quotas)


def _without_surplus(quotas: list[float], surplus: float, floor: float) -> list[float]:
    """Take the surplus that the floor caused from those above the floor, in proportion to their excess."""
    excess = math.fsum(quota - floor for quota in quotas)
    if surplus <= 0.0 or excess <= 0.0:
        return quotas
    keep = max(0.0, 1.0 - surplus / excess)
    return [floor + keep * (quota - floor) for quota in quotas]


def _rounded(total: int, quotas: Sequence[float]) -> list[int]:
    floors = [math.floor(quota + 1e-9) for quota in quotas]
    missing = total - sum(floors)
    by_remainder = sorted(range(len(quotas)), key=lambda k: (-(quotas[k] - floors[k]), k))
    for k in by_remainder[:missing]:
        floors[k] += 1
    return floors


def fitted(rows: Sequence[float], columns: Sequence[float], allowed: Sequence[Sequence[bool]]) -> Table:
    """Fill a table with given sums of rows and columns, zero where it is not allowed.

    Iterative proportional fitting (Deming and Stephan 1940). Where the zeros make both margins impossible, the rows are
    met and the columns as nearly as can be.
    """
    table = [[float(ok) * columns[k] for k, ok in enumerate(line)] for line in allowed]
    for _ in range(200):
        for k, column in enumerate(columns):
            _scale_column(table, k, column)
        for line, row in zip(table, rows, strict=True):
            _scale(line, row)
    return table


def _scale(line: list[float], wanted: float) -> None:
    total = math.fsum(line)
    if total > 0.0:
        line[:] = [value * wanted / total for value in line]


def _scale_column(table: Table, k: int, wanted: float) -> None:
    total = math.fsum(line[k] for line in table)
    if total > 0.0:
        for line in table:
            line[k] *= wanted / total


def systematic(count: int, chosen: int, start: float) -> list[int]:
    """Pick ``chosen`` of ``count`` entries at equal steps (systematic sampling).

    Args:
        count: Entries there are.
        chosen: Entries to pick, at most ``count``.
        start: Random start in [0, 1).
    """
    offset = min(int(start * count), count - 1)
    return [(offset + k * count) // chosen for k in range(chosen)]
