"""What queueing theory says of a laboratory: exact formulas for the long run, each with its source."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad

from sim.scenario import Laboratory

Floats = NDArray[np.float64]
_STATES = 400
_NODES = 120
_MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, eq=False)
class Theory:
    """The long-run behaviour of a queue.

    Attributes:
        arrivals_per_min: Rate of arrivals.
        service_mean_min: First moment of the service time.
        service_square_min2: Second moment of the service time.
        wait_mean_min: Mean time in queue of all customers; those who give up count until they leave.
        wait_probability: Share of customers who are not served at once.
        abandonment_probability: Share of customers who leave unserved.
        utilisation: Share of time that a server works.
        service_law: Law of the service time.
        states: Probabilities of 0, 1, 2, ... customers in the system, as far as they are known.
    """

    arrivals_per_min: float
    service_mean_min: float
    service_square_min2: float
    wait_mean_min: float
    wait_probability: float
    abandonment_probability: float
    utilisation: float
    service_law: str
    states: Floats


def erlang_b(offered_load: float, servers: int) -> float:
    """Return the share of blocked calls, by the recursion over servers (Cooper 1981, "Queueing Theory", ch. 3)."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered_load * blocked / (k + offered_load * blocked)
    return blocked


def erlang_c(offered_load: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c (Cooper 1981, ch. 3)."""
    blocked = erlang_b(offered_load, servers)
    return blocked / (1.0 - offered_load / servers * (1.0 - blocked))


def birth_death(births: Floats, deaths: Floats) -> Floats:
    """Return the equilibrium: state ``k`` is left upwards at ``births[k]`` and ``k + 1`` downwards at ``deaths[k]``."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths))])
    weights = np.exp(logs - logs.max())
    shares: Floats = weights / weights.sum()
    return shares


def erlang_a_states(offered_load: float, servers: int, patience_over_service: float) -> Floats:
    """Return the state probabilities of M/M/c+M, a birth-death process (Palm 1946).

    Args:
        offered_load: Arrival rate times mean service time.
        servers: Number of servers.
        patience_over_service: Mean patience over mean service time; infinite for M/M/c.
    """
    state = np.arange(1, _STATES + 1)
    deaths = np.minimum(state, servers) + np.maximum(state - servers, 0) / patience_over_service
    return birth_death(np.full(_STATES, offered_load), deaths.astype(np.float64))


@dataclass(frozen=True)
class OfferedWait:
    """Results for M/M/c+G from its building blocks (Zeltyn and Mandelbaum 2005, Queueing Systems 51, section 4).

    The offered wait is what an infinitely patient customer would wait.
    """

    wait_probability: float
    abandonment_probability: float
    wait_mean_min: float

    @classmethod
    def of(
        cls, arrivals_per_min: float, service_mean_min: float, servers: int, patience: Patience
    ) -> OfferedWait:
        """Compute the integrals J and J_H over the patience law and put them together."""
        release = servers / service_mean_min
        end = patience.certain_until_min

        def density(x: float) -> float:
            return math.exp(arrivals_per_min * patience.expected_up_to_min(x) - release * x)

        def weighted(x: float) -> float:
            return patience.expected_up_to_min(x) * density(x)

        j = _integral(density, end)
        j_h = _integral(weighted, end)
        load = arrivals_per_min * service_mean_min
        poisson = stats.poisson(load)
        e = poisson.cdf(servers - 1) / poisson.pmf(servers - 1)
        whole = e + arrivals_per_min * j
        return cls(
            wait_probability=float(arrivals_per_min * j / whole),
            abandonment_probability=float((1.0 + (arrivals_per_min - release) * j) / whole),
            wait_mean_min=float(arrivals_per_min * j_h / whole),
        )


@dataclass(frozen=True)
class Patience:
    """A law of patience: ``none``, ``fixed`` or ``exponential``."""

    law: str
    mean_min: float

    @property
    def certain_until_min(self) -> float:
        """Where the law has a kink: nobody leaves before."""
        return self.mean_min if self.law == "fixed" else 0.0

    def expected_up_to_min(self, x: float) -> float:
        """Return the mean of min(patience, x)."""
        if self.law == "none":
            return x
        if self.law == "fixed":
            return min(x, self.mean_min)
        return self.mean_min * -math.expm1(-x / self.mean_min)


def many_servers(
    arrivals_per_min: float, service_mean_min: float, servers: int, patience: Patience
) -> Theory:
    """Return M/M/c, M/M/c/c (Erlang B), M/M/c+M (Erlang A) or M/M/c+D."""
    found = OfferedWait.of(arrivals_per_min, service_mean_min, servers, patience)
    load = arrivals_per_min * service_mean_min
    if patience.law == "fixed":
        shares = stats.poisson.pmf(np.arange(servers), load)
        states = (1.0 - found.wait_probability) * shares / shares.sum()
    else:
        ratio = math.inf if patience.law == "none" else patience.mean_min / service_mean_min
        states = erlang_a_states(load, servers, ratio)
    if patience.law == "fixed" and patience.mean_min == 0.0:
        states = np.append(states, found.wait_probability)
    return Theory(
        arrivals_per_min=arrivals_per_min,
        service_mean_min=service_mean_min,
        service_square_min2=2.0 * service_mean_min**2,
        wait_mean_min=found.wait_mean_min,
        wait_probability=found.wait_probability,
        abandonment_probability=0.0 if patience.law == "none" else found.abandonment_probability,
        service_law="exponential",
        utilisation=load * (1.0 - found.abandonment_probability) / servers,
        states=states,
    )


def single_server(arrivals_per_min: float, service_mean_min: float, cv: float) -> Theory:
    """Return M/G/1 with a fixed (cv 0) or lognormal service time, by Pollaczek (1930) and Khinchine (1932)."""
    load = arrivals_per_min * service_mean_min
    square = service_mean_min**2 * (1.0 + cv**2)
    return Theory(
        arrivals_per_min=arrivals_per_min,
        service_mean_min=service_mean_min,
        service_square_min2=square,
        wait_mean_min=arrivals_per_min * square / (2.0 * (1.0 - load)),
        wait_probability=load,
        abandonment_probability=0.0,
        utilisation=load,
        service_law="lognormal" if cv else "fixed",
        states=embedded_chain(arrivals_in_a_service(load, cv), load),
    )


def arrivals_in_a_service(load: float, cv: float) -> Floats:
    """Return the probabilities of 0, 1, ... arrivals during a service, a mixed Poisson law."""
    counts = np.arange(_STATES)
    if cv == 0.0:
        fixed: Floats = stats.poisson.pmf(counts, load)
        return fixed
    variance = math.log(1.0 + cv**2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    loads = load * np.exp(math.sqrt(variance) * nodes - 0.5 * variance)
    mixed: Floats = (weights / weights.sum()) @ stats.poisson.pmf(counts, loads[:, None])
    return mixed


def embedded_chain(arrivals: Floats, load: float) -> Floats:
    """Return the state probabilities of M/G/1, which are those at departures (Kleinrock 1975, section 5.6).

    As many departures lead down from ``n + 1`` to ``n`` as lead up across that border, which gives a recursion without
    differences.
    """
    more_than = np.append(arrivals[::-1].cumsum()[::-1][1:], 0.0)
    states = np.zeros(len(arrivals))
    states[0] = 1.0 - load
    for n in range(len(states) - 1):
        upward = states[0] * more_than[n] + states[1 : n + 1] @ more_than[n:0:-1]
        states[n + 1] = upward / arrivals[0]
    return states


def textbook(laboratory: Laboratory) -> Theory:
    """Return what theory says of a laboratory.

    Raises:
        ValueError: There is no exact formula for it here.
    """
    time = laboratory.service_time
    arrivals_per_min = laboratory.arrivals_per_hour / _MINUTES_PER_HOUR
    patience = Patience(laboratory.patience.law, laboratory.patience.mean_min or 0.0)
    if time.law == "exponential":
        return many_servers(arrivals_per_min, time.mean_min, laboratory.servers, patience)
    if laboratory.servers > 1 or patience.law != "none":
        raise ValueError("no formula: a service time that is not exponential needs one server and patience")
    return single_server(arrivals_per_min, time.mean_min, time.cv or 0.0)


def _integral(function: Callable[[float], float], kink: float) -> float:
    below = quad(function, 0.0, kink, epsabs=0.0, epsrel=1e-11)[0] if kink > 0.0 else 0.0
    return float(below + quad(function, kink, np.inf, epsabs=0.0, epsrel=1e-11)[0])
