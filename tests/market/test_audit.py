"""Every audit is broken once, behind the engine's back, and must say so with the place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.errors import AuditError
from sim.market import orders as order_steps
from sim.market.ledger import pay_company, pay_worker
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.state import Rows
from sim.vocabulary import (
    NO_ROW,
    FirmForm,
    MoneyKind,
    OrderState,
    PlacementState,
    Reason,
    Sector,
    ServiceForm,
    WorkerStatus,
)
from tests.core.small import LIVELY, Town

DAY = 24
HOUR = 11.0
VOUCHER = (
    "policies.elder_voucher.announced=2026-01-02",
    "policies.elder_voucher.begins=2026-01-03",
    "policies.elder_voucher.take_up_probability=1",
    "policies.elder_voucher.least_disability=mild",
    "policies.elder_voucher.approval_mean_days=0",
)
OVERRIDES = ("period.days=28", "scale=0.15", "seed=2", *LIVELY, *VOUCHER)
Mutation = Callable[[MarketModel], None]


@pytest.fixture(scope="module")
def scenario(town: Town) -> Scenario:
    return town(*OVERRIDES)


@pytest.fixture(scope="module")
def saved(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that stands still late in a month and in the morning, when all kinds of rows are in use."""
    model = MarketModel(scenario)
    model.advance_to((24 * DAY + HOUR) * 60.0)
    file = tmp_path_factory.mktemp("audit") / "state"
    model.save(file)
    return file


@pytest.fixture
def model(saved: Path, scenario: Scenario) -> MarketModel:
    return MarketModel.resume(saved, scenario)


def table(model: MarketModel, name: str) -> Rows:
    return model.tables[name].used


def orders_in(model: MarketModel, *states: OrderState) -> Rows:
    found: Rows = np.flatnonzero(np.isin(table(model, "orders")["state"], states))
    assert len(found), f"no order is {states}"
    return found


def live_placements(model: MarketModel, form: ServiceForm, state: PlacementState) -> Rows:
    rows = table(model, "placements")
    forms = table(model, "services")["form"][rows["service"]]
    found: Rows = np.flatnonzero((rows["state"] == state) & (forms == form))
    assert len(found), f"no {form} is {state}"
    return found


def planned(model: MarketModel) -> Rows:
    """Return workers with an order in their plan that has not begun."""
    workers = table(model, "workers")
    found: Rows = np.flatnonzero(workers["plan_length"] > workers["frozen"])
    assert len(found) > 1
    return found


def completed(model: MarketModel) -> Rows:
    rows = model.market.ended_orders.used
    found: Rows = np.flatnonzero(rows["state"] == OrderState.COMPLETED)
    return found


# Money.


def move_one_fen(model: MarketModel) -> None:
    pay_company(model.market.columns, 5, 2, int(MoneyKind.SERVICE), 1)


def make_one_fen(model: MarketModel) -> None:
    table(model, "companies")["money_fen"][2, MoneyKind.SOCIAL_INSURANCE] += 1


def make_one_fen_from_nothing_for_a_household(model: MarketModel) -> None:
    table(model, "households")["money_fen"][5, MoneyKind.SERVICE] += 1


def call_it_another_kind(model: MarketModel) -> None:
    spenders = table(model, "households")["money_fen"]
    spender = int(np.argmin(spenders[:, MoneyKind.SERVICE]))
    spenders[spender, MoneyKind.SERVICE] += 100
    spenders[spender, MoneyKind.CARE_FEE] -= 100


def pay_a_wage_twice(model: MarketModel) -> None:
    row = model.market.ended_orders.used[completed(model)[0]]
    pay_worker(
        model.market.columns, int(row["company_row"]), int(row["worker_row"]), int(MoneyKind.WAGE),
        int(row["wage_fen"]),
    )  # fmt: skip


def pay_a_placements_wage_twice(model: MarketModel) -> None:
    placement = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)[0]
    row = table(model, "placements")[placement]
    worker = int(row["worker_row"])
    pay_worker(model.market.columns, int(row["company_row"]), worker, int(MoneyKind.WAGE), 7)


