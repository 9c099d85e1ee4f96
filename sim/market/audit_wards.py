"""The audit of institutions' houses: who works there, what that has cost, and whether the norm was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import AuditError
from sim.market.audit_sums import add_at, agree, padded
from sim.state import DEGREES, Rows
from sim.vocabulary import MoneyKind, WorkerStatus
from sim.world.frame import NEVER_MIN

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.market.payroll import PayrollRules

WAGE, INSURANCE = 0, 1


def take_in_stints(market: Market, rules: PayrollRules, ward_fen: Rows, carer_fen: Rows) -> None:
    """Add what ended times in houses have cost to the sums by institution and by worker."""
    _add(market.ward_stints.used, rules, ward_fen, carer_fen)


def check_wards(market: Market, rules: PayrollRules, ward_fen: Rows, carer_fen: Rows) -> None:
    """Compare staff, wages and insurance of institutions with the carers' times in their houses.

    Raises:
        AuditError: They differ, or a worker is in a house that is none.
    """
    workers, homes = market.table("workers").used, market.table("institutions").used
    bound = (workers["plan_length"] > 0) | (workers["contracts"] > 0) | (workers["frozen"] > 0)
    bound &= workers["status"] == WorkerStatus.STAFF
    if np.any(bound):
        raise AuditError(
            f"persons: worker {int(np.argmax(bound))} works in a house and serves households too"
        )
    running = _running(market)
    if np.any(running["institution_row"] < 0):
        raise AuditError("persons: a worker works in the house of a firm that is no institution")
    agree(
        "staff by institution", np.bincount(running["institution_row"], minlength=len(homes)), homes["staff"]
    )
    institution, carer = ward_fen.copy(), padded(carer_fen, len(workers)).copy()
    _add(running, rules, institution, carer)
    money = homes["money_fen"]
    agree("staff wages by institution", -institution[:, WAGE], money[:, MoneyKind.STAFF_WAGE])
    agree("staff insurance by institution", -institution[:, INSURANCE], money[:, MoneyKind.SOCIAL_INSURANCE])
    agree("staff wages by worker", carer, workers["money_fen"][:, MoneyKind.STAFF_WAGE])
    _check_degrees(market)


def _check_degrees(market: Market) -> None:
    homes, residents = market.table("institutions").used, market.table("residents").used
    inside = residents[residents["ended_min"] == NEVER_MIN]
    counted = np.zeros((len(homes), DEGREES), np.int64)
    add_at(counted, (inside["institution_row"], inside["degree"]), 1)
    agree("residents by institution and degree", counted, homes["by_degree"])


def _running(market: Market) -> Rows:
    """Return the times in houses that go on, until now."""
    workers, companies = market.table("workers").used, market.table("companies").used
    inside = np.flatnonzero(workers["status"] == WorkerStatus.STAFF)
    stints = np.zeros(len(inside), market.ward_stints.used.dtype)
    stints["worker_row"] = inside
    stints["institution_row"] = companies["institution_row"][workers["company_row"][inside]]
    stints["from_min"], stints["to_min"] = workers["ward_since_min"][inside], market.now_min
    return stints


def _add(stints: Rows, rules: PayrollRules, ward_fen: Rows, carer_fen: Rows) -> None:
    minutes = (stints["to_min"] - stints["from_min"]).tolist()
    wages = np.array([rules.staff_wage_fen(each) for each in minutes], np.int64)
    insurance = np.array([rules.insurance_fen(each) for each in minutes], np.int64)
    add_at(ward_fen, (stints["institution_row"], WAGE), wages)
    add_at(ward_fen, (stints["institution_row"], INSURANCE), insurance)
    add_at(carer_fen, stints["worker_row"], wages)
