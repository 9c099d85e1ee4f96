"""The dispatching rules against brute force, on real towns and on plains."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.dispatch import DISPATCHERS, make_dispatcher
from sim.dispatch.interface import Action, Assign, DispatchView, Insertion, Triggers
from sim.market.booking import Booking
from sim.model import MarketModel
from sim.vocabulary import NO_ROW
from tests.core.small import LIVELY, Town
from tests.dispatch.yard import Yard

HOUR = 60.0
KM_TOLERANCE = 1e-9
# A town of two parts 50 km apart, so that much of a day's work lies away from home.
FAR_APART = (("new_town,centre_latitude_deg,39.13", "new_town,centre_latitude_deg,39.58"),)
COORDINATE = st.integers(0, 40).map(float)
PLACE = st.tuples(COORDINATE, COORDINATE)


@pytest.fixture(scope="session")
def parted_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    town = Town(tmp_path_factory.mktemp("parted"))
    file: Path = town.folder / "my_city" / "districts.csv"
    text = file.read_text(encoding="utf-8")
    for old, new in FAR_APART:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return town


def all_insertions(view: Any, order: int, max_km: float) -> list[Insertion]:
    """Return the feasible insertions of all able workers of the firm, one by one, within a distance.

    A firm knows who was able at midnight, and sends workers who live in the order's district or in one whose border is
    within the distance.
    """
    seen = view.orders([order])[0]
    able = view._market.able(view.company, int(seen["service"]))
    homes = view._market.rows("workers")["home_district"][able]
    within = borders_km(view, int(seen["district"]))[homes] <= max_km
    found = [view.insertion(int(worker), order) for worker in able[within]]
    return [insertion for insertion in found if insertion is not None and insertion.km <= max_km]


def borders_km(view: Any, district: int) -> np.ndarray:
    """Return by district the least way to it from another one."""
    neighbours = view._market.neighbours
    km = np.empty(len(neighbours.order))
    km[neighbours.order[district]] = neighbours.gap_km[district]
    return km


class Checking(ABC):
    """A rule that compares every search of a run with brute force before it answers."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule
        self.triggers: Triggers = rule.triggers
        self.compared = 0

    def decide(self, view: DispatchView) -> Sequence[Action]:
        for order in view.due()[:3].tolist():
            self.compare(view, order)
        actions: Sequence[Action] = self.rule.decide(view)
        return actions

    @abstractmethod
    def compare(self, view: DispatchView, order: int) -> None:
        """Hold what the rule finds against all insertions."""


class CheckingNearest(Checking):
    def compare(self, view: DispatchView, order: int) -> None:
        max_km = self.rule.max_km
        found = view.best_insertion(order, max_km)
        options = all_insertions(view, order, max_km)
        if found is None:
            assert options == []
            return
        assert found in options
        assert found.km <= min(option.km for option in options) + KM_TOLERANCE
        self.compared += 1


class CheckingRadius(Checking):
    def compare(self, view: DispatchView, order: int) -> None:
        rating = dict(zip(view.workers()["row"].tolist(), view.workers()["rating"].tolist(), strict=True))
        for ring_km in self.rule.rings_km:
            options = all_insertions(view, order, ring_km)
            found = view.best_rated(order, ring_km)
            assert (found is None) == (not options)
            if found is not None:
                assert found in options
                assert rating[found.worker] >= max(rating[option.worker] for option in options) - 1e-4
                self.compared += len(options) > 1


def check_in(town: Town, policy: str, kind: type[Checking], **parameters: float) -> None:
    scenario = town("period.days=12", "scale=0.1", "parameters.visits.notice_min=30", *LIVELY)
    model = MarketModel(scenario)
    checking = kind(make_dispatcher(policy, parameters))
    for firm in range(len(model.desks.visits.dispatchers)):
        model.desks.visits.dispatchers[firm] = checking  # type: ignore[index]
    model.run_days(12)
    model.close()
    assert checking.compared > 100


def test_nearest_is_the_nearest_of_all(town: Town) -> None:
    check_in(town, "nearest", CheckingNearest, max_km=15.0)


def test_nearest_is_the_nearest_where_work_lies_far_from_home(parted_town: Town) -> None:
    check_in(parted_town, "nearest", CheckingNearest, max_km=90.0)


