"""What the catalogue of services is held to: one rectangular table whose columns agree with each other."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.data.facts import Fact, FactTree
from sim.errors import Fault
from sim.names import Message, data_fault

# Quantities that only some forms have; elsewhere they must be 0.
PLACED_ONLY = ("spell_mean_months", "search_days")
VISITED_ONLY = ("duration_mean_h", "duration_max_h", "window_half_width_min")
VISITED_FORMS = ("visit", "recurring")
MONTHS = 12
TOLERANCE = 1e-6


def faults_of(tree: FactTree) -> list[Fault]:
    """All faults of the services table, none if there are no services."""
    columns = _columns(tree)
    faults: list[Fault] = []
    for service in tree.children("services"):
        missing = columns - set(tree.children(f"services.{service}"))
        if missing:
            first = tree.under(f"services.{service}")[0]
            message = data_fault("lacks_of_services", names=", ".join(sorted(missing)))
            faults.append(Fault(message, first.file, first.line, f"services.{service}"))
        else:
            faults.extend(_service_faults(tree, f"services.{service}"))
    return faults


def _columns(tree: FactTree) -> set[str]:
    return {
        column for service in tree.children("services") for column in tree.children(f"services.{service}")
    }


def _service_faults(tree: FactTree, path: str) -> Iterator[Fault]:
    checks = (_price, _duration, _months, _form, _trade)
    for check in checks:
        for fact, message in check(tree, path):
            yield Fault(message, fact.file, fact.line, fact.path)


def _price(tree: FactTree, path: str) -> Iterator[tuple[Fact, Message]]:
    price, basis = tree[f"{path}.price_yuan"], tree.text(f"{path}.price_basis")
    if price.unit != f"yuan/{basis}":
        yield price, data_fault("price_basis", found=price.unit, basis=basis)


def _duration(tree: FactTree, path: str) -> Iterator[tuple[Fact, Message]]:
    low, mean, high = (tree.number(f"{path}.duration_{which}_h") for which in ("min", "mean", "max"))
    if not low <= mean <= high:
        yield tree[f"{path}.duration_mean_h"], data_fault("duration_mean", mean=mean, low=low, high=high)


def _months(tree: FactTree, path: str) -> Iterator[tuple[Fact, Message]]:
    total = math.fsum(tree.vector(f"{path}.month_index"))
    if abs(total - MONTHS) > TOLERANCE:
        yield tree[f"{path}.month_index"], data_fault("month_sum", total=f"{total:.6g}")


def _form(tree: FactTree, path: str) -> Iterator[tuple[Fact, Message]]:
    form = tree.text(f"{path}.form")
    visited = form in VISITED_FORMS
    for quantity in VISITED_ONLY:
        fact = tree[f"{path}.{quantity}"]
        if (tree.number(fact.path) > 0) != visited:
            yield fact, data_fault("above_0" if visited else "is_0", form=form)
    for quantity in PLACED_ONLY:
        fact = tree[f"{path}.{quantity}"]
        if (tree.number(fact.path) > 0) == (form == "visit"):
            yield fact, data_fault("is_0" if form == "visit" else "above_0", form=form)


def _trade(tree: FactTree, path: str) -> Iterator[tuple[Fact, Message]]:
    trades = tree.children("region.workers_by_trade")
    trade = tree[f"{path}.trade"]
    if trades and trade.value not in trades:
        yield trade, data_fault("trade_of_nobody", trade=trade.value, trades=", ".join(trades))
