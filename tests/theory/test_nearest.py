"""The nearest of n uniform points on a patch without edges: an integral against the kernels and the dispatcher."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from sim.clock import Clock
from sim.compiled import kernel
from sim.dispatch import make_dispatcher
from sim.market.booking import Booking
from sim.market.setup import make_market
from sim.market.visits import VisitDesk
from sim.scenario import load_scenario
from sim.vocabulary import NO_ROW
from sim.world.travel import distance_km, torus_km
from tests.theory.cases import SCENARIOS, SERVERS
from tests.theory.statistics import Floats, mean_interval

FALSE_ALARM = 1e-6
REACH = 1.0 / math.sqrt(2.0)


def disc_area(radius: float) -> float:
    """Return the area of the part of a unit square within a radius of its centre."""
    area = math.pi * radius**2
    if radius > 0.5:
        half_chord = math.sqrt(radius**2 - 0.25)
        area -= 4.0 * (radius**2 * math.acos(0.5 / radius) - 0.5 * half_chord)
    return area


def expected_nearest_km(count: int, side_km: float = 1.0) -> float:
    """Return the mean distance to the nearest of uniform points on a torus: none lies within r with (1 - A(r))^n."""
    parts = [(0.0, 0.5), (0.5, REACH)]
    none_within = [quad(lambda r: (1.0 - disc_area(r)) ** count, *part, epsabs=1e-12)[0] for part in parts]
    return side_km * float(sum(none_within))


@kernel
def nearest_by_kernel(side_km: float, here: Floats, points: Floats) -> Floats:
    found = np.empty(len(here))
    for k in range(len(here)):
        found[k] = np.inf
        for j in range(points.shape[1]):
            km = torus_km(side_km, here[k, 0], here[k, 1], points[k, j, 0], points[k, j, 1])
            found[k] = min(found[k], km)
    return found


def test_the_formula_for_one_point_is_the_published_mean_distance_to_the_centre_of_a_square() -> None:
    assert expected_nearest_km(1) == pytest.approx((math.sqrt(2.0) + math.log(1.0 + math.sqrt(2.0))) / 6.0)


def test_the_formula_for_many_points_is_that_of_a_poisson_field() -> None:
    # In a plane with density n the mean distance to the nearest point is 1 / (2 sqrt(n)) (Clark and Evans 1954).
    assert expected_nearest_km(2000) == pytest.approx(0.5 / math.sqrt(2000.0), rel=1e-3)


@pytest.mark.parametrize(("count", "side_km"), [(1, 1.0), (3, 2.5), (10, 1.0), (100, 4.0)])
def test_the_kernel_finds_the_expected_distance(count: int, side_km: float) -> None:
    draw = np.random.default_rng(count)
    km = nearest_by_kernel(
        side_km, side_km * draw.random((40_000, 2)), side_km * draw.random((40_000, count, 2))
    )
    found = mean_interval(km, FALSE_ALARM)
    assert found.covers(expected_nearest_km(count, side_km))
    assert found.half_width < 0.02 * found.mean
    assert not found.covers(1.05 * expected_nearest_km(count, side_km))


def test_the_detour_stretches_the_distance() -> None:
    place = (0, 0.1, 0.1, 0.0, 0.0)
    other = (0, 0.9, 0.3, 0.0, 0.0)
    assert distance_km(1.0, 1.3, *place, *other) == pytest.approx(1.3 * torus_km(1.0, 0.1, 0.1, 0.9, 0.3))


class Square:
    """A square kilometre without edges, with idle workers who are scattered anew before every order.

    Args:
        workers: Number of workers.
        policy: Name of the dispatcher.
    """

    def __init__(self, workers: int, policy: str) -> None:
        scenario = load_scenario(SCENARIOS / "queue_md1.yaml", [f"{SERVERS}={workers}"])
        self.market = make_market(scenario, Clock())
        self.desk = VisitDesk(self.market, [make_dispatcher(policy, {})])
        self.draw = np.random.default_rng(workers)

    def trip_km(self, number: int) -> tuple[float, float]:
        """Place an order and return the trip that was made to it, and the shortest that could have been."""
        market = self.market
        home, workers = market.rows("households")[0], market.rows("workers")
        home["x_km"], home["y_km"] = self.draw.random(2)
        workers["x_km"], workers["y_km"] = self.draw.random((2, len(workers)))
        least = min(
            torus_km(1.0, worker["x_km"], worker["y_km"], home["x_km"], home["y_km"]) for worker in workers
        )
        now = market.now_min
        self.desk.place(
            Booking(
                key=np.uint64(number), household=0, company=0, service=0, placement=NO_ROW, regular=NO_ROW,
                wanted_min=now, earliest_min=now, latest_min=now + 60.0, duration_min=6.0, days_patient=0,
            )
        )  # fmt: skip
        market.clock.run_until(now + 60.0)
        return float(market.ended_orders.used["travel_km"][number]), least

    def trips_km(self, count: int) -> Floats:
        """Return trips and shortest trips, shape (count, 2)."""
        return np.array([self.trip_km(number) for number in range(count)])


@pytest.mark.parametrize("workers", [1, 4, 25])
def test_nearest_sends_the_nearest_worker(workers: int) -> None:
    trips = Square(workers, "nearest").trips_km(1_500)
    np.testing.assert_allclose(trips[:, 0], trips[:, 1], atol=1e-6)
    found = mean_interval(trips[:, 0], FALSE_ALARM)
    assert found.covers(expected_nearest_km(workers))
    assert found.half_width < 0.08 * found.mean


def test_a_dispatcher_that_does_not_look_at_the_way_is_told_from_it() -> None:
    found = mean_interval(Square(4, "first_come").trips_km(1_500)[:, 0], FALSE_ALARM)
    assert not found.covers(expected_nearest_km(4))
    assert found.covers(expected_nearest_km(1))
