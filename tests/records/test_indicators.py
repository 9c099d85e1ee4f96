"""Every indicator is computed a second time from the rows themselves, with pandas, and by hand where it is small."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.clock import DAYS_PER_MONTH, MINUTES_PER_DAY
from sim.records.buyers import Buyers
from sim.records.flows import LATE_MIN
from sim.records.indicators import INDICATORS, SCOPES, SECTIONS
from sim.records.kpis import Kpi, city_values, kpis, read, write
from sim.records.recorder import Recorded
from sim.records.series import concentration, gini
from sim.state import PLACEMENT, Table
from sim.vocabulary import FirmForm, OrderState
from tests.records.history import History, recorder, tell
from tests.records.synthetic import PERIOD, SCALE, make_orders, make_world

HISTORY = History(11)
MEASURED_DAYS = PERIOD.days - PERIOD.warm_up_days
WARM_MIN = PERIOD.warm_up_days * MINUTES_PER_DAY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="module")
def recorded(folder: Path) -> Recorded:
    return tell(recorder(folder), HISTORY)


@pytest.fixture(scope="module")
def table(recorded: Recorded) -> pd.DataFrame:
    return pd.DataFrame(kpis(recorded), columns=list(Kpi._fields))


@pytest.fixture(scope="module")
def orders(recorded: Recorded, folder: Path) -> pd.DataFrame:
    """Orders requested on measured days, with what indicators divide by."""
    frame = pd.read_parquet(folder / "orders.parquet")
    frame = frame[frame["placed_min"] >= WARM_MIN].copy()
    frame["month"] = (
        np.datetime64(PERIOD.start) + (frame["placed_min"] // 1440).astype("m8[D]")
    ).dt.strftime("%Y-%m")
    frame["income_fifth"] = frame["income_fifth"].astype(str)
    return frame


@pytest.fixture(scope="module")
def placements(recorded: Recorded, folder: Path) -> pd.DataFrame:
    frame = pd.read_parquet(folder / "placements.parquet")
    return frame[frame["service"] == "nanny"]


def values(table: pd.DataFrame, indicator: str, scope: str) -> pd.Series:
    chosen = table[(table["indicator"] == indicator) & (table["scope"] == scope)]
    return chosen.set_index("group")["value"]


def city(table: pd.DataFrame, indicator: str) -> float:
    return float(values(table, indicator, "city")["all"])


def ended(frame: pd.DataFrame) -> int:
    return int(frame["state"].isin(["completed", "cancelled", "unserved"]).sum())


def completed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["state"] == "completed"]


def single_wait_days(frame: pd.DataFrame) -> pd.Series:
    done = completed(frame)
    done = done[done["recurring"] == 0]
    return (done["start_min"] - done["asked_min"]) / 1440


DIRECT = {
    "fill_rate": lambda f: len(completed(f)) / ended(f),
    "served_share": lambda f: len(completed(f)) / (ended(f) - (f["reason"] == "asked_elsewhere").sum()),
    "cancelled_share": lambda f: (f["state"] == "cancelled").sum() / ended(f),
    "unserved_share": lambda f: (f["state"] == "unserved").sum() / ended(f),
    "wait": lambda f: single_wait_days(f).mean(),
    "wait_deviation": lambda f: single_wait_days(f).std(ddof=0),
    "start_delay": lambda f: (completed(f)["start_min"] - completed(f)["wanted_min"]).mean(),
    "late_share": lambda f: (completed(f)["start_min"] > completed(f)["latest_min"] + 15).mean(),
    "lateness": lambda f: (completed(f)["start_min"] - completed(f)["latest_min"]).clip(lower=0).mean(),
    "refused_offers": lambda f: f["offers"].sum() / len(f),
    "price_per_hour": lambda f: (
        completed(f)["price_fen"].sum() / 100 / (completed(f)["duration_min"].sum() / 60)
    ),
    "price_per_visit": lambda f: completed(f)["price_fen"].mean() / 100,
    "hours_per_visit": lambda f: completed(f)["duration_min"].mean() / 60,
    "quality": lambda f: completed(f)["quality"].mean(),
    "travel_per_order": lambda f: completed(f)["travel_min"].mean(),
    "distance_per_order": lambda f: completed(f)["travel_km"].mean(),
    "hourly_earnings": lambda f: (
        completed(f)["wage_fen"].sum()
        / 100
        / ((completed(f)["duration_min"] + completed(f)["travel_min"]).sum() / 60)
    ),
}


@pytest.mark.parametrize("indicator", DIRECT)
@pytest.mark.parametrize("scope", ["month", "district", "service", "income_fifth", "firm_form"])
def test_the_cube_and_the_rows_agree_by_group(
    table: pd.DataFrame, orders: pd.DataFrame, indicator: str, scope: str
) -> None:
    found = values(table, indicator, scope).dropna()
    direct = {str(group): DIRECT[indicator](rows) for group, rows in orders.groupby(scope, observed=True)}
    direct = {group: value for group, value in direct.items() if not math.isnan(value)}
    assert found.to_dict() == pytest.approx(direct, rel=1e-4, abs=1e-6)
    assert len(direct) >= 1


@pytest.mark.parametrize("indicator", DIRECT)
def test_the_cube_and_the_rows_agree_for_the_city(
    table: pd.DataFrame, orders: pd.DataFrame, indicator: str
) -> None:
    assert city(table, indicator) == pytest.approx(DIRECT[indicator](orders), rel=1e-5)


def test_flows_of_orders_are_per_month_of_the_whole_region(table: pd.DataFrame, orders: pd.DataFrame) -> None:
    per_month = DAYS_PER_MONTH / MEASURED_DAYS / SCALE
    assert city(table, "orders_requested") == pytest.approx(len(orders) * per_month)
    assert city(table, "orders_completed") == pytest.approx(len(completed(orders)) * per_month)
    january = orders["month"] == "2026-01"
    days = PERIOD.days_of_month[0] - PERIOD.warm_up_days
    expected = january.sum() * DAYS_PER_MONTH / days / SCALE
    assert values(table, "orders_requested", "month")["2026-01"] == pytest.approx(expected)


def test_shares_by_reason_add_up_to_the_share(table: pd.DataFrame, orders: pd.DataFrame) -> None:
    for indicator, state in (("unserved_share", "unserved"), ("cancelled_share", "cancelled")):
        by_reason = values(table, indicator, "reason")
        assert by_reason.sum() == pytest.approx(city(table, indicator))
        rows = orders[(orders["state"] == state) & (orders["reason"] == "no_skill")]
        assert by_reason["no_skill"] == pytest.approx(len(rows) / ended(orders))


def test_placements_agree_with_their_rows(table: pd.DataFrame, placements: pd.DataFrame) -> None:
    started = placements[placements["start_min"] >= WARM_MIN]
    assert len(started) > 0
    search = (started["start_min"] - started["requested_min"]).mean() / 1440
    assert city(table, "search_time") == pytest.approx(search, rel=1e-5)
    assert city(table, "placements_started") == pytest.approx(
        len(started) * DAYS_PER_MONTH / MEASURED_DAYS / SCALE
    )
    asked = placements[placements["requested_min"] >= WARM_MIN]
    found = asked["state"].isin(["ended", "active"]).sum()
    lost = asked["state"].isin(["withdrawn", "unserved"]).sum()
    assert city(table, "placement_fill_rate") == pytest.approx(found / (found + lost))


STOCK_SHARES = {
    "seeking_share": ("workers_seeking", ("workers",)),
    "on_leave_share": ("workers_on_leave", ("workers",)),
    "travel_share": ("travel_min", ("on_duty_min",)),
    "utilisation": ("service_min", ("on_duty_min",)),
    "needs_met_outside_share": ("needs_met_outside", ("needs",)),
    "vacancy": ("searching_placements", ("searching_placements", "active_placements")),
}


@pytest.mark.parametrize("indicator", STOCK_SHARES)
def test_stocks_agree_with_their_rows(table: pd.DataFrame, recorded: Recorded, indicator: str) -> None:
    numerator, denominators = STOCK_SHARES[indicator]
    rows = pd.DataFrame(recorded.stocks)
    rows = rows[rows["day"] >= PERIOD.warm_up_days]
    expected = rows[numerator].sum() / rows[list(denominators)].sum(axis=1).sum()
    assert city(table, indicator) == pytest.approx(expected)
    north = rows[rows["district"] == 0]
    expected = north[numerator].sum() / north[list(denominators)].sum(axis=1).sum()
    assert values(table, indicator, "district")["north"] == pytest.approx(expected)


STOCK_MEANS = {
    "workers": "workers",
    "residents": "residents",
    "active_placements": "active_placements",
    "active_contracts": "active_contracts",
}


@pytest.mark.parametrize("indicator", STOCK_MEANS)
def test_mean_stocks_are_those_of_the_whole_region(
    table: pd.DataFrame, recorded: Recorded, indicator: str
) -> None:
    rows = pd.DataFrame(recorded.stocks)
    rows = rows[rows["day"] >= PERIOD.warm_up_days]
    total = rows.groupby("day")[STOCK_MEANS[indicator]].sum().mean()
    assert city(table, indicator) == pytest.approx(total / SCALE)


def test_entries_and_exits_are_per_month(table: pd.DataFrame, recorded: Recorded) -> None:
    rows = pd.DataFrame(recorded.stocks)
    rows = rows[rows["day"] >= PERIOD.warm_up_days]
    per_month = DAYS_PER_MONTH / MEASURED_DAYS / SCALE
    assert city(table, "entries") == pytest.approx(rows["workers_entered"].sum() * per_month)
    assert city(table, "exits") == pytest.approx(rows["workers_left"].sum() * per_month)


def test_orders_per_worker_day_counts_by_day_of_service(
    table: pd.DataFrame, recorded: Recorded, folder: Path
) -> None:
    served = pd.read_parquet(folder / "orders.parquet")["finish_min"] >= WARM_MIN
    rows = pd.DataFrame(recorded.stocks)
    days = rows.loc[rows["day"] >= PERIOD.warm_up_days, "workers_with_visits"].sum()
    assert city(table, "orders_per_worker_day") == pytest.approx(served.sum() / days)


def test_visits_per_user_by_hand(table: pd.DataFrame, recorded: Recorded, folder: Path) -> None:
    done = completed(pd.read_parquet(folder / "orders.parquet"))
    ended_on = np.minimum(done["ended_min"] // 1440, PERIOD.days - 1).to_numpy().astype(int)
    done = done.assign(ended_in=PERIOD.month_of_day[ended_on])
    done = done[PERIOD.measured_months[done["ended_in"]]]
    for service, rows in (("cleaning", done[done["service"] == "cleaning"]), ("all", done)):
        users = sum(part["household"].nunique() for _, part in rows.groupby("ended_in"))
        scope = "city" if service == "all" else "service"
        assert values(table, "visits_per_user", scope)[service] == pytest.approx(len(rows) / users)


def test_visits_per_worker_day_by_hand(table: pd.DataFrame) -> None:
    by_form = values(table, "visits_per_worker_day", "firm_form")
    assert by_form["platform"] == pytest.approx(3.0 / 2.0)


def test_the_workforce_and_the_firms_by_hand(table: pd.DataFrame, recorded: Recorded) -> None:
    shares = values(table, "workforce_share", "firm_form").dropna()
    assert shares.sum() == pytest.approx(1.0)
    assert shares["platform"] == pytest.approx(2 / 12)
    companies = recorded.frame.world.tables["companies"].used
    companies = companies[companies["form"] != FirmForm.ACQUAINTANCE]
    expected = companies["workers"].sum() / SCALE / companies["weight"].sum()
    assert city(table, "workers_per_firm") == pytest.approx(expected)


def test_hired_care_by_hand(table: pd.DataFrame) -> None:
    assert city(table, "hired_care_share") == pytest.approx(2 * 2 / (2 * 10))


def test_a_household_counts_as_a_buyer_for_twelve_months() -> None:
    world = make_world()
    world.tables["placements"] = Table.of(np.zeros(0, PLACEMENT))
    buyers = Buyers()
    orders = make_orders(1, 40)
    first = len(np.unique(orders["household_row"][orders["state"] == OrderState.COMPLETED]))
    found = []
    for month in range(14):
        if month == 1:
            buyers.note_orders(orders)
        saved = buyers.state()
        buyers = Buyers()
        buyers.restore(saved)
        found.append(buyers.close(month, world)[1])
    assert all(math.isnan(value) for value in found[:11])
    assert found[11:] == [first, first, 0.0]


# The history pays worker k in month m (k + 1) * 100 yuan * (m + 1); February has 28 days, March is cut to 10.


def test_monthly_earnings_by_hand(table: pd.DataFrame) -> None:
    monthly = 12 * 13 / 2 * 100
    expected = monthly * (2 + 3) / (12 * (28 + 10)) * DAYS_PER_MONTH
    assert city(table, "monthly_earnings") == pytest.approx(expected)
    by_month = values(table, "monthly_earnings", "month")
    assert math.isnan(by_month["2026-01"]), "January begins before the warm-up ends"
    assert by_month["2026-02"] == pytest.approx(monthly * 2 / (12 * 28) * DAYS_PER_MONTH)


def test_gini_by_hand(table: pd.DataFrame) -> None:
    ranks = np.arange(1, 13)
    differences = np.abs(ranks[:, None] - ranks[None, :]).sum() / (2 * 12 * ranks.sum())
    assert city(table, "income_gini") == pytest.approx(differences)


def test_money_by_hand(table: pd.DataFrame) -> None:
    months = (28 + 10) / DAYS_PER_MONTH
    per_month = 2 * 30_000 / months / SCALE / 1e6
    assert city(table, "household_spending") == pytest.approx(per_month)
    assert city(table, "government_outlay") == pytest.approx(per_month)
    assert values(table, "government_outlay", "month")["2026-03"] == pytest.approx(
        30_000 / (10 / DAYS_PER_MONTH) / SCALE / 1e6
    )
    assert city(table, "firm_revenue") == pytest.approx(5 * 2 * 10_000 / months / SCALE / 1e6)
    assert values(table, "firm_revenue", "firm_form")["agency"] == pytest.approx(
        2 * 10_000 / months / SCALE / 1e6
    )
    assert city(table, "firm_margin") == pytest.approx(0.25)
    assert city(table, "firm_profit") == pytest.approx(5 * 2 * 2_500 / months / SCALE / 1e6)
    assert city(table, "firm_failure_rate") == 0.0
    assert city(table, "take_rate") == pytest.approx(0.25)
    assert city(table, "overhead_rate") == pytest.approx(0.0)


def test_care_and_training_by_hand(table: pd.DataFrame) -> None:
    assert city(table, "occupancy") == pytest.approx(0.4)
    assert city(table, "graduates_placed") == pytest.approx(4 / ((28 + 10) / DAYS_PER_MONTH) / SCALE)


def test_concentration_by_hand(table: pd.DataFrame, recorded: Recorded) -> None:
    weights = recorded.frame.world.tables["companies"].used["weight"]
    expected = sum(((k + 1) / 15) ** 2 / weights[k] for k in range(5))
    assert city(table, "concentration") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("incomes", "expected"),
    [([5, 5, 5, 5], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3], 2 / 9), ([7], 0.0)],
)
def test_gini_of_known_cases(incomes: list[int], expected: float) -> None:
    assert gini(np.array(incomes)) == pytest.approx(expected)


def test_gini_and_concentration_of_nothing_are_unknown() -> None:
    assert math.isnan(gini(np.array([], np.int64)))
    assert math.isnan(gini(np.zeros(3, np.int64)))
    assert math.isnan(concentration(np.zeros(2, np.int64), np.ones(2)))


def test_concentration_of_known_cases() -> None:
    assert concentration(np.array([10]), np.ones(1)) == 1.0
    assert concentration(np.array([5, 5, 5, 5]), np.ones(4)) == pytest.approx(0.25)
    assert concentration(np.array([10]), np.array([8.0])) == pytest.approx(1 / 8), (
        "eight firms behind one row"
    )


def test_the_words_say_the_threshold_of_the_code() -> None:
    assert f"{LATE_MIN:g} min" in INDICATORS["late_share"].formula


def test_every_indicator_is_complete() -> None:
    assert len(INDICATORS) > 40
    for indicator in INDICATORS.values():
        assert indicator.formula.endswith("."), indicator.id
        assert indicator.section in SECTIONS
        assert indicator.better in {"up", "down", "none"}
        assert set(indicator.scopes) <= set(SCOPES)
        assert indicator.scopes[0] == "city"


def test_the_table_is_tidy(table: pd.DataFrame) -> None:
    assert not table.duplicated(["indicator", "scope", "group"]).any()
    assert set(table["scope"]) == set(SCOPES)
    assert set(table["indicator"]) == set(INDICATORS)
    assert table.loc[table["group"] == "none", "n"].gt(0).all(), "nobody is without a group here"
    assert set(values(table, "wait", "district").index) == {"north", "south"}
    assert table.loc[table["value"].isna(), "n"].eq(0).all(), (
        "a value is missing only where nothing was observed"
    )


def test_the_file_reads_back_as_it_was(recorded: Recorded, tmp_path: Path) -> None:
    rows = kpis(recorded)
    write(rows, tmp_path)
    assert repr(read(tmp_path)) == repr(rows)
    first = (tmp_path / "kpis.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first == "indicator,unit,better,scope,group,value,n"


def test_city_values_are_those_of_the_table(recorded: Recorded, table: pd.DataFrame) -> None:
    found = {name: math.nan if value is None else value for name, value in city_values(recorded).items()}
    expected = {name: city(table, name) for name in INDICATORS}
    assert found == pytest.approx(expected, abs=0.0, rel=0.0, nan_ok=True)
