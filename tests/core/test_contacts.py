"""Taking one actor out of the world changes nobody but those whom recorded contacts lead to."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from sim.model import MarketModel
from sim.state import World
from sim.vocabulary import NO_ROW
from tests.core.contacts import Comparison, Key, Log, Node, compare, reach, recorded
from tests.core.small import LIVELY, Town
from tests.core.worlds import drop, take

KINDS = ("households", "workers", "companies", "institutions", "bases")
ACTIVE = {"workers": "completed", "companies": "requested", "institutions": "admissions", "bases": "placed"}
# Three weeks before Spring Festival: workers come and go, go home, placements begin and end.
# Nobody changes the firm: who does thinks of one firm out of all, so that each firm that is missing is felt anywhere.
NO_MOVES = tuple(
    f"parameters.careers.move_rate_per_year.{form}=0"
    for form in ("platform", "agency", "employee_based", "outlet", "institution", "acquaintance")
)
# Who comes from elsewhere does not count who is here: each of them would hear of all.
NO_NETWORK = ("parameters.labour.network_strength=0", "parameters.labour.entry_pay_elasticity=0")
# Neighbours do not talk: what one hears from another is looked at in tests/market/test_word_of_mouth.py.
NO_TALK = "parameters.beliefs.talk_probability=0"
WHOLE = (
    "period.start=2026-01-20",
    "period.days=21",
    "scale=0.1",
    "parameters.households.needs.institution_care.rate_per_year=0.5",
    # Needs spread over many households and below what workers can serve: else everybody hears of everything in days.
    "parameters.households.needs.hourly_cleaning.rate_per_year=5",
    "parameters.households.propensity.shape=0.6",
    *NO_MOVES,
    *NO_NETWORK,
    NO_TALK,
    *LIVELY,
)
# Visits only, and nobody who looks at all firms.
APART = (
    "period.days=14",
    "scale=0.2",
    "parameters.labour.exit_rate_per_year=0.9",
    "parameters.labour.network_entry_rate_per_year=0",
    *NO_MOVES,
    NO_TALK,
    "services=[hourly_cleaning,deep_cleaning,window_cleaning,appliance_cleaning,cooking,elder_visit,"
    "organising,pet_care]",
)


class Setting(NamedTuple):
    """A world with everybody: the whole market, or districts whose households have firms of their own only."""

    overrides: tuple[str, ...]
    districts_apart: bool

    def make(self, world: World) -> None:
        """Change the world of the facts into this one."""
        if self.districts_apart:
            take(world, "companies", np.flatnonzero(world.tables["companies"].used["citywide"] == 0))
            take(world, "workers", np.flatnonzero(world.tables["workers"].used["company_row"] != NO_ROW))


SETTINGS = {"whole": Setting(WHOLE, False), "apart": Setting(APART, True)}


@cache
def everybody(setting: str, town: Town) -> tuple[MarketModel, Log]:
    """Run with everybody."""
    return recorded(town(*SETTINGS[setting].overrides), SETTINGS[setting].make)


@cache
def without(setting: str, name: str, row: int, town: Town) -> Log:
    """Run without one actor."""

    def change(world: World) -> None:
        SETTINGS[setting].make(world)
        drop(world, name, row)

    return recorded(town(*SETTINGS[setting].overrides), change)[1]


def key_of(model: MarketModel, name: str, row: int) -> Key:
    return int(model.tables[name].used["key"][row])


def by_activity(model: MarketModel, log: Log, name: str) -> list[int]:
    """Return the rows of the actors who have been there from the start and have done anything, the busiest first."""
    if name != "households":
        done = model.tables[name].used[ACTIVE[name]][: len(log.days[0][name])]
        return [row for row in np.argsort(-done, kind="stable").tolist() if done[row] > 0]
    keys = model.tables[name].used["key"].tolist()
    row_of = {key: row for row, key in enumerate(keys)}
    times = Counter(bond.one[1] for bond in log.bonds.values())
    return [row_of[key] for key, _ in sorted(times.items(), key=lambda item: (-item[1], item[0]))]


def roots_of(model: MarketModel, log: Log, name: str, row: int) -> dict[Node, float]:
    """Return who misses the actor at once, and from when on: a base is missed when its first graduates would come."""
    key = key_of(model, name, row)
    if name == "households":
        return {("household", key): 0.0}
    if name == "bases":
        return {("firm", firm): minute for minute, _, firm, base in reversed(log.entries) if base == key}
    if name == "institutions":
        service = int(model.tables[name].used["company_row"][row])
        return {("institution", key): 0.0, ("firm", key_of(model, "companies", service)): 0.0}
    if name == "workers":
        return dict.fromkeys(log.days[0][name][key].nodes, 0.0)
    homes = model.tables["institutions"].used
    served = homes["key"][homes["company_row"] == row].tolist()
    return {("firm", key): 0.0, **{("institution", home): 0.0 for home in served}}


def compared(setting: str, name: str, row: int, town: Town) -> Comparison:
    """Compare the run with everybody and the one without an actor."""
    model, log = everybody(setting, town)
    other = without(setting, name, row, town)
    felt = reach(roots_of(model, log, name, row), log, other)
    return compare(felt, log, other, {key_of(model, name, row)})


def chosen(setting: str, name: str, town: Town) -> int:
    """Return an actor who is missed, but not by everybody at once.

    Where districts are apart it is the busiest of his kind. In the whole market, where a busy firm has to do with
    nearly everybody within days, it is the quietest firm and a worker of it, the household whose first contact is
    nearest to the middle of the period, the quietest institution and the busiest base.
    """
    model, log = everybody(setting, town)
    rows = by_activity(model, log, name)
    if setting == "apart" or name == "bases":
        return rows[0]
    if name == "institutions":
        return rows[-1]
    if name == "households":
        return _first_met_midway(model, log, rows)
    firm = by_activity(model, log, "companies")[-1]
    employers = model.tables["workers"].used["company_row"]
    return firm if name == "companies" else int(np.flatnonzero(employers == firm)[0])


def _first_met_midway(model: MarketModel, log: Log, rows: list[int]) -> int:
    first: dict[Key, float] = {}
    for bond in log.bonds.values():
        first[bond.one[1]] = min(first.get(bond.one[1], bond.begin_min), bond.begin_min)
    return min(rows, key=lambda row: abs(first[key_of(model, "households", row)] - model.end_min / 2))


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        *(("apart", name) for name in ("households", "workers", "companies")),
        *(("whole", name) for name in KINDS),
    ],
)
def test_only_who_can_have_heard_of_it_feels_that_somebody_is_missing(
    setting: str, name: str, town: Town
) -> None:
    found = compared(setting, name, chosen(setting, name, town), town)
    assert found.unlike == []
    # Many go on as before although they have something to do, and some are allowed to differ: both are needed for a
    # test that can fail. Where districts are apart, a missing actor never reaches the other one.
    least = 0.3 if setting == "apart" else 0.04
    assert min(found.share_alike(table) for table in ("households", "workers", "ended orders")) > least
    assert found.alike["ended orders"] > 30
    assert found.reached["ended orders"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_only_who_can_have_heard_of_it_feels_that_anybody_is_missing(name: str, town: Town) -> None:
    rows = by_activity(*everybody("whole", town), name)
    rows = rows[::12] if name in {"households", "workers"} else rows
    wrong = {row: compared("whole", name, row, town).unlike for row in rows}
    assert len(wrong) > 0
    assert {row: unlike for row, unlike in wrong.items() if unlike} == {}


def test_a_missing_actor_is_felt(town: Town) -> None:
    model, log = everybody("apart", town)
    row = chosen("apart", "households", town)
    other = without("apart", "households", row, town)
    gone = {key_of(model, "households", row)}
    assert compare({}, log, log, set()).unlike == []
    unlike = compare({}, log, other, gone).unlike
    assert {what.split(" ")[0] for what in unlike} >= {"companies", "workers", "orders"}


def test_a_draw_from_a_running_count_would_be_seen(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The classic mistake: when somebody is missing, everybody behind him draws the next number in the row."""
    from sim.market import placements

    keyed = placements.exponential
    drawn = np.zeros(1, np.uint64)

    def counted(mean: float, seed: np.uint64, what: np.uint64, _key: np.uint64, occasion: np.uint64) -> float:
        drawn[0] += np.uint64(1)
        return keyed(mean, seed, what, drawn[0], occasion)

    monkeypatch.setattr(placements, "exponential", counted)
    scenario = town(*WHOLE, "period.days=7")
    model, log = recorded(scenario, lambda _world: None)
    home = min(
        bond.one[1]
        for (table, _), bond in log.bonds.items()
        if table == "placements" and bond.begin_min == 0.0
    )
    row = model.tables["households"].used["key"].tolist().index(home)
    drawn[0] = 0
    other = recorded(scenario, lambda world: drop(world, "households", row))[1]
    felt = reach(roots_of(model, log, "households", row), log, other)
    assert compare(felt, log, other, {home}).unlike != []


