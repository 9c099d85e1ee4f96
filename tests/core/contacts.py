"""Who can have felt the absence of somebody, and when: reachability through the contacts that two runs have recorded.

A *node* is a household, a firm with its workers, or a care institution. Nodes meet in two ways. Two are *bound* to each
other from one minute to another: by an order, a contract, a placement, a stay, by a worker who changes the firm, or by
an elder who asks for a bed; an institution and the firm of its carers always are.
Somebody *looks* at a group at a minute and chooses: a household at all firms of its district when a need arises (and at
all institutions when it needs a bed), a newcomer at all firms, an agency without a candidate of its own at all
agencies. A change spreads along bonds, and along looks whose outcome it can have changed: those that ended otherwise in
the other run. Whoever it has not reached by midnight must stand there as in the other run, to the last bit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.clock import MINUTES_PER_DAY
from sim.market import placements
from sim.market.careers import CareerDesk
from sim.market.market import Market
from sim.market.residence import ResidenceDesk
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.state import Rows
from sim.vocabulary import NO_ROW, FirmForm, ServiceForm, WorkerStatus
from tests.core.worlds import TABLE_OF, Change, built

Key = int
Choice = tuple[Key, ...]
Node = tuple[str, Key]
Minutes = dict[Node, float]
Group = tuple[str, int]
ALL = -1
# Numbers of rows and links between rows, which differ when a row is missing; references are told in keys instead.
ROW_NUMBERS = {
    *TABLE_OF, "placement_row", "plan", "refused_by", "asked", "pool_winner", "stamp", "next_open",
    "previous_open", "open_head", "open_tail",
}  # fmt: skip
ORDER_LIVES, PLACEMENT_LIVES = range(1, 6), range(1, 4)


class Look(NamedTuple):
    """Somebody looks at all of a group at a minute, for a choice that has the same name in all runs."""

    minute: float
    who: Node
    group: Group
    choice: Choice


class Bond(NamedTuple):
    """Two have to do with each other from one minute to another."""

    one: Node
    other: Node
    begin_min: float
    end_min: float


class Told(NamedTuple):
    """A row as it stood at midnight, with keys in place of row numbers, and the nodes that it belongs to."""

    nodes: tuple[Node, ...]
    content: bytes


Day = dict[str, dict[Key, Told]]


@dataclass
class Log:
    """What a run has recorded.

    Attributes:
        days: What stood in the tables at each midnight, the first one included, by table and key.
        looks, bonds, transfers: Contacts; bonds by table and key of what binds, transfers of workers between firms and
            of elders who ask for a bed.
        outcomes: What has been chosen.
        entries: Newcomers: (minute, key, firm, key of the training base or 0).
        needs: Needs of all days: (minute, household's key, service, wanted start, key).
        groups: Who is looked at.
        leavers: When workers left the trade, by key.
        carers: Who has worked in the house of an institution, which pays otherwise than other firms.
    """

    days: list[Day] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    outcomes: dict[Choice, object] = field(default_factory=dict)
    bonds: dict[tuple[str, Key], Bond] = field(default_factory=dict)
    transfers: list[Bond] = field(default_factory=list)
    entries: list[tuple[float, Key, Key, Key]] = field(default_factory=list)
    needs: list[tuple[float, Key, int, float, Key]] = field(default_factory=list)
    groups: dict[Group, set[Node]] = field(default_factory=dict)
    leavers: dict[Key, float] = field(default_factory=dict)
    carers: set[Key] = field(default_factory=set)


def recorded(
    scenario: Scenario, change: Change, meddle: Callable[[MarketModel, int], None] | None = None
) -> tuple[MarketModel, Log]:
    """Run a scenario in a changed world and write down, in keys, what happens; ``meddle`` is called every midnight."""
    log = Log()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placements, "best_candidate", _overheard(placements.best_candidate, log))
        patch.setattr(CareerDesk, "move", _followed(CareerDesk.move, log))
        patch.setattr(ResidenceDesk, "request", _asked(ResidenceDesk.request, log))
        model = built(scenario, change)
        _note_groups(model, log)
        _note_newcomers(model, log)
        for day in range(scenario.settings.period.days + 1):
            if day > 0:
                model.run_days(1)
                _note_needs(model, log)
            log.days.append(_told_day(model))
            workers = model.tables["workers"].used
            log.carers.update(workers["key"][workers["status"] == WorkerStatus.STAFF].tolist())
            _note_bonds(model, log)
            if meddle is not None:
                meddle(model, day)
    workers = model.tables["workers"].used
    left = workers[workers["left_min"] < model.now_min]
    log.leavers = {int(row["key"]): float(row["left_min"]) for row in left}
    return model, log


def _keys(market: Market, name: str) -> Rows:
    rows: Rows = market.table(name).used["key"]
    return rows


def _firm(market: Market, row: int) -> Node:
    return "firm", int(_keys(market, "companies")[row])


def _overheard(search: Callable[[Market, int], Any], log: Log) -> Callable[[Market, int], Any]:
    """Note when an agency without a candidate of its own looks at the other agencies' workers."""

    def heard(market: Market, placement: int) -> Any:
        found, reason = search(market, placement)
        company = int(market.rows("placements")["company_row"][placement])
        employer = int(market.rows("workers")["company_row"][found]) if found != NO_ROW else NO_ROW
        if market.rows("companies")["form"][company] == FirmForm.AGENCY and employer != company:
            row = market.rows("placements")[placement]
            choice = (int(row["key"]), int(row["interviews"]))
            log.looks.append(Look(market.now_min, _firm(market, company), ("agencies", ALL), choice))
            log.outcomes[choice] = (NO_ROW, reason)
            if employer != NO_ROW:
                log.outcomes[choice] = (int(_keys(market, "workers")[found]), reason)
                pair = _firm(market, company), _firm(market, employer)
                log.transfers.append(Bond(*pair, market.now_min, market.now_min))
        return found, reason

    return heard


def _followed(move: Callable[..., None], log: Log) -> Callable[..., None]:
    """Note who changes the firm, and between which; who goes to an institution has looked at all of them."""

    def moved(desk: CareerDesk, workers: list[int], firms: Rows) -> None:
        market = desk.market
        for worker in workers:
            row = market.rows("workers")[worker]
            old, new = _firm(market, int(row["company_row"])), _firm(market, int(firms[worker]))
            log.transfers.append(Bond(old, new, market.now_min, market.now_min))
            if market.rows("companies")["institution_row"][firms[worker]] != NO_ROW:
                choice = (int(row["key"]), int(market.now_min))
                log.looks.append(Look(market.now_min, old, ("institutions", ALL), choice))
                log.outcomes[choice] = new
        move(desk, workers, firms)

    return moved


def _asked(request: Callable[..., int], log: Log) -> Callable[..., int]:
    """Note which institution an elder asks for a bed, who may be turned away there."""

    def asked(desk: ResidenceDesk, household: int, service: int, company: int, key: np.uint64) -> int:
        market = desk.market
        house = market.rows("companies")["institution_row"][company]
        home = "household", int(_keys(market, "households")[household])
        asked_of = "institution", int(_keys(market, "institutions")[house])
        log.transfers.append(Bond(home, asked_of, market.now_min, market.now_min))
        return request(desk, household, service, company, key)

    return asked


def _note_groups(model: MarketModel, log: Log) -> None:
    market = model.market
    firms = [_firm(market, row) for row in range(market.table("companies").size)]
    forms = market.rows("companies")["form"]
    reach = market.reach
    log.groups[("firms", ALL)] = set(firms)
    log.groups[("agencies", ALL)] = {firms[r] for r in range(len(firms)) if forms[r] == FirmForm.AGENCY}
    for key, row in market.rows("institutions")[["key", "company_row"]].tolist():
        if row != NO_ROW:
            log.transfers.append(Bond(("institution", key), firms[row], 0.0, math.inf))
    log.groups[("institutions", ALL)] = {("institution", int(key)) for key in _keys(market, "institutions")}
    for district in range(market.table("districts").size):
        rows = reach.rows[reach.starts[district] : reach.starts[district + 1]]
        log.groups[("firms", district)] = {firms[row] for row in rows}


def _note_newcomers(model: MarketModel, log: Log) -> None:
    region = model.desks.region
    assert region is not None
    welcome = region.labour.on_entered

    def entered(worker: int) -> None:
        market = model.market
        row = market.rows("workers")[worker]
        base = int(_keys(market, "bases")[row["base_row"]]) if row["base_row"] != NO_ROW else 0
        firm = _firm(market, int(row["company_row"]))
        log.entries.append((market.now_min, int(row["key"]), firm[1], base))
        choice = (int(row["key"]),)
        log.looks.append(Look(market.now_min, firm, ("firms", ALL), choice))
        log.outcomes[choice] = firm
        welcome(worker)

    region.labour.on_entered = entered


def _note_needs(model: MarketModel, log: Log) -> None:
    keys, districts = (model.tables["households"].used[name].tolist() for name in ("key", "district"))
    beds = model.tables["services"].used["form"] == ServiceForm.RESIDENCE
    for minute, row, service, wanted, key in model.market.needs.tolist():
        log.needs.append((minute, keys[row], service, wanted, key))
        log.looks.append(Look(minute, ("household", keys[row]), ("firms", districts[row]), (key,)))
        if beds[service]:
            log.looks.append(Look(minute, ("household", keys[row]), ("institutions", ALL), (key,)))


def _note_bonds(model: MarketModel, log: Log) -> None:
    """Note who has dealt with whom since when, which is also what was chosen; a later midnight says until when."""
    homes = model.tables["households"].used
    district_of = dict(zip(homes["key"].tolist(), homes["district"].tolist(), strict=True))
    begins = {"orders": "placed_min", "placements": "requested_min", "residents": "admitted_min"}
    for name, told in log.days[-1].items():
        table = name.removeprefix("ended ")
        if table not in begins:
            continue
        rows = _rows(model, name)
        ends = rows["ended_min"] if name.startswith("ended ") else np.full(len(rows), math.inf)
        for key, begin, end in zip(
            rows["key"].tolist(), rows[begins[table]].tolist(), ends.tolist(), strict=True
        ):
            home, partner = told[key].nodes
            log.bonds[(table, key)] = Bond(home, partner, begin, end)
            log.outcomes[(key,)] = partner
            if begin == 0.0:  # chosen before time starts, when there are no needs yet
                log.looks.append(Look(begin, home, ("firms", district_of[home[1]]), (key,)))
        if table == "orders":
            again = rows[rows["need_key"] != rows["key"]]
            for key, begin in zip(again["key"].tolist(), again["placed_min"].tolist(), strict=True):
                home = told[key].nodes[0]
                log.looks.append(Look(begin, home, ("firms", district_of[home[1]]), (key,)))


def _rows(model: MarketModel, name: str) -> Rows:
    """Return the rows of a table that mean something."""
    market = model.market
    if name.startswith("ended "):
        ended: Rows = getattr(market, f"ended_{name.removeprefix('ended ')}").used
        return ended
    rows = market.table(name).used
    lives = {"orders": ORDER_LIVES, "placements": PLACEMENT_LIVES}
    if name in lives:
        return rows[np.isin(rows["state"], lives[name])]
    return rows[rows["household_row"] != NO_ROW] if name == "residents" else rows


TABLES = (
    "households", "workers", "companies", "institutions", "bases", "orders", "placements", "residents",
    "ended orders", "ended placements", "ended residents",
)  # fmt: skip
NODES_OF = {
    "households": (("household", "key"),),
    "workers": (("firm", "company_row"),),
    "companies": (("firm", "key"),),
    "institutions": (("institution", "key"),),
    "bases": (),
    "orders": (("household", "household_row"), ("firm", "company_row")),
    "placements": (("household", "household_row"), ("firm", "company_row")),
    "residents": (("household", "household_row"), ("institution", "institution_row")),
}


def _told_day(model: MarketModel) -> Day:
    return {name: dict(_told(model, name)) for name in TABLES}


def _told(model: MarketModel, name: str) -> Iterator[tuple[Key, Told]]:
    rows = _rows(model, name)
    owners = [
        [(kind, key) for key in _key_column(model, rows, column)]
        for kind, column in NODES_OF[name.removeprefix("ended ")]
    ]
    nodes = zip(*owners, strict=True) if owners else [()] * len(rows)
    return zip(rows["key"].tolist(), map(Told, nodes, contents(model, rows)), strict=True)


def _key_column(model: MarketModel, rows: Rows, column: str) -> list[Key]:
    """Return a reference as keys; 0 for nobody."""
    if column not in TABLE_OF:
        keys: list[Key] = rows[column].tolist()
        return keys
    # A row number of -1 takes the last entry, which stands for nobody.
    known = np.append(_keys(model.market, TABLE_OF[column]), np.uint64(0))
    found: list[Key] = known[rows[column]].tolist()
    return found


def contents(model: MarketModel, rows: Rows) -> list[bytes]:
    """Return each row as bytes, with keys in place of the numbers of other rows."""
    names = rows.dtype.names or ()
    columns = [rows[name] for name in names if name not in ROW_NUMBERS]
    columns += [np.array(_key_column(model, rows, name), np.uint64) for name in names if name in TABLE_OF]
    told = [row.tobytes() for row in np.concatenate([_bytes(column) for column in columns], axis=1)]
    if "plan" in names:
        orders = _keys(model.market, "orders")
        plans = zip(rows["plan"], rows["plan_length"].tolist(), strict=True)
        told = [told[k] + orders[plan[:length]].tobytes() for k, (plan, length) in enumerate(plans)]
    return told


def _bytes(column: Rows) -> Rows:
    """Return a column's bytes, shape (rows, bytes of a row)."""
    return np.ascontiguousarray(column).view("u1").reshape(len(column), column.nbytes // max(len(column), 1))


def reach(roots: Mapping[Node, float], one: Log, other: Log) -> Minutes:
    """Return from when on each node can have felt a change that begins at the roots; no entry for never."""
    felt = dict(roots)
    groups = {name: nodes | other.groups[name] for name, nodes in one.groups.items()}
    looks = [
        look
        for look in [*one.looks, *other.looks]
        if one.outcomes.get(look.choice) != other.outcomes.get(look.choice)
    ]
    bonds = [bond for log in (one, other) for bond in [*log.bonds.values(), *log.transfers]]
    before: Minutes = {}
    while felt != before:
        before = dict(felt)
        for look in looks:
            seen = min((felt.get(node, math.inf) for node in groups[look.group]), default=math.inf)
            if seen <= look.minute < felt.get(look.who, math.inf):
                felt[look.who] = look.minute
        for bond in bonds:
            _pass_on(felt, bond.one, bond.other, bond)
            _pass_on(felt, bond.other, bond.one, bond)
    return felt


def _pass_on(felt: Minutes, source: Node, to: Node, bond: Bond) -> None:
    since = max(felt.get(source, math.inf), bond.begin_min)
    if since <= bond.end_min and since < felt.get(to, math.inf):
        felt[to] = since


@dataclass
class Comparison:
    """How two runs compare where nothing can have been felt.

    Attributes:
        unlike: What differs all the same; empty where all is well.
        alike: By table, changes from one midnight to the next that had to be equal in both runs.
        reached: The same of changes that were allowed to differ.
    """

    unlike: list[str] = field(default_factory=list)
    alike: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)

    def share_alike(self, name: str) -> float:
        """Return the share of a table's changes that had to be equal."""
        return self.alike[name] / max(self.alike[name] + self.reached[name], 1)


def compare(felt: Minutes, one: Log, other: Log, gone: Container[Key]) -> Comparison:
    """Compare two runs midnight by midnight, table by table, for all whom nothing had reached until then."""
    found = Comparison()
    for day, (a, b) in enumerate(zip(one.days, other.days, strict=True)):
        reached = {node for node, minute in felt.items() if minute <= day * MINUTES_PER_DAY}
        for name in TABLES:
            before = one.days[day - 1][name] if day > 0 else a[name]
            for key in a[name].keys() | b[name].keys():
                mine, yours = a[name].get(key), b[name].get(key)
                moved = mine != before.get(key)
                if key in gone or (mine == yours and not moved):
                    continue
                if any(node in reached for told in (mine, yours) if told is not None for node in told.nodes):
                    found.reached[name] += moved
                    continue
                found.alike[name] += moved
                if mine != yours:
                    found.unlike.append(f"{name} {key} at midnight {day}")
    return found
