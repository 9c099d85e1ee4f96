"""With what books firms begin: premises and their rent, office staff, capital and credit.

A row stands for ``weight`` real firms, of which ``weight x scale`` are simulated; its fixed costs are theirs. What goes
with the number of workers goes with the simulated workers, so that costs and revenue of a form shrink alike with scale.
"""

from __future__ import annotations

import math
from operator import mul

from sim.state import Rows
from sim.vocabulary import FirmForm
from sim.world.frame import Frame

_FEN_PER_YUAN = 100


def open_books(rows: Rows, frame: Frame, form: FirmForm) -> None:
    """Fill the columns of a form's firms that their costs, their credit and their prices begin with.

    A circle of acquaintances has neither premises nor office, neither capital nor credit.
    """
    share = frame.facts.number(f"companies.{form.name.lower()}.worker_share_level")
    rows["share_level"] = rows["share_anchor"] = share
    rows["price_anchor"], rows["size_anchor"] = rows["price_multiplier"], rows["target_workers"]
    if form != FirmForm.ACQUAINTANCE:
        _furnish(rows, frame, form)


def _furnish(rows: Rows, frame: Frame, form: FirmForm) -> None:
    """Give a form's firms premises, an office, capital and credit."""
    facts, name = frame.facts, form.name.lower()
    rents = _rent_fen_per_m2(frame)
    base = facts.number(f"companies.{name}.premises_m2")
    per_worker = facts.number(f"companies.{name}.premises_m2_per_worker")
    per_clerk = facts.number(f"companies.{name}.workers_per_office_staff")
    capital = _FEN_PER_YUAN * facts.number("companies.capital_yuan_per_worker")
    credit = _FEN_PER_YUAN * facts.number("companies.credit_yuan_per_worker")
    for row in rows:
        workers = float(row["target_workers"])
        area_m2 = base * float(row["weight"]) * frame.scale + per_worker * workers
        row["rent_fen_per_month"] = math.floor(area_m2 * rents[int(row["district"])] + 0.5)
        row["office_staff"] = workers / per_clerk
        row["capital_fen"] = math.floor(capital * workers + 0.5)
        row["credit_limit_fen"] = math.floor(credit * workers + 0.5)


def _rent_fen_per_m2(frame: Frame) -> list[float]:
    """Return by district the monthly rent of a square metre: the region's, by the district's income.

    Rents rise with income at a constant elasticity; the mean over residents is the region's rent.
    """
    facts = frame.facts
    elasticity = facts.number("companies.rent_income_elasticity")
    levels = [math.pow(income, elasticity) for income in frame.by_district("income_yuan_per_year")]
    residents = frame.by_district("residents")
    mean = math.fsum(map(mul, residents, levels)) / math.fsum(residents)
    rent_fen = _FEN_PER_YUAN * facts.number("region.rent_shop_yuan_per_m2_month")
    return [rent_fen * level / mean for level in levels]
