"""Persons, jobs, hours and money are conserved, also when every firm is forced into bankruptcy month after month.

Counted anew from the rows and from what the sink has seen, without the audits and their running totals.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.market.insolvency import EntrantRules, replace_insolvent
from sim.market.ledger import TABLE_OF_SECTOR
from sim.market.market import Market
from sim.model import MarketModel
from sim.state import Rows, World
from sim.vocabulary import FirmForm, MoneyKind, OrderState, Sector, WorkerStatus
from sim.world.frame import NEVER_MIN
from tests.core.small import LIVELY, Town
from tests.market.watch import Collector

DAYS = 95
FAILURES = 3
RUINOUS_YUAN = 1_000_000
CANNOT_FAIL = (FirmForm.INSTITUTION, FirmForm.ACQUAINTANCE)
ITS_OWNERS = {
    "failures", "price_multiplier", "price_anchor", "quality", "rating_sum", "rating_count", "rating_discount",
    "share_level", "size_anchor", "capital_fen", "money_fen",
}  # fmt: skip
"""Columns of a firm that a change of owner may touch."""


class Witness(Collector):
    """Keeps what has ended, and how all tables stood before and after each change of owners."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, Rows] = {}
        self.changes: list[tuple[dict[str, Rows], dict[str, Rows]]] = []

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def replace_and_look(market: Market, rules: EntrantRules) -> None:
            before = copied(market.world)
            replace_insolvent(market, rules)
            self.changes.append((before, copied(market.world)))

        monkeypatch.setattr("sim.market.desks.replace_insolvent", replace_and_look)


def copied(world: World) -> dict[str, Rows]:
    return {name: table.used.copy() for name, table in world.tables.items()}


@pytest.fixture(scope="module")
def ruined(town: Town) -> tuple[MarketModel, Witness]:
    """A lively run in which every firm that can fail does so on the first of each month."""
    witness = Witness()
    with pytest.MonkeyPatch.context() as patch:
        witness.watch(patch)
        model = MarketModel(town(f"period.days={DAYS}", "scale=0.08", *LIVELY), witness)
        witness.first = copied(model.world)
        rents = model.tables["companies"].used["rent_fen_per_month"]
        rents[may_fail(model.tables["companies"].used)] = 100 * RUINOUS_YUAN
        model.run_days(DAYS)
        model.close()
    return model, witness


def may_fail(companies: Rows) -> NDArray[np.bool_]:
    return ~np.isin(companies["form"], CANNOT_FAIL)


def accounts(tables: dict[str, Rows]) -> NDArray[np.int64]:
    """Return the sum of all accounts in tables, by kind of money."""
    return np.sum([tables[name]["money_fen"].sum(axis=0) for name in TABLE_OF_SECTOR.values()], axis=0)


def test_every_firm_fails_every_month(ruined: tuple[MarketModel, Witness]) -> None:
    firms = ruined[0].tables["companies"].used
    assert (firms["failures"][may_fail(firms)] == FAILURES).all()
    assert not firms["failures"][~may_fail(firms)].any()
    assert np.count_nonzero(may_fail(firms)) > 5


def test_a_change_of_owners_moves_no_person_no_job_and_no_work(ruined: tuple[MarketModel, Witness]) -> None:
    """All tables stand as before, but for what a firm's owner brings and the debts that are written off."""
    assert len(ruined[1].changes) == FAILURES
    for before, after in ruined[1].changes:
        for name, rows in before.items():
            columns = set(rows.dtype.names or ()) - (ITS_OWNERS if name == "companies" else set())
            changed = [column for column in columns if not np.array_equal(rows[column], after[name][column])]
            assert changed == [], name
        moved = after["companies"]["money_fen"] - before["companies"]["money_fen"]
        assert not np.delete(moved, MoneyKind.WRITE_OFF, axis=1).any()


