"""What must hold of any run, looked up without the audits: at each assignment, and on the orders that have ended."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.agents.informal import is_informal
from sim.clock import MINUTES_PER_DAY, Handler, Kind
from sim.model import MarketModel
from sim.sink import NullSink
from sim.state import Rows, World
from sim.vocabulary import ORDER_ENDS, OrderState, ServiceForm, WorkerStatus

ROUNDING_MIN = 1e-6
LIVE = (
    OrderState.OPEN,
    OrderState.OFFERED,
    OrderState.ASSIGNED,
    OrderState.TRAVELLING,
    OrderState.IN_SERVICE,
)


class Collector(NullSink):
    """A sink that keeps all ended orders and placements."""

    def __init__(self) -> None:
        self.ended: list[Rows] = []
        self.placements: list[Rows] = []

    def orders_ended(self, rows: Rows, world: World) -> None:
        self.ended.append(rows.copy())

    def placements_ended(self, rows: Rows, world: World) -> None:
        self.placements.append(rows.copy())

    def orders(self) -> Rows:
        """Return all orders that have ended."""
        return np.concatenate(self.ended)


def after_each_event(model: MarketModel, look: Callable[[MarketModel], None]) -> None:
    """Call ``look`` behind every occurrence of the model's clock."""
    clock = model.market.clock

    def watched(handler: Handler) -> Handler:
        def handle(subject: int, stamp: int) -> None:
            handler(subject, stamp)
            look(model)

        return handle

    for kind, handler in list(clock._handlers.items()):
        clock.handle(Kind(kind), watched(handler))


def check_new_assignments(model: MarketModel) -> None:
    """What has just been assigned can be served: skill, papers, hours, leave, window, one visit at a time."""
    orders = model.tables["orders"].used
    new = (orders["state"] == OrderState.ASSIGNED) & (orders["assigned_min"] == model.now_min)
    for order in np.flatnonzero(new).tolist():
        check_fitness(model, orders[order : order + 1], "health_class")
        check_times(model, order)


def check_fitness(model: MarketModel, orders: Rows, health: str = "health_held") -> None:
    """Everybody has the skill, the certificate and the health class that their orders ask for.

    Of visits that have ended the examination may have run out since.
    """
    workers = model.tables["workers"].used[orders["worker_row"]]
    services = model.tables["services"].used[orders["service"]]
    skilled = (workers["skills"] >> orders["service"].astype(np.uint32)) & np.uint32(1) == 1
    assert skilled.all(), "served without the skill"
    assert (workers["certified"] >= services["certificate_required"]).all(), "served without the certificate"
    assert (workers[health] >= services["health_class"]).all(), "served without the health class"


def check_times(model: MarketModel, order: int) -> None:
    row = model.tables["orders"].used[order]
    worker = model.tables["workers"].used[row["worker_row"]]
    start, stop = row["planned_start_min"], row["planned_start_min"] + row["expected_duration_min"]
    assert row["earliest_min"] - ROUNDING_MIN <= start <= row["latest_min"] + ROUNDING_MIN, (
        "out of the window"
    )
    assert start >= model.now_min, "planned into the past"
    # What a worker has agreed among acquaintances stays his when he goes to a firm.
    private = row["regular_row"] == row["worker_row"] and is_informal(
        model.market.columns, row["company_row"]
    )
    assert private or worker["company_row"] == row["company_row"], "assigned to another firm's worker"
    assert worker["status"] not in {WorkerStatus.PLACED, WorkerStatus.LEFT, WorkerStatus.STAFF}, "bound"
    assert not (start < worker["absent_until_min"] and stop > worker["absent_from_min"]), "planned into leave"
    assert within_shift(model, worker, start, stop), "planned outside the shift"
    plan = worker["plan"][: worker["plan_length"]].tolist()
    assert plan.count(order) == 1, "assigned but not in the plan"
    follows = model.tables["orders"].used[plan]
    planned_ends = follows["planned_start_min"] + follows["expected_duration_min"]
    place = plan.index(order)
    if place > 0:
        assert start >= planned_ends[place - 1] - ROUNDING_MIN, "planned before the visit before it ends"
    if place + 1 < len(plan):
        assert follows["planned_start_min"][place + 1] >= stop - ROUNDING_MIN, "planned into the next visit"


def within_shift(model: MarketModel, worker: Rows, start: float, stop: float) -> bool:
    shift_start, shift_end = float(worker["shift_start_min"]), float(worker["shift_end_min"])
    if shift_end - shift_start >= MINUTES_PER_DAY:
        return True
    midnight = start // MINUTES_PER_DAY * MINUTES_PER_DAY
    works = bool(int(worker["weekdays"]) >> model.market.weekday(start) & 1)
    return (
        works
        and start >= midnight + shift_start - ROUNDING_MIN
        and stop <= midnight + shift_end + ROUNDING_MIN
    )