def test_nearest_is_the_nearest_within_a_short_reach(parted_town: Town) -> None:
    check_in(parted_town, "nearest", CheckingNearest, max_km=5.0)


def test_radius_takes_the_best_rated_of_a_ring(town: Town) -> None:
    check_in(town, "radius", CheckingRadius, first_km=1.0, second_km=6.0)


def test_radius_takes_the_best_rated_where_work_lies_far_from_home(parted_town: Town) -> None:
    check_in(parted_town, "radius", CheckingRadius, first_km=5.0, second_km=80.0)


def morning(town: Town, workers: Sequence[Any], households: Sequence[Any]) -> Yard:
    yard = Yard(town, workers, households)
    yard.model.advance_to(7 * HOUR)
    return yard


def decided(yard: Yard, dispatcher: Any) -> list[Assign]:
    """Return what a rule does with all waiting orders."""
    return list(dispatcher.decide(yard.view()))


# radius


@pytest.mark.parametrize(
    ("workers", "ratings", "chosen"),
    [
        (
            [(1, 0), (2, 0), (4, 0)],
            [3.0, 4.0, 5.0],
            1,
        ),  # the best of the inner ring, though a better one is near
        ([(3.5, 0), (4.4, 0)], [3.0, 4.0], 1),  # nobody in the inner ring: the best of the outer
        ([(1, 0), (2, 0)], [4.0, 4.0], 0),  # equal ratings: the nearer
        ([(5, 0)], [5.0], None),  # beyond both rings
    ],
)
def test_radius_looks_in_two_rings(
    workers: list[Any], ratings: list[float], chosen: int | None, town: Town
) -> None:
    # With the detour factor of 1.3, 3 km of way are 2.31 km of plane, 6 km are 4.62.
    yard = morning(town, workers, [(0, 0)])
    for worker, rating in enumerate(ratings):
        yard.worker(worker)["rating"] = rating
    order = yard.order()
    actions = decided(yard, make_dispatcher("radius", {"first_km": 3.0, "second_km": 6.0}))
    assert [action.worker for action in actions] == ([] if chosen is None else [chosen])
    assert all(action.order == order for action in actions)


def test_the_rings_must_grow() -> None:
    with pytest.raises(ValidationError, match=r"second_km \(2\.0\) must not be below first_km \(3\.0\)"):
        make_dispatcher("radius", {"first_km": 3.0, "second_km": 2.0})


# batch


def cost_matrix(yard: Yard, orders: Sequence[int], max_km: float) -> np.ndarray:
    """Return the trip of each (order, worker), infinity where the worker cannot come."""
    km = np.full((len(orders), len(yard.view().workers())), np.inf)
    for i, order in enumerate(orders):
        for insertion in yard.insertions(order):
            if insertion.km <= max_km:
                km[i, insertion.worker] = insertion.km
    return km


def brute_force(km: np.ndarray) -> tuple[int, float]:
    """Return the most orders that can be served and the least total trip with which they can."""
    best = (0, 0.0)
    orders, workers = km.shape
    for served in range(1, min(orders, workers) + 1):
        totals = [
            math.fsum(km[i, j] for i, j in zip(chosen, assigned, strict=True))
            for chosen in itertools.combinations(range(orders), served)
            for assigned in itertools.permutations(range(workers), served)
        ]
        least = min(totals)
        if least < math.inf:
            best = (served, least)
    return best


@given(
    workers=st.lists(PLACE, min_size=1, max_size=4, unique=True),
    households=st.lists(PLACE, min_size=1, max_size=4, unique=True),
    max_km=st.sampled_from([10.0, 25.0, 200.0]),
)
@settings(max_examples=40, deadline=None)
def test_batch_is_the_optimum(workers: list[Any], households: list[Any], max_km: float, town: Town) -> None:
    yard = morning(town, workers, households)
    orders = [yard.order(household, start_min=10 * HOUR) for household in range(len(households))]
    km = cost_matrix(yard, orders, max_km)
    actions = decided(yard, make_dispatcher("batch", {"max_km": max_km}))
    assert len({action.worker for action in actions}) == len(actions)
    chosen = [km[orders.index(action.order), action.worker] for action in actions]
    most, least = brute_force(km)
    assert len(chosen) == most
    assert math.fsum(chosen) == pytest.approx(least, abs=1e-9)


