"""The benchmark's one table: the market, a bare SimPy loop and the textbook version, at three scales.

Run by `make bench`. Every case runs in a process of its own, one after the other, so that nobody shares a cache, a
heap or a core with another. The bare loop has four events an order and as deep a calendar as the market had; the
textbook version gets the market's own counts of households, workers and orders and its density of workers.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import Any

SCALES_AND_DAYS = ((0.002, 56, 28), (0.01, 28, 7), (0.05, 14, 2))
BARE_ORDERS = 50_000
HEADER = (
    ("scale", 6),
    ("orders/s", 10),
    ("of bare", 8),
    ("textbook/s", 11),
    ("x textbook", 11),
    ("set-up s", 9),
    ("peak MiB", 9),
    ("days", 5),
    ("orders", 9),
)


def main() -> int:
    """Measure all scales and print the table."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    measure(
        "market", scale=SCALES_AND_DAYS[0][0], days=1
    )  # compiles the kernels if that has not been done yet
    print("".join(f"{title:>{width}}" for title, width in HEADER))
    for scale, days, textbook_days in SCALES_AND_DAYS:
        print(row(scale, days, textbook_days), flush=True)
    print(
        "orders/s: completed orders per second of simulation, without set-up and the first day.\n"
        "Seconds are processor seconds of the one process, so that a busy machine blurs them less.\n"
        "of bare: ratio to a SimPy loop of four empty events an order at the same calendar depth.\n"
        "x textbook: ratio to benchmarks/textbook.py with the same counts and density."
    )
    return 0


def row(scale: float, days: int, textbook_days: int) -> str:
    """Measure one scale and return its line of the table."""
    market = measure("market", scale=scale, days=days)
    bare = measure("bare", orders=BARE_ORDERS, depth=market["depth"])
    plain = measure("textbook", size=market["textbook_size"], days=textbook_days)
    cells = (
        f"{scale:g}",
        f"{market['orders_per_s']:,.0f}",
        f"{market['orders_per_s'] / bare['orders_per_s']:.2f}",
        f"{plain['orders_per_s']:,.0f}",
        f"{market['orders_per_s'] / plain['orders_per_s']:.1f}",
        f"{market['setup_s']:.1f}",
        f"{market['peak_mib']:,.0f}",
        f"{days}",
        f"{market['completed']:,}",
    )
    return "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, HEADER, strict=True))


def measure(case: str, **request: Any) -> dict[str, Any]:
    """Run one case in a fresh process and return what it measured."""
    command = [sys.executable, "-m", "benchmarks.case", json.dumps({"case": case, **request})]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