def check_ended(model: MarketModel, ended: Rows) -> None:
    """What has ended has ended once, in one way, and was served by one who could, one visit at a time."""
    assert np.isin(ended["state"], ORDER_ENDS).all()
    live = model.tables["orders"].used
    live = live[np.isin(live["state"], LIVE)]
    keys = np.concatenate([ended["key"], live["key"]])
    assert len(np.unique(keys)) == len(keys), "an order stands in two states"
    done = ended[ended["state"] == OrderState.COMPLETED]
    assert (done["worker_row"] >= 0).all()
    check_fitness(model, done)
    check_one_at_a_time(done)
    check_served_as_agreed(done)
    not_done = ended[ended["state"] != OrderState.COMPLETED]
    assert (not_done["reason"] > 0).all(), "an order ended without a reason"
    assert (not_done["start_min"] == 0.0).all(), "an order that was not served has begun"


def check_one_at_a_time(done: Rows) -> None:
    for worker in np.unique(done["worker_row"]):
        his = np.sort(done[done["worker_row"] == worker], order="depart_min")
        assert (his["depart_min"][1:] >= his["finish_min"][:-1] - ROUNDING_MIN).all(), "two visits at once"


def check_served_as_agreed(done: Rows) -> None:
    assert (done["start_min"] >= done["earliest_min"] - ROUNDING_MIN).all(), "begun before the window"
    assert (done["placed_min"] <= done["depart_min"]).all()
    lengths = done["finish_min"] - done["start_min"]
    assert np.allclose(lengths, done["duration_min"], rtol=0.0, atol=ROUNDING_MIN)
    trips = done["arrive_min"] - done["depart_min"]
    assert np.allclose(trips, done["travel_min"], rtol=0.0, atol=ROUNDING_MIN)


def check_conserved(model: MarketModel, ended: Rows) -> None:
    """Requested = completed + cancelled + unserved + open, per service, district and company, from the rows alone."""
    live = model.tables["orders"].used
    live = live[np.isin(live["state"], LIVE)]
    for service in range(model.tables["services"].size):
        for district in range(model.tables["districts"].size):
            tally = model.market.tallies[service, district].tolist()
            here = ended[(ended["service"] == service) & (ended["district"] == district)]["state"]
            still = np.count_nonzero((live["service"] == service) & (live["district"] == district))
            ends = [np.count_nonzero(here == state) for state in ORDER_ENDS]
            assert tally == [sum(ends) + still, *ends]
    for company, row in enumerate(model.tables["companies"].used):
        here = ended[ended["company_row"] == company]["state"]
        ends = [np.count_nonzero(here == state) for state in ORDER_ENDS]
        assert [row["completed"], row["cancelled"], row["unserved"]] == ends
        assert row["requested"] == sum(ends) + np.count_nonzero(live["company_row"] == company)


def check_queues(model: MarketModel) -> None:
    """Every open order stands once in its firm's queue, and nothing else does."""
    orders, companies = model.tables["orders"].used, model.tables["companies"].used
    waiting = np.flatnonzero(orders["state"] == OrderState.OPEN)
    queued: list[int] = []
    for row in companies:
        order, before = int(row["open_head"]) if row["open_orders"] else -1, -1
        for _ in range(int(row["open_orders"])):
            assert orders["previous_open"][order] == before
            queued.append(order)
            order, before = int(orders["next_open"][order]), order
        assert order == -1, "the queue goes on behind its end"
        assert row["open_orders"] == 0 or before == row["open_tail"]
    assert sorted(queued) == waiting.tolist()


def check_placements(model: MarketModel) -> None:
    """Who is placed has the skill for it, and only one placement; contracts lie in a worker's free slots."""
    placements = model.tables["placements"].used
    bound = placements[np.isin(placements["state"], (2, 3)) & (placements["worker_row"] >= 0)]
    check_papers(model, bound)
    forms = model.tables["services"].used["form"][bound["service"]]
    for worker in np.unique(bound["worker_row"]):
        his = bound[bound["worker_row"] == worker]
        slots = his["slots"][forms[bound["worker_row"] == worker] == ServiceForm.RECURRING]
        assert np.bitwise_or.reduce(slots, initial=0) == slots.sum(), "two contracts in one slot"
        assert int(np.bitwise_or.reduce(slots, initial=0)) == int(
            model.tables["workers"].used["reserved_slots"][worker]
        )


def check_papers(model: MarketModel, rows: Rows) -> None:
    workers = model.tables["workers"].used[rows["worker_row"]]
    services = model.tables["services"].used[rows["service"]]
    assert ((workers["skills"] >> rows["service"].astype(np.uint32)) & np.uint32(1) == 1).all()
    assert (workers["certified"] >= services["certificate_required"]).all()
    assert (workers["health_class"] >= services["health_class"]).all()
