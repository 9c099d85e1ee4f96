"""Each formula against published values or a computation of another kind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from sim.scenario import load_scenario
from tests.theory.cases import SCENARIOS
from tests.theory.formulas import (
    OfferedWait,
    Patience,
    arrivals_in_a_service,
    birth_death,
    erlang_a_states,
    erlang_b,
    erlang_c,
    many_servers,
    single_server,
    textbook,
)

ENDLESS = Patience("none", 0.0)


def equilibrium(generator: np.ndarray) -> np.ndarray:
    """Solve the balance equations of a finite Markov chain as a linear system."""
    size = len(generator)
    equations = np.vstack([generator.T, np.ones(size)])
    shares: np.ndarray = np.linalg.lstsq(equations, np.eye(size + 1)[size], rcond=None)[0]
    return shares


def generator_of(arrivals: float, servers: int, leaving_rate: float, room: int) -> np.ndarray:
    """Return the generator of M/M/c+M with service rate 1 and so many places."""
    rates = np.zeros((room + 1, room + 1))
    for k in range(room):
        rates[k, k + 1] = arrivals
        rates[k + 1, k] = min(k + 1, servers) + leaving_rate * max(k + 1 - servers, 0)
    return rates - np.diag(rates.sum(axis=1))


# Loads that 1 % of calls find no server, from the usual table of Erlang's loss formula (to its three digits).
@pytest.mark.parametrize(
    ("servers", "load"), [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.031), (50, 37.901)]
)
def test_erlang_b_agrees_with_its_published_table(servers: int, load: float) -> None:
    assert erlang_b(load, servers) == pytest.approx(0.01, rel=2e-3)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (4.0, 5), (7.0, 10), (16.0, 20)])
def test_erlang_b_is_the_last_state_of_a_loss_system(load: float, servers: int) -> None:
    shares = equilibrium(generator_of(load, servers, 0.0, servers))
    assert erlang_b(load, servers) == pytest.approx(shares[-1], rel=1e-9)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 1), (3.5, 5), (4.0, 5), (14.0, 20)])
def test_erlang_c_is_the_share_of_time_with_all_servers_busy(load: float, servers: int) -> None:
    shares = equilibrium(generator_of(load, servers, 0.0, 250))
    assert erlang_c(load, servers) == pytest.approx(shares[servers:].sum(), rel=1e-8)


def test_erlang_c_for_one_server_is_the_load() -> None:
    assert erlang_c(0.9, 1) == pytest.approx(0.9)


@pytest.mark.parametrize("leaving_rate", [0.25, 1.0, 4.0])
def test_erlang_a_states_solve_the_balance_equations(leaving_rate: float) -> None:
    shares = equilibrium(generator_of(5.0, 5, leaving_rate, 80))
    np.testing.assert_allclose(erlang_a_states(5.0, 5, 1.0 / leaving_rate)[:81], shares, atol=1e-10)


def test_with_patience_and_service_alike_the_number_in_the_system_is_poisson() -> None:
    states = erlang_a_states(5.0, 5, 1.0)
    poisson = [math.exp(-5.0) * 5.0**k / math.factorial(k) for k in range(30)]
    np.testing.assert_allclose(states[:30], poisson, rtol=1e-9)


def test_equilibrium_of_two_states() -> None:
    np.testing.assert_allclose(birth_death(np.array([1.0]), np.array([3.0])), [0.75, 0.25])


@pytest.mark.parametrize(("patience_min", "load"), [(60.0, 5.0), (15.0, 5.0), (240.0, 7.0)])
def test_the_integrals_of_m_m_c_g_give_erlang_a(patience_min: float, load: float) -> None:
    found = OfferedWait.of(load / 60.0, 60.0, 5, Patience("exponential", patience_min))
    states = erlang_a_states(load, 5, patience_min / 60.0)
    waiting = states @ np.maximum(np.arange(len(states)) - 5, 0)
    assert found.wait_probability == pytest.approx(states[5:].sum(), rel=1e-8)
    assert found.abandonment_probability == pytest.approx(waiting / patience_min * 60.0 / load, rel=1e-8)
    assert found.wait_mean_min == pytest.approx(waiting * 60.0 / load, rel=1e-8)


def test_the_integrals_give_erlang_b_and_erlang_c_at_the_ends() -> None:
    lost = OfferedWait.of(7.0 / 60.0, 60.0, 10, Patience("fixed", 0.0))
    assert lost.abandonment_probability == pytest.approx(erlang_b(7.0, 10))
    assert lost.wait_mean_min == 0.0
    endless = OfferedWait.of(4.0 / 60.0, 60.0, 5, ENDLESS)
    assert endless.wait_probability == pytest.approx(erlang_c(4.0, 5))
    assert endless.abandonment_probability == pytest.approx(0.0, abs=1e-9)
    assert endless.wait_mean_min == pytest.approx(erlang_c(4.0, 5) * 60.0 / (5 - 4.0))


def test_fixed_patience_in_closed_form() -> None:
    # One server at load 1: the density of the offered wait is flat up to the patience D and falls at rate mu behind it.
    mean_min, patience_min = 6.0, 9.0
    found = OfferedWait.of(1.0 / mean_min, mean_min, 1, Patience("fixed", patience_min))
    idle = 1.0 / (1.0 + patience_min / mean_min + 1.0)
    assert found.wait_probability == pytest.approx(1.0 - idle)
    assert found.abandonment_probability == pytest.approx(idle)
    assert found.wait_mean_min == pytest.approx(
        idle / mean_min * (patience_min**2 / 2.0 + patience_min * mean_min)
    )


def test_states_below_the_number_of_servers_under_fixed_patience() -> None:
    theory = many_servers(5.0 / 60.0, 60.0, 5, Patience("fixed", 30.0))
    assert theory.states.sum() == pytest.approx(1.0 - theory.wait_probability)
    np.testing.assert_allclose(theory.states[1:] / theory.states[:-1], 5.0 / np.arange(1, 5))
    # As much work begins as is done: the servers that are busy on average.
    busy = theory.states @ np.arange(5) + 5.0 * theory.wait_probability
    assert busy / 5.0 == pytest.approx(theory.utilisation)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_m_d_1_states_have_their_closed_form(load: float) -> None:
    states = single_server(load, 1.0, 0.0).states
    one = (1.0 - load) * (math.exp(load) - 1.0)
    two = (1.0 - load) * math.exp(load) * (math.exp(load) - 1.0 - load)
    np.testing.assert_allclose(states[:3], [1.0 - load, one, two])


@pytest.mark.parametrize(("load", "cv"), [(0.5, 0.0), (0.8, 0.0), (0.5, 1.0), (0.7, 0.5)])
def test_pollaczek_khinchine_agrees_with_the_states_by_littles_law(load: float, cv: float) -> None:
    theory = single_server(load / 6.0, 6.0, cv)
    assert theory.states.sum() == pytest.approx(1.0, abs=1e-8)
    present = theory.states @ np.arange(len(theory.states))
    assert present == pytest.approx(load / 6.0 * (theory.wait_mean_min + 6.0), rel=1e-6)


def test_m_d_1_waits_half_as_long_as_m_m_1() -> None:
    assert single_server(0.8, 1.0, 0.0).wait_mean_min == pytest.approx(2.0)
    assert many_servers(0.8, 1.0, 1, ENDLESS).wait_mean_min == pytest.approx(4.0)


@pytest.mark.parametrize("cv", [0.5, 1.0])
def test_arrivals_in_a_lognormal_service_by_quadrature(cv: float) -> None:
    variance = math.log(1.0 + cv**2)

    def part(z: float, k: int) -> float:
        load = 0.7 * math.exp(math.sqrt(variance) * z - variance / 2.0)
        return math.exp(-load - z * z / 2.0) * load**k / math.factorial(k) / math.sqrt(2.0 * math.pi)

    found = arrivals_in_a_service(0.7, cv)
    for k in range(8):
        assert found[k] == pytest.approx(quad(part, -12.0, 12.0, args=(k,), epsabs=1e-13)[0], abs=1e-9)


# The files were chosen so that their results are easy to remember; docs/textbook_queues.md states them.
@pytest.mark.parametrize(
    ("file", "outcome", "value"),
    [
        ("mm1", "wait_mean_min", 54.0),
        ("mmc", "wait_probability", 0.7625),
        ("mmc", "wait_mean_min", 91.5),
        ("md1", "wait_mean_min", 12.0),
        ("erlang_b", "abandonment_probability", 0.0787),
    ],
)
def test_the_queues_in_the_files_have_round_results(file: str, outcome: str, value: float) -> None:
    laboratory = load_scenario(SCENARIOS / f"queue_{file}.yaml").settings.laboratory
    assert laboratory is not None
    assert getattr(textbook(laboratory), outcome) == pytest.approx(value, rel=1e-3)