def pay_a_stint_to_somebody_else(model: MarketModel) -> None:
    placement = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)[0]
    wages = table(model, "workers")["money_fen"][:, MoneyKind.WAGE]
    wages[int(table(model, "placements")["worker_row"][placement])] -= 7
    wages[0] += 7


def forget_a_stint(model: MarketModel) -> None:
    stints = model.market.stints
    assert stints.size, "no worker has ended a part of a placement this month"
    stints.size -= 1


def inside(model: MarketModel) -> int:
    """Return a worker who works in an institution's house."""
    return int(np.flatnonzero(table(model, "workers")["status"] == WorkerStatus.STAFF)[0])


def insured_firm(model: MarketModel) -> int:
    companies = table(model, "companies")
    firms = np.flatnonzero((companies["form"] == FirmForm.EMPLOYEE_BASED) & (companies["workers"] > 0))
    return int(firms[0])


def insure_a_month_too_much(model: MarketModel) -> None:
    table(model, "companies")["payroll_min"][insured_firm(model)] += 30 * 1440.0


def leave_the_payroll_unnoticed(model: MarketModel) -> None:
    workers = table(model, "workers")
    employed = np.flatnonzero(workers["company_row"] == insured_firm(model))
    workers["payroll_until_min"][employed[0]] = model.end_min


def dismiss_a_carer(model: MarketModel) -> None:
    homes = table(model, "institutions")
    homes["staff"][int(np.argmax(homes["beds"]))] -= 1


def forget_a_ward_stint(model: MarketModel) -> None:
    worker = inside(model)
    model.desks.region.wards.leave(worker)  # type: ignore[union-attr]
    model.market.ward_stints.size -= 1


def insure_a_carer_twice(model: MarketModel) -> None:
    homes = (Sector.INSTITUTION, int(np.argmax(table(model, "institutions")["beds"])))
    ledger = model.market.ledger
    ledger.transfer(model.tables, homes, (Sector.GOVERNMENT, 0), MoneyKind.SOCIAL_INSURANCE, 1)


def pay_another_carer(model: MarketModel) -> None:
    wages = table(model, "workers")["money_fen"][:, MoneyKind.STAFF_WAGE]
    wages[inside(model)] -= 1
    wages[0 if inside(model) else 1] += 1


def work_in_no_house(model: MarketModel) -> None:
    forms = table(model, "companies")["form"]
    table(model, "workers")["company_row"][inside(model)] = np.argmax(forms == FirmForm.AGENCY)


def serve_a_household_beside_the_house(model: MarketModel) -> None:
    table(model, "workers")["weekdays"][inside(model)] = 0
    table(model, "workers")["frozen"][inside(model)] = 1


def assess_an_elder_anew(model: MarketModel) -> None:
    residents = table(model, "residents")
    first = np.flatnonzero(residents["ended_min"] > model.now_min)[0]
    residents["degree"][first] = (residents["degree"][first] + 1) % 4


def pay_a_carer_for_a_day_more(model: MarketModel) -> None:
    table(model, "workers")["ward_paid_fen"][inside(model)] -= 1440


def staff_an_office_unnoticed(model: MarketModel) -> None:
    table(model, "companies")["office_staff"][0] += 1.0


def forgive_a_debt(model: MarketModel) -> None:
    model.market.ledger.transfer(
        model.tables, (Sector.REST_OF_WORLD, 0), (Sector.COMPANY, 1), MoneyKind.WRITE_OFF, 100
    )


def hide_a_profit(model: MarketModel) -> None:
    table(model, "companies")["closed_balance_fen"][1] += 1


def forget_a_month_of_the_books(model: MarketModel) -> None:
    table(model, "companies")["months_closed"][1] += 1


def pay_the_wrong_worker(model: MarketModel) -> None:
    wages = table(model, "workers")["money_fen"][:, MoneyKind.WAGE]
    wages[0] += 50
    wages[1] -= 50


def forget_a_visit(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    rows["price_fen"][completed(model)[0]] = 0


def charge_a_placement_twice(model: MarketModel) -> None:
    placement = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)[0]
    row = table(model, "placements")[placement]
    pay_company(
        model.market.columns, int(row["household_row"]), int(row["company_row"]), int(MoneyKind.SERVICE), 9
    )