def pick(name: str, town: Town) -> tuple[Log, Log, Key]:
    """Return the whole market with everybody, without one actor, and the actor's key."""
    model, log = everybody("whole", town)
    row = chosen("whole", name, town)
    return log, without("whole", name, row, town), key_of(model, name, row)


def residents_of(*logs: Log) -> set[Key]:
    """Return the households with somebody in an institution, who needs no visits as long as he is there."""
    return {bond.one[1] for log in logs for (table, _), bond in log.bonds.items() if table == "residents"}


@pytest.mark.parametrize("name", KINDS)
def test_needs_are_everybodys_own(name: str, town: Town) -> None:
    log, other, gone = pick(name, town)
    aside = residents_of(log, other) | {gone}
    needs = [[need for need in run.needs if need[1] not in aside] for run in (log, other)]
    assert needs[0] == needs[1]
    assert len(needs[0]) > 0.9 * len(log.needs)


@pytest.mark.parametrize("name", KINDS)
def test_who_enters_and_who_leaves_is_nobody_elses_doing(name: str, town: Town) -> None:
    log, other, gone = pick(name, town)
    newcomers = {(minute, key) for minute, key, _, base in log.entries if base != gone}
    graduates = {key for _, key, _, base in log.entries if base == gone}
    assert {(minute, key) for minute, key, *_ in other.entries} == newcomers
    assert newcomers
    aside = graduates | {gone} | log.carers ^ other.carers  # what somebody earns in a house keeps him there
    assert other.leavers.keys() - aside == log.leavers.keys() - aside
    assert other.leavers


def test_one_need_more_shifts_none_of_the_later_ones(town: Town) -> None:
    """A household that has one need more today has the same needs tomorrow, and so has everybody else."""
    met = []
    _, log = everybody("apart", town)

    def meddle(model: MarketModel, day: int) -> None:
        if day == 3 and model.desks.region is not None:
            requested = model.tables["companies"].used["requested"]
            before = int(requested.sum())
            for household, service, wanted in model.market.needs[["household_row", "service", "wanted_min"]]:
                model.desks.region.demand._meet(
                    int(household), int(service), float(wanted) + 1440.0, np.uint64(12345)
                )
                if requested.sum() > before:  # others rather do it themselves
                    met.append(key_of(model, "households", household))
                    break

    more = recorded(town(*APART), SETTINGS["apart"].make, meddle)[1]
    assert more.outcomes.keys() - log.outcomes.keys() == {(12345,)}
    assert more.needs == log.needs
    felt = reach({("household", met[0]): 3 * 1440.0}, log, more)
    assert compare(felt, log, more, set()).unlike == []
