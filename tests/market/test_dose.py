"""A policy does nothing before it is announced, less the smaller its dose, and nothing at all at a dose of zero."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from sim.market import demand
from sim.model import MarketModel
from sim.records import tables
from sim.records.digest import row_hashes
from sim.records.period import Period
from sim.records.recorder import ALL_TABLES, Detail, Recorder
from sim.sink import NullSink
from sim.state import Columns, Rows, World
from sim.vocabulary import NO_ROW, MoneyKind, Sector
from tests.core.small import LIVELY, Town

VOUCHER = "policies.elder_voucher"
# Households that mind prices more than they do, so that a small town has choices that a voucher turns.
TOWN = (
    "period.start=2026-03-01",
    "scale=0.2",
    "parameters.choice.price_per_income_share=150",
    *LIVELY,
)
DAYS = 40
REACHING_ALL = (
    f"{VOUCHER}.take_up_probability=1",
    f"{VOUCHER}.least_disability=mild",
    f"{VOUCHER}.approval_mean_days=0",
    f"{VOUCHER}.cap_yuan_per_month=5000",
)
DOSES = (0.8, 0.2, 0.05, 0.0)
# What an order costs the household is the dose itself; an effect is what follows from it.
EFFECTS = tuple(name for name in tables.ORDERS.column_names if name != "support_fen")


def dose(share: float, announced: str) -> tuple[str, ...]:
    """A voucher that pays this share to all who are eligible, from its announcement on."""
    return (
        *REACHING_ALL,
        f"{VOUCHER}.announced={announced}",
        f"{VOUCHER}.begins={announced}",
        f"{VOUCHER}.home_share={share}",
        f"{VOUCHER}.institution_share={share}",
    )


class Effects(NullSink):
    """Keeps of each order that has ended, by its key, a hash of what is recorded of it, but for the support."""

    def __init__(self, period: Period) -> None:
        self.period = period
        self.orders: dict[int, int] = {}

    def orders_ended(self, rows: Rows, world: World) -> None:
        frame = tables.Frame(world, self.period)
        values = tables.ORDERS.digestible(tables.ORDERS.extract(rows, frame), frame)
        kept = [v for name, v in zip(tables.ORDERS.column_names, values, strict=True) if name in EFFECTS]
        self.orders |= dict(zip(rows["key"].tolist(), row_hashes(kept).tolist(), strict=True))


class Effect(NamedTuple):
    paid_fen: int
    orders: Mapping[int, int]


@cache
def effect(town: Town, *policy: str) -> Effect:
    scenario = town(f"period.days={DAYS}", *TOWN, *policy)
    kept = Effects(Period(scenario.settings.period.start, DAYS))
    model = MarketModel(scenario, kept)
    model.advance_to(model.end_min)
    model.close()
    paid = -int(model.market.ledger.singles[Sector.GOVERNMENT, MoneyKind.SUBSIDY])
    return Effect(paid, kept.orders)


def differing(one: Mapping[int, int], other: Mapping[int, int]) -> int:
    return sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())


def test_as_the_dose_goes_to_zero_the_effect_vanishes(town: Town) -> None:
    none = effect(town)
    given = [effect(town, *dose(share, "2026-03-03")) for share in DOSES]
    paid = [one.paid_fen for one in given]
    counts = [differing(one.orders, none.orders) for one in given]
    assert all(map(operator.gt, paid[:-1], paid[1:])), paid
    # A sixteenth of the share pays about a sixteenth; the cap, which binds the deepest only, leaves it below a tenth.
    assert paid[2] < 0.1 * paid[0]
    assert all(map(operator.ge, counts[:-1], counts[1:])), counts
    assert counts[0] > counts[1] > 0, "deep vouchers change something, or this test could not fail"
    assert counts[2] < 0.25 * counts[0]
    assert (paid[-1], counts[-1]) == (0, 0)
    assert given[-1].orders == none.orders


class Choices:
    """Stands before the choice of the demand desk; asks each claimant too what it would choose if all were paid."""

    def __init__(self, meet: Callable[..., tuple[int, float, int]]) -> None:
        self.meet = meet
        self.by_claimants = 0
        self.turned_by_full_support = 0

    def __call__(self, c: Columns, *rest: Any) -> tuple[int, float, int]:
        *_, household, service, _key, _patience, _seed = rest
        chosen = self.meet(c, *rest)
        claim = c.households[household]["claim_row"]
        if claim != NO_ROW and c.schemes[c.claims[claim]["scheme_row"]]["active"]:
            share = c.schemes[c.claims[claim]["scheme_row"]]["share"]
            assert share[service] == 0.0
            share[service] = 1.0
            self.by_claimants += 1
            self.turned_by_full_support += self.meet(c, *rest) != chosen
            share[service] = 0.0
        return chosen


def recorded(
    scenario: Any, until_day: int, folder: Path | None = None, detail: Detail = "none"
) -> tuple[MarketModel, Recorder]:
    """Run a scenario until the morning of a day, and record it."""
    settings = scenario.settings
    if folder is not None:
        folder.mkdir()
    recorder = Recorder(Period(settings.period.start, until_day), settings.scale, detail, folder)
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.advance_to(until_day * 1440.0)
    model.close()
    recorder.finish(model.ledger_totals())
    return model, recorder


def test_no_table_that_is_recorded_is_of_schemes_or_claims() -> None:
    # So none may differ at a dose of zero.
    assert not [table.name for table in ALL_TABLES if "scheme" in table.name or "claim" in table.name]


def test_at_a_dose_of_zero_with_every_hook_at_work_all_digests_are_the_baselines(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenarios = [town(f"period.days={DAYS}", *TOWN, *extra) for extra in ((), dose(0.0, "2026-03-03"))]
    _, baseline = recorded(scenarios[0], DAYS)
    choices = Choices(demand.meet)
    monkeypatch.setattr(demand, "meet", choices)
    model, zero = recorded(scenarios[1], DAYS)

    claims, schemes = model.tables["claims"].used, model.tables["schemes"].used
    assert (claims["linked"] == 1).sum() > 100
    assert schemes["active"].tolist() == [1]
    assert not schemes["share"].any()
    assert schemes["spent_fen"].tolist() == [0]
    # The claims were looked at whenever a claimant chose: had they paid, some would have chosen otherwise.
    assert choices.by_claimants > 100
    assert choices.turned_by_full_support > 0

    digests = baseline.digests()
    assert zero.digests() == digests
    assert zero.monthly_digests() == baseline.monthly_digests()
    assert {"orders", "placements", "households", "workers", "companies", "institutions", "ledger"} <= {
        *digests
    }


# Before and after the announcement

WHOLE_DAYS = 56
ANNOUNCED, ANNOUNCED_DAY = "2026-04-06", 36
BY_DAY = {"orders_daily": ("requested", "served"), "placements_daily": ("requested", "started")}
BY_MONTH = ("ledger", "workers_monthly", "firms_monthly", "region_monthly", "companies_monthly")

Worlds = Sequence[Mapping[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def worlds(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """All recorded tables of the baseline and of the voucher."""
    folder = tmp_path_factory.mktemp("recorded")
    found = []
    for name, policy in (("none", ()), ("voucher", dose(0.8, ANNOUNCED))):
        recorded(town(f"period.days={WHOLE_DAYS}", *TOWN, *policy), WHOLE_DAYS, folder / name, "tables")
        found.append({path.stem: pd.read_parquet(path) for path in sorted((folder / name).iterdir())})
    assert set(found[0]) == set(found[1]) == {table.name for table in ALL_TABLES}
    return found


def past(name: str, table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows of a table say nothing but what was over before the announcement."""
    if name in {"orders", "placements"}:
        return table["ended_min"] < ANNOUNCED_DAY * 1440.0
    if name in BY_MONTH:
        return table["month"].astype(str) < ANNOUNCED[:7]
    return pd.to_datetime(table["date"]) < pd.Timestamp(ANNOUNCED)