def skim_a_care_fee(model: MarketModel) -> None:
    payer = int(table(model, "residents")["household_row"][0])
    model.market.ledger.transfer(
        model.tables, (Sector.HOUSEHOLD, payer), (Sector.INSTITUTION, 0), MoneyKind.CARE_FEE, 1
    )


# Support.


def reserve_a_fen_too_much(model: MarketModel) -> None:
    table(model, "claims")["reserved_fen"][0] += 1


def forget_a_schemes_reservation(model: MarketModel) -> None:
    table(model, "schemes")["reserved_fen"][0] += 1


def spend_a_schemes_fen(model: MarketModel) -> None:
    table(model, "schemes")["spent_fen"][0] += 1


def book_a_visit_to_another_claim(model: MarketModel) -> None:
    spent = table(model, "claims")["spent_fen"]
    visits = model.market.ended_orders.used
    paid = (
        (visits["state"] == OrderState.COMPLETED)
        & (visits["claim_row"] != NO_ROW)
        & (visits["support_fen"] > 0)
    )
    at_home = table(model, "households")["residents"][visits["household_row"]] == 0
    paying = int(visits["claim_row"][paid & at_home][0])
    other = 0 if paying else 1
    spent[other] += spent[paying]
    spent[paying] = 0


def support_a_household_without_a_payment(model: MarketModel) -> None:
    table(model, "claims")["spent_fen"][0] += 1
    spend_a_schemes_fen(model)


def cut_the_budget_afterwards(model: MarketModel) -> None:
    table(model, "schemes")["budget_fen"][0] = 1


def open_the_month_again(model: MarketModel) -> None:
    table(model, "claims")["used_fen"][:] = 0


def cut_the_cap_afterwards(model: MarketModel) -> None:
    table(model, "schemes")["cap_fen_per_month"][0] = 1


def let_the_government_pay_an_institution(model: MarketModel) -> None:
    model.market.ledger.transfer(
        model.tables, (Sector.GOVERNMENT, 0), (Sector.INSTITUTION, 0), MoneyKind.SUBSIDY, 1
    )


# Orders.


def change_a_state(model: MarketModel) -> None:
    table(model, "orders")["state"][orders_in(model, OrderState.ASSIGNED)[0]] = OrderState.TRAVELLING


def take_a_forbidden_step(model: MarketModel) -> None:
    order = int(orders_in(model, OrderState.OPEN)[0])
    columns = model.market.columns
    order_steps.move(columns, order, int(OrderState.IN_SERVICE), int(Reason.NONE), model.now_min)


def come_back_to_life(model: MarketModel) -> None:
    model.market.transitions[OrderState.COMPLETED, OrderState.OPEN] += 1


def lose_an_open_order(model: MarketModel) -> None:
    table(model, "orders")["state"][orders_in(model, OrderState.OPEN)[0]] = OrderState.NONE


def lose_an_ended_order(model: MarketModel) -> None:
    model.market.ended_orders.size -= 1


def end_an_order_twice(model: MarketModel) -> None:
    log = model.market.ended_orders
    unserved = log.used[log.used["state"] == OrderState.UNSERVED][0].copy()
    row = log.add()  # may move the array
    log.rows[row] = unserved


def move_an_order_to_another_district(model: MarketModel) -> None:
    rows = table(model, "orders")
    order = orders_in(model, OrderState.OPEN, OrderState.ASSIGNED)[0]
    rows["district"][order] = 1 - rows["district"][order]