def test_debts_written_off_are_what_firms_owed_and_somebody_bears_them(
    ruined: tuple[MarketModel, Witness],
) -> None:
    model, witness = ruined
    borne = 0
    for before, after in witness.changes:
        firms = before["companies"]
        cash = firms["capital_fen"] + firms["money_fen"].sum(axis=1)
        failed = after["companies"]["failures"] > firms["failures"]
        written_off = (after["companies"]["money_fen"] - firms["money_fen"])[:, MoneyKind.WRITE_OFF]
        np.testing.assert_array_equal(written_off, np.where(failed, -cash, 0))
        borne += int(written_off.sum())
    assert borne > 0
    assert model.market.ledger.singles[Sector.REST_OF_WORLD, MoneyKind.WRITE_OFF] == -borne


def test_persons_are_conserved(ruined: tuple[MarketModel, Witness]) -> None:
    model, witness = ruined
    first = witness.first
    homes, workers = model.tables["households"].used, model.tables["workers"].used
    for column in ("key", "elders"):
        np.testing.assert_array_equal(homes[column], first["households"][column])
    lives = model.tables["lives"].used[0]
    more = homes["members"].astype(int) - first["households"]["members"]
    assert more.sum() == lives["births"] - lives["moved_out"]
    assert (homes["infants"].astype(int) - first["households"]["infants"]).sum() == lives["births"] - lives[
        "grown_up"
    ]
    np.testing.assert_array_equal(workers["key"][: len(first["workers"])], first["workers"]["key"])
    assert (
        len(np.unique(workers["key"])) == len(workers) == len(first["workers"]) + model.market.entered_in_all
    )
    gone = workers["status"] == WorkerStatus.LEFT
    assert np.count_nonzero(gone) == model.market.left_in_all > 0
    assert ((workers["left_min"] <= model.now_min) == gone).all()
    inside = model.tables["residents"].used
    inside = inside[inside["ended_min"] == NEVER_MIN]
    np.testing.assert_array_equal(
        np.bincount(inside["household_row"], minlength=len(homes)), homes["residents"]
    )
    assert len(inside) > 0


def test_jobs_are_conserved(ruined: tuple[MarketModel, Witness]) -> None:
    """Everybody in the trade has one employer, and firms have together as many workers as are there."""
    model = ruined[0]
    workers, firms = model.tables["workers"].used, model.tables["companies"].used
    here = workers[workers["status"] != WorkerStatus.LEFT]
    assert ((here["company_row"] >= 0) & (here["company_row"] < len(firms))).all()
    model.market.reindex_members()
    np.testing.assert_array_equal(firms["workers"], np.bincount(here["company_row"], minlength=len(firms)))
    assert (firms["completed"][may_fail(firms)] > 0).any(), "the entrants' workers serve"


def test_hours_are_conserved(ruined: tuple[MarketModel, Witness]) -> None:
    """The hours that households were served are those that workers gave, one by one and in all."""
    model, witness = ruined
    orders = witness.orders()
    done = orders[orders["state"] == OrderState.COMPLETED]
    workers = model.tables["workers"].used
    for column, spent in (
        ("service_min", done["finish_min"] - done["start_min"]),
        ("travel_min", done["arrive_min"] - done["depart_min"]),
    ):
        by_worker = np.bincount(done["worker_row"], spent, minlength=len(workers))
        np.testing.assert_allclose(workers[column], by_worker, rtol=1e-9, atol=1e-6)
    served = np.bincount(done["company_row"], minlength=model.tables["companies"].size)
    np.testing.assert_array_equal(model.tables["companies"].used["completed"], served)
    assert len(done) > 500


def test_money_is_conserved(ruined: tuple[MarketModel, Witness]) -> None:
    """Of each kind of money all accounts together hold nothing, and what is paid for visits arrives to the fen."""
    model, witness = ruined
    tables = {name: table.used for name, table in model.tables.items()}
    assert not (accounts(tables) + model.market.ledger.singles.sum(axis=0)).any()
    for before, after in witness.changes:
        assert accounts(after)[MoneyKind.WRITE_OFF] >= accounts(before)[MoneyKind.WRITE_OFF]
    months = model.ledger_totals()
    for sector, name in TABLE_OF_SECTOR.items():
        received = months[months["payee"] == sector]["amount_fen"].sum()
        paid = months[months["payer"] == sector]["amount_fen"].sum()
        assert tables[name]["money_fen"].sum() == received - paid, name