def part(name: str, table: pd.DataFrame, before: bool) -> list[tuple[object, ...]]:
    """The rows before or after the announcement, sorted."""
    chosen = table[past(name, table) == before]
    if name in BY_DAY:
        # A day's requests end later, some of them after the announcement, with a reason that is not known before.
        measures = list(BY_DAY[name])
        chosen = chosen[chosen["dimension"] != "reason"][["date", "dimension", "group", *measures]]
        chosen = chosen[chosen[measures].any(axis=1)]
    rows = chosen.astype(object).where(chosen.notna(), None)
    return sorted(rows.itertuples(index=False, name=None), key=str)


TIMED = ("orders", "placements", "stocks", *BY_DAY, *BY_MONTH)


@pytest.mark.parametrize("name", TIMED)
def test_nothing_that_is_recorded_differs_before_the_announcement(worlds: Worlds, name: str) -> None:
    none, voucher = (part(name, world[name], before=True) for world in worlds)
    assert len(none) > 0
    assert none == voucher


def test_what_was_asked_for_before_the_announcement_is_the_same(worlds: Worlds) -> None:
    begun = {"orders": ("placed_min", "support_fen"), "placements": ("requested_min", "price_fen_per_month")}
    for name, (when, money) in begun.items():
        asked = [
            sorted(zip(t["key"], t[when], t["service"], t["household"], t[money], strict=True))
            for t in (world[name][world[name][when] < ANNOUNCED_DAY * 1440.0] for world in worlds)
        ]
        assert len(asked[0]) > 10
        assert asked[0] == asked[1]


def test_after_the_announcement_something_differs(worlds: Worlds) -> None:
    changed = {
        name
        for name in TIMED
        if part(name, worlds[0][name], before=False) != part(name, worlds[1][name], before=False)
    }
    assert {"orders", "orders_daily", "stocks", "ledger", "firms_monthly", "companies_monthly"} <= changed
    first = worlds[1]["orders"].query("support_fen > 0")["placed_min"].min()
    assert ANNOUNCED_DAY <= first / 1440.0 < ANNOUNCED_DAY + 6, (
        "it is felt within days, so a day early would show"
    )


def test_runs_that_end_with_the_announcement_leave_equal_tables(town: Town) -> None:
    scenarios = [town(f"period.days={WHOLE_DAYS}", *TOWN, *extra) for extra in ((), dose(0.8, ANNOUNCED))]
    digests = [recorded(scenario, ANNOUNCED_DAY)[1].digests() for scenario in scenarios]
    assert digests[0] == digests[1]
    later = [recorded(scenario, ANNOUNCED_DAY + 5)[1].digests() for scenario in scenarios]
    assert later[0]["orders"] != later[1]["orders"]
    assert later[0]["households"] != later[1]["households"]