def test_batch_gives_up_the_nearest_for_the_sum(town: Town) -> None:
    # Greedy would send the worker at 1 to the first order and leave the second with a trip of 11.
    yard = morning(town, [(1, 0), (8, 0)], [(0, 0), (2, 0)])
    orders = [yard.order(0, start_min=10 * HOUR), yard.order(1, start_min=10 * HOUR)]
    actions = decided(yard, make_dispatcher("batch", {"max_km": 50.0}))
    assert {action.order: action.worker for action in actions} == {orders[0]: 0, orders[1]: 1}


def test_batch_works_at_multiples_of_its_minutes(town: Town) -> None:
    yard = morning(town, [(1, 0)], [(0, 0)])
    yard.use(make_dispatcher("batch", {"every_min": 25.0}))
    yard.model.advance_to(7 * HOUR + 1)
    order = yard.order(start_min=10 * HOUR)
    assert yard.queue() == [order]
    yard.model.advance_to(10 * HOUR)
    assert yard.row(order)["assigned_min"] == 425.0


# first_come


def test_first_come_takes_the_worker_who_has_been_idle_for_longest(town: Town) -> None:
    yard = morning(town, [(0, 0), (30, 0), (1, 0)], [(0, 0)])
    for worker, since in enumerate((300.0, 100.0, 200.0)):
        yard.worker(worker)["free_at_min"] = since
    orders = [yard.order(start_min=7 * HOUR, half_width_min=120.0) for _ in range(2)]
    actions = decided(yard, make_dispatcher("first_come", {}))
    assert actions[0] == Assign(orders[0], 1, 0)


def test_first_come_uses_all_who_are_idle_at_once(town: Town) -> None:
    model = MarketModel(town.queue("laboratory.servers=4", "laboratory.arrivals_per_hour=0.001"))
    model.run_days(1)
    yard_view = model.desks.visits.view
    now = model.now_min
    for key in range(6):
        booking = Booking(
            key=np.uint64(key + 9), household=0, company=0, service=0, placement=NO_ROW, regular=NO_ROW,
            wanted_min=now, earliest_min=now, latest_min=math.inf, duration_min=60.0, days_patient=0,
        )  # fmt: skip
        model.desks.visits.place(booking)
    assert len(yard_view.waiting(0)) == 2
    assert (model.tables["workers"].used["plan_length"] == 1).all()


# ties and symmetry


@pytest.mark.parametrize("policy", ["nearest", "radius", "batch"])
def test_ties_are_broken_by_keys_and_not_by_rows(policy: str, town: Town) -> None:
    winners = []
    for keys in ([11, 22, 33, 44], [44, 33, 22, 11]):
        yard = morning(town, [(1, 0)] * 4, [(0, 0)])
        for worker, key in enumerate(keys):
            yard.worker(worker)["key"] = key
        yard.market.reindex_members()
        yard.order()
        (action,) = decided(yard, make_dispatcher(policy, {}))
        winners.append(keys[action.worker])
    assert winners[0] == winners[1]


@pytest.mark.parametrize("policy", ["nearest", "batch"])
def test_ties_favour_nobody(policy: str, town: Town) -> None:
    wins = np.zeros(4)
    for seed in range(40):
        yard = Yard(town, [(1, 0)] * 4, [(0, 0)], overrides=[f"seed={seed}"])
        yard.model.advance_to(7 * HOUR)
        yard.order()
        wins[decided(yard, make_dispatcher(policy, {}))[0].worker] += 1
    # Each of four has 10 of 40 in the mean; fewer than 1 or more than 24 has a probability below 1e-4.
    assert wins.min() >= 1
    assert wins.max() <= 24


@pytest.mark.parametrize("name", sorted(DISPATCHERS))
def test_a_dispatcher_is_made_from_its_name_and_refuses_what_it_does_not_know(name: str) -> None:
    assert make_dispatcher(name, {}).name == name
    with pytest.raises(ValidationError):
        make_dispatcher(name, {"nonsense": 1})


def test_an_unknown_dispatcher_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        make_dispatcher("nobody", {})