def call_it_another_service(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    rows["service"][0] = (rows["service"][0] + 1) % table(model, "services").size


def give_an_order_to_another_firm(model: MarketModel) -> None:
    rows = table(model, "orders")
    order = orders_in(model, OrderState.ASSIGNED)[0]
    rows["company_row"][order] = (rows["company_row"][order] + 1) % len(table(model, "companies"))


def miscount_the_requests(model: MarketModel) -> None:
    table(model, "companies")["requested"][0] += 1


def miscount_the_completed(model: MarketModel) -> None:
    table(model, "companies")["completed"][1] -= 1


def miscount_a_queue(model: MarketModel) -> None:
    order = orders_in(model, OrderState.OPEN)[0]
    table(model, "companies")["open_orders"][table(model, "orders")["company_row"][order]] -= 1


def tally_a_cancellation_as_unserved(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    rows["state"][np.flatnonzero(rows["state"] == OrderState.CANCELLED)[0]] = OrderState.UNSERVED


# Hours.


def work_a_minute_more(model: MarketModel) -> None:
    table(model, "workers")["service_min"][3] += 1.0


def travel_a_minute_less(model: MarketModel) -> None:
    busy = int(np.argmax(table(model, "workers")["travel_min"]))
    table(model, "workers")["travel_min"][busy] -= 1.0


def serve_two_at_once(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    done = completed(model)
    worker = int(np.argmax(np.bincount(rows["worker_row"][done])))
    first, second = done[rows["worker_row"][done] == worker][:2]
    shift = rows["depart_min"][first] - rows["depart_min"][second] + 1.0
    for column in ("depart_min", "arrive_min", "start_min", "finish_min"):
        rows[column][second] += shift
    rows["placed_min"][second] = 0.0


def finish_before_the_start(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    row = rows[completed(model)[0]]
    row["start_min"], row["finish_min"] = row["finish_min"], row["start_min"]


def depart_before_the_request(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    rows["placed_min"][completed(model)[0]] += 30 * 1440.0


# Persons.


def hold_two_placements(model: MarketModel) -> None:
    active = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)
    assert len(active) > 1
    rows = table(model, "placements")
    rows["worker_row"][active[1]] = rows["worker_row"][active[0]]


def leave_a_placement(model: MarketModel) -> None:
    active = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)
    worker = table(model, "placements")["worker_row"][active[0]]
    table(model, "workers")["status"][worker] = WorkerStatus.IDLE


def be_placed_nowhere(model: MarketModel) -> None:
    workers = table(model, "workers")
    idle = np.flatnonzero((workers["status"] == WorkerStatus.IDLE) & (workers["plan_length"] == 0))
    workers["status"][idle[0]] = WorkerStatus.PLACED


def count_a_resident_too_many(model: MarketModel) -> None:
    table(model, "institutions")["residents"][0] += 1


def take_a_bed_away(model: MarketModel) -> None:
    homes = table(model, "institutions")
    full = int(np.argmax(homes["residents"]))
    homes["beds"][full] = homes["residents"][full] - 1


def lose_a_resident(model: MarketModel) -> None:
    residents = table(model, "residents")
    inside = np.flatnonzero(residents["ended_min"] > model.now_min)
    residents["ended_min"][inside[0]] = model.now_min


def forget_a_contract(model: MarketModel) -> None:
    contract = live_placements(model, ServiceForm.RECURRING, PlacementState.ACTIVE)[0]
    worker = table(model, "placements")["worker_row"][contract]
    table(model, "workers")["contracts"][worker] -= 1


def vanish(model: MarketModel) -> None:
    workers = table(model, "workers")
    free = (
        (workers["status"] == WorkerStatus.IDLE) & (workers["plan_length"] == 0) & (workers["contracts"] == 0)
    )
    workers["status"][np.flatnonzero(free)[0]] = WorkerStatus.LEFT


def come_from_nowhere(model: MarketModel) -> None:
    workers = model.tables["workers"]
    row = model.market.add("workers")
    workers.rows["status"][row] = WorkerStatus.IDLE


def forget_a_slot(model: MarketModel) -> None:
    contract = live_placements(model, ServiceForm.RECURRING, PlacementState.ACTIVE)[0]
    table(model, "workers")["reserved_slots"][table(model, "placements")["worker_row"][contract]] = 0


def send_an_elder_away_twice(model: MarketModel) -> None:
    home = table(model, "residents")["household_row"][0]
    table(model, "households")["residents"][home] += 1


# Placements.


def lose_a_search(model: MarketModel) -> None:
    searching = live_placements(model, ServiceForm.PLACEMENT, PlacementState.SEARCHING)
    never_begun = searching[table(model, "placements")["start_min"][searching] < 0.0]
    table(model, "placements")["state"][never_begun[0]] = PlacementState.NONE


def revive_a_placement(model: MarketModel) -> None:
    model.market.placement_transitions[PlacementState.ENDED, PlacementState.ACTIVE] += 1


# Plans.


def stand_in_two_plans(model: MarketModel) -> None:
    workers = table(model, "workers")
    first, second = planned(model)[:2]
    order = workers["plan"][first, workers["plan_length"][first] - 1]
    workers["plan"][second, workers["plan_length"][second]] = order
    workers["plan_length"][second] += 1


def stand_in_a_plan_twice(model: MarketModel) -> None:
    workers = table(model, "workers")
    worker = planned(model)[0]
    workers["plan"][worker, workers["plan_length"][worker]] = workers["plan"][worker, 0]
    workers["plan_length"][worker] += 1


def fall_out_of_a_plan(model: MarketModel) -> None:
    workers = table(model, "workers")
    workers["plan_length"][planned(model)[0]] -= 1


def plan_an_open_order(model: MarketModel) -> None:
    workers = table(model, "workers")
    worker = planned(model)[0]
    order = orders_in(model, OrderState.OPEN)[0]
    table(model, "orders")["worker_row"][order] = worker
    workers["plan"][worker, workers["plan_length"][worker]] = order
    workers["plan_length"][worker] += 1


MUTATIONS: list[tuple[Mutation, str]] = [
    (
        move_one_fen,
        r"household's account by kind: at \(5, 0\) the records add up to (-?\d+), the engine kept",
    ),
    (make_one_fen, r"money: accounts of kind SOCIAL_INSURANCE sum to 1 fen, not 0"),
    (make_one_fen_from_nothing_for_a_household, r"household's account by kind: at \(5, 0\)"),
    (call_it_another_kind, r"household's account by kind: at \(\d+, 0\)"),
    (pay_a_wage_twice, r"company's account by kind: at \(\d+, 1\)"),
    (pay_a_placements_wage_twice, r"company's account by kind: at \(\d+, 1\)"),
    (pay_a_stint_to_somebody_else, r"worker's wages and refunds: at \(0, 0\)"),
    (forget_a_stint, r"worker's wages and refunds: at \(\d+, 0\)"),
    (insure_a_month_too_much, r"money: company \d+ has paid \d+ fen of social insurance and owes \d+"),
    (leave_the_payroll_unnoticed, r"money: company \d+ has paid \d+ fen of social insurance and owes \d+"),
    (staff_an_office_unnoticed, r"money: company 0 has paid \d+ fen of office_wage and owes \d+"),
    (forgive_a_debt, r"debts written off by firm: at \(1,\)"),
    (hide_a_profit, r"profit by firm and month: at \(1, 0\)"),
    (forget_a_month_of_the_books, r"profit by firm and month: at \(1, [01]\)"),
    (dismiss_a_carer, r"staff by institution: at \(\d+,\)"),
    (forget_a_ward_stint, r"staff wages by institution: at \(\d+,\)"),
    (insure_a_carer_twice, r"staff insurance by institution: at \(\d+,\)"),
    (pay_another_carer, r"staff wages by worker: at \(\d+,\)"),
    (work_in_no_house, r"a worker works in the house of a firm that is no institution"),
    (serve_a_household_beside_the_house, r"worker \d+ works in a house and serves households too"),
    (assess_an_elder_anew, r"residents by institution and degree: at \(\d+, \d\)"),
    (pay_a_carer_for_a_day_more, r"staff wages by institution: at \(\d+,\)"),
    (pay_the_wrong_worker, r"worker's wages and refunds: at \(0, 0\)"),
    (forget_a_visit, r"household's account by kind: at \(\d+, 0\)"),
    (charge_a_placement_twice, r"household's account by kind: at \(\d+, 0\)"),
    (skim_a_care_fee, r"household's account by kind: at \(\d+, 4\)"),
    (reserve_a_fen_too_much, r"support reserved by claim: at \(0,\)"),
    (forget_a_schemes_reservation, r"support reserved by scheme: at \(0,\)"),
    (spend_a_schemes_fen, r"support by scheme: at \(0,\)"),
    (book_a_visit_to_another_claim, r"money: claim \d+ paid for visits more than it says"),
    (support_a_household_without_a_payment, r"money: schemes have spent \d+ fen, the government \d+"),
    (cut_the_budget_afterwards, r"money: the budget of scheme 0 is overdrawn"),
    (open_the_month_again, r"money: claim \d+ has paid more this month than counts against its cap"),
    (cut_the_cap_afterwards, r"money: claim \d+ has used more than a month's cap"),
    (let_the_government_pay_an_institution, r"money: the government has paid \d+ fen of support"),
    (change_a_state, r"orders: \d+ rows are (ASSIGNED|TRAVELLING), the steps say \d+"),
    (take_a_forbidden_step, r"orders: OPEN -> IN_SERVICE is no legal step but has happened"),
    (come_back_to_life, r"orders: COMPLETED -> OPEN is no legal step but has happened"),
    (lose_an_open_order, r"orders by \(service, district, tally\): at \(\d+, \d+, 0\)"),
    (lose_an_ended_order, r"orders by \(service, district, tally\): at \(\d+, \d+, 0\)"),
    (end_an_order_twice, r"orders by \(service, district, tally\): at \(\d+, \d+, 0\)"),
    (move_an_order_to_another_district, r"orders by \(service, district, tally\): at \(\d+, \d+, 0\)"),
    (call_it_another_service, r"orders by \(service, district, tally\): at \(\d+, \d+, 0\)"),
    (give_an_order_to_another_firm, r"orders requested by company: at \(\d+,\)"),
    (miscount_the_requests, r"orders requested by company: at \(0,\)"),
    (miscount_the_completed, r"orders requested by company: at \(1,\)"),
    (miscount_a_queue, r"orders in a company's queue: at \(\d+,\)"),
    (tally_a_cancellation_as_unserved, r"orders by \(service, district, tally\): at \(\d+, \d+, 2\)"),
    (work_a_minute_more, r"hours: worker 3 has [\d.]+ service_min, his visits add up to"),
    (travel_a_minute_less, r"hours: worker \d+ has [\d.]+ travel_min, his visits add up to"),
    (serve_two_at_once, r"hours: worker \d+ serves two households at once"),
    (finish_before_the_start, r"hours: an order has start_min after finish_min: \d+"),
    (depart_before_the_request, r"hours: an order has placed_min after depart_min: \d+"),
    (hold_two_placements, r"persons: a worker holds two placements"),
    (leave_a_placement, r"persons: worker \d+ is placed without a placement, or the other way round"),
    (be_placed_nowhere, r"persons: worker \d+ is placed without a placement, or the other way round"),
    (count_a_resident_too_many, r"residents by institution: at \(0,\)"),
    (take_a_bed_away, r"persons: institution \d+ has more residents than beds"),
    (lose_a_resident, r"household's account by kind: at \(\d+, 4\)|residents by institution: at \(\d+,\)"),
    (forget_a_contract, r"contracts by worker: at \(\d+,\)"),
    (vanish, r"persons: of \d+ workers ever \d+ have left; counted were"),
    (come_from_nowhere, r"persons: of \d+ workers ever \d+ have left; counted were"),
    (forget_a_slot, r"reserved slots by worker: at \(\d+,\)"),
    (send_an_elder_away_twice, r"residents by household: at \(\d+,\)"),
    (lose_a_search, r"placements: \d+ rows are SEARCHING, the steps say \d+"),
    (revive_a_placement, r"placements: ENDED -> ACTIVE is no legal step but has happened"),
    (stand_in_two_plans, r"plans: worker \d+ has an order in his plan that is not his"),
    (stand_in_a_plan_twice, r"places in plans by order: at \(\d+,\)"),
    (fall_out_of_a_plan, r"places in plans by order: at \(\d+,\)"),
    (plan_an_open_order, r"places in plans by order: at \(\d+,\)"),
]


def test_nothing_is_found_where_nothing_is_wrong(model: MarketModel) -> None:
    model.close()
    assert {"transitions", "orders", "money", "hours", "persons", "placements", "plans"} <= set(
        model.auditor.passed
    )
    assert set(model.auditor.passed.values()) == {1}


def household_forgets_a_placement(model: MarketModel) -> None:
    row = table(model, "placements")[live_placements(model, ServiceForm.RECURRING, PlacementState.ACTIVE)[0]]
    assert row["committed_fen"] > 0
    table(model, "households")["committed_fen"][row["household_row"]] -= row["committed_fen"]


def household_forgets_a_booking(model: MarketModel) -> None:
    table(model, "households")["booked_fen"][0] += 1


def household_spends_what_it_does_not_have(model: MarketModel) -> None:
    homes = table(model, "households")
    homes["spent_fen"][3] = homes["income_fen_per_month"][3] + 1


def kin_give_time_that_they_do_not_have(model: MarketModel) -> None:
    table(model, "households")["kin_care_min"][0] = 10_000.0


def forget_an_employment(model: MarketModel) -> None:
    kept = model.market.employments
    forms = table(model, "companies")["form"]
    row = kept.add()
    employer = int(np.flatnonzero(forms == FirmForm.EMPLOYEE_BASED)[0])
    kept.rows[row] = (0, employer, 0.0, 50_000.0)


def of_acquaintances(model: MarketModel, rows: np.ndarray) -> np.ndarray:
    found = np.flatnonzero(table(model, "companies")["form"][rows["company_row"]] == FirmForm.ACQUAINTANCE)
    assert len(found)
    return found


def keep_a_part_of_a_visit_not_served(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    idle = np.flatnonzero(rows["state"] != OrderState.COMPLETED)
    rows["wage_fen"][idle[of_acquaintances(model, rows[idle])[0]]] -= 1


def support_a_visit_without_a_firm(model: MarketModel) -> None:
    rows = model.market.ended_orders.used
    idle = np.flatnonzero(rows["state"] != OrderState.COMPLETED)
    rows["support_fen"][idle[of_acquaintances(model, rows[idle])[0]]] = 1


def lend_to_acquaintances(model: MarketModel) -> None:
    companies = table(model, "companies")
    companies["credit_limit_fen"][np.argmax(companies["form"] == FirmForm.ACQUAINTANCE)] = 1


def let_acquaintances_pay_a_fee(model: MarketModel) -> None:
    circle = int(np.argmax(table(model, "companies")["form"] == FirmForm.ACQUAINTANCE))
    tables, ledger = model.market.world.tables, model.market.ledger
    payer, payee = (Sector.COMPANY, circle), (Sector.REST_OF_WORLD, 0)
    ledger.transfer(tables, payer, payee, MoneyKind.PLACEMENT_FEE, 5)


def lose_work_that_left_its_firm(model: MarketModel) -> None:
    log = model.market.ended_placements
    ended = np.flatnonzero(log.used["state"] == PlacementState.ENDED)
    log.used["reason"][ended[0]] = Reason.WENT_PRIVATE


def go_on_through_a_firm(model: MarketModel) -> None:
    rows = table(model, "placements")
    forms = table(model, "companies")["form"][rows["company_row"]]
    running = live_placements(model, ServiceForm.PLACEMENT, PlacementState.ACTIVE)
    rows["went_on"][running[forms[running] != FirmForm.ACQUAINTANCE][0]] = 1


MUTATIONS += [
    (lose_work_that_left_its_firm, "1 have left their firms and 0 went on"),
    (go_on_through_a_firm, "went on without a firm has one"),
    (keep_a_part_of_a_visit_not_served, "keeps a part of the visit"),
    (support_a_visit_without_a_firm, "acquaintances is paid from public money"),
    (lend_to_acquaintances, "have credit_limit_fen"),
    (let_acquaintances_pay_a_fee, "have paid or kept something"),
    (forget_an_employment, r"money: company \d+ has paid \d+ fen of social insurance"),
    (household_forgets_a_placement, "set aside for what runs by the month"),
    (household_forgets_a_booking, "set aside for booked visits"),
    (household_spends_what_it_does_not_have, "more than its month's budget"),
    (kin_give_time_that_they_do_not_have, "give more than the"),
]


@pytest.mark.parametrize(("mutate", "words"), MUTATIONS, ids=[mutate.__name__ for mutate, _ in MUTATIONS])
def test_each_audit_finds_what_it_is_for(mutate: Mutation, words: str, model: MarketModel) -> None:
    mutate(model)
    with pytest.raises(AuditError, match=words):
        model.close()


def test_a_month_is_audited_before_it_is_handed_over(model: MarketModel) -> None:
    move_one_fen(model)
    with pytest.raises(AuditError, match="household's account"):
        model.close()
    assert len(model.ledger_totals()) == 0
    assert model.market.ended_orders.size > 0
