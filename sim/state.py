"""The explicit state of a run: tables of columns, and nothing else.

A table is a NumPy structured array with spare capacity; an entity is a row. Whatever the market knows at an instant is
in these tables and in the clock's calendar, so that a run can be saved, resumed and branched by copying arrays. Mesa
agents hold a row number and read and write their row through properties.

Conventions: ``key`` is the entity's stable 64-bit key for random draws; ``*_row`` columns refer to another table
(-1 for none); times are minutes since the period's start; money is whole fen; ``x_km, y_km`` is the position on the
district's wrap-around patch, ``city_x_km, city_y_km`` the position on the full-size map.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.vocabulary import FirmForm, MoneyKind

KINDS_OF_MONEY = len(MoneyKind)
PLAN_LENGTH = 32
REFUSALS_KEPT = 8
MONTHS_KEPT = 12

Rows = NDArray[Any]
Record = Any
"""One row of a table; its fields are attributes in compiled code and items in Python."""

_PLACE = [
    ("district", "i2"),
    ("community_row", "i4"),
    ("x_km", "f4"),
    ("y_km", "f4"),
    ("city_x_km", "f4"),
    ("city_y_km", "f4"),
]
_MONEY = [("money_fen", "i8", (KINDS_OF_MONEY,))]

DISTRICT = np.dtype(
    [
        ("key", "u8"),
        ("side_km", "f8"),
        ("city_x_km", "f8"),
        ("city_y_km", "f8"),
        ("radius_km", "f8"),
        ("institution_fee_fen_per_month", "i8"),
    ],
    align=True,
)
"""side_km: edge of the wrap-around patch; radius_km: radius of the built-up area on the full-size map."""

COMMUNITY = np.dtype([("key", "u8"), ("weight", "f8"), *_PLACE], align=True)
"""weight: real communities that the row stands for."""

SERVICE = np.dtype(
    [
        ("key", "u8"),
        ("form", "i1"),
        ("needs_by", "i1"),
        ("health_class", "i1"),
        ("certificate_required", "i1"),
        ("duration_law", "i1"),
        ("list_price_fen", "i8"),
        ("price_fen", "i8"),
        ("price_per_min", "i1"),
        ("duration_mean_min", "f8"),
        ("duration_cv", "f8"),
        ("known_spread_share", "f8"),
        ("duration_min_min", "f8"),
        ("duration_max_min", "f8"),
        ("lead_time_mean_days", "f8"),
        ("same_day_share", "f8"),
        ("window_half_width_min", "f8"),
        ("worker_share_of_price", "f8"),
        ("weekend_share", "f8"),
        ("month_index", "f8", (12,)),
        ("start_hour_weights", "f8", (24,)),
        ("spell_mean_days", "f8"),
        ("visits_per_week", "f8"),
        ("hours_per_week", "f8"),
        ("search_mean_days", "f8"),
        ("need_rate_per_year", "f8"),
        ("income_elasticity", "f8"),
    ],
    align=True,
)
"""price_fen: per visit or per month; with price_per_min = 1 it is the price of an hour and is scaled by duration.
list_price_fen: the same without the surcharge of the day.
known_spread_share: share of the duration's variance (of its logarithm) that is known when the visit is booked."""

HOUSEHOLD = np.dtype(
    [
        ("key", "u8"),
        *_PLACE,
        ("members", "i1"),
        ("elders", "i1"),
        ("residents", "i1"),
        ("disability", "i1"),
        ("infants", "i1"),
        ("pets", "i1"),
        ("income_fifth", "i1"),
        ("home_m2", "f4"),
        ("income_fen_per_month", "i8"),
        ("propensity", "f4"),
        ("infant_since_min", "f8"),
        ("last_company_row", "i4"),
        ("active_placements", "i2"),
        ("engaged", "u4"),
        ("claim_row", "i4"),
        ("belief_mean", "f4", (len(FirmForm),)),
        ("belief_precision", "f4", (len(FirmForm),)),
        ("firm_mean", "f4"),
        ("firm_precision", "f4"),
        ("kin_free_min", "f4"),
        ("kin_paid_min", "f4"),
        ("kin_km", "f4"),
        ("kin_care_min", "f4"),
        ("kin_service", "i2"),
        ("kin_stamp", "i4"),
        ("committed_fen", "i8"),
        ("booked_fen", "i8"),
        ("spent_fen", "i8"),
        *_MONEY,
    ],
    align=True,
)
"""disability: worst degree among the elders, 0 none, 1 mild, 2 moderate, 3 severe; income_fifth 0 (poorest) to 4;
residents: elders of the household who live in an institution; ``engaged`` a bit mask of the services for which a
placement or contract is searched or runs, ``active_placements`` how many these are; ``claim_row`` the first claim
that it may use, or -1. ``belief_mean`` and ``belief_precision`` by form of firm, and ``firm_mean`` and
``firm_precision`` about the firm ``last_company_row``, are what it believes of quality (see
:mod:`sim.agents.beliefs`). Kin who would help have ``kin_free_min`` free and ``kin_paid_min`` paid minutes a week and
live ``kin_km`` away; they give ``kin_care_min`` a week for the service ``kin_service`` (-1 for none). Of the month's
budget ``committed_fen`` are set aside for what runs by the month, ``booked_fen`` for visits to come, ``spent_fen``
are spent on visits."""

WORKER = np.dtype(
    [
        # A search looks at these of every candidate; they lie together, so that it waits for memory once or twice each.
        ("key", "u8"),
        ("absent_from_min", "f8"),
        ("absent_until_min", "f8"),
        ("free_at_min", "f8"),
        ("skills", "u4"),
        ("reserved_slots", "u4"),
        ("shift_start_min", "f4"),
        ("shift_end_min", "f4"),
        ("day_of_place", "i4"),
        ("plan_length", "i2"),
        ("frozen", "i2"),
        ("home_district", "i2"),
        ("status", "i1"),
        ("weekdays", "u1"),
        ("health_class", "i1"),
        ("certified", "i1"),
        ("has_ebike", "i1"),
        ("company_row", "i4"),
        ("home_x_km", "f4"),
        ("home_y_km", "f4"),
        ("home_map_x_km", "f4"),
        ("home_map_y_km", "f4"),
        *_PLACE,
        # What follows is read of those who are chosen.
        ("home_city_x_km", "f4"),
        ("home_city_y_km", "f4"),
        ("trade", "i2"),
        ("origin", "i2"),
        ("base_row", "i4"),
        ("age_years", "f4"),
        ("female", "i1"),
        ("skill_level", "f4"),
        ("skill_potential", "f4"),
        ("service_seen_min", "f8"),
        ("income_memory_fen", "f8"),
        ("income_seen_fen", "i8"),
        ("months_seen", "i4"),
        ("moves", "i4"),
        ("employed_since_min", "f8"),
        ("destination", "i1"),
        ("health_held", "i1"),
        ("health_until_min", "f8"),
        ("reservation_fen_per_h", "f4"),
        ("rating", "f4"),
        ("ratings", "i4"),
        ("placement_row", "i4"),
        ("contracts", "i2"),
        ("plan", "i4", (PLAN_LENGTH,)),
        ("stamp", "i4"),
        ("entered_min", "f8"),
        ("left_min", "f8"),
        ("on_duty_min", "f8"),
        ("travel_min", "f8"),
        ("service_min", "f8"),
        ("placed_days", "f8"),
        ("payroll_until_min", "f8"),
        ("completed", "i4"),
        ("visit_days", "i4"),
        ("refusals", "i4"),
        ("income_fen", "i8"),
        *_MONEY,
    ],
    align=True,
)
"""The place columns are where the worker is (or was when last free); ``home_map`` is where his firm finds him at home
on its map (see :mod:`sim.world.surroundings`); ``weekdays`` is a bit mask, bit 0 is Monday;
``reserved_slots`` a bit mask of weekday x recurring slot; ``plan[:frozen]`` is begun and cannot be changed;
``stamp`` invalidates scheduled departures when the plan's head changes. Work moves ``skill_level`` towards
``skill_potential``; ``income_memory_fen`` is what a month brings as the worker remembers it, over ``months_seen``; the
``*_seen`` columns are the totals at the last look back; ``health_held`` is the class of the health examination that he
has when it is valid, until ``health_until_min``; ``employed_since_min`` is when
he changed to his firm, 0 for who never did; ``destination`` is where he went who has left."""

COMPANY = np.dtype(
    [
        ("key", "u8"),
        *_PLACE,
        ("form", "i1"),
        ("citywide", "i1"),
        ("reach_km", "f8"),
        ("surroundings", "u8"),
        ("institution_row", "i4"),
        ("weight", "f8"),
        ("services", "u4"),
        ("price_multiplier", "f8"),
        ("quality", "f8"),
        ("target_workers", "f8"),
        ("workers", "i4"),
        ("payroll_min", "f8"),
        ("open_head", "i4"),
        ("open_tail", "i4"),
        ("open_orders", "i4"),
        ("epoch_pending", "i1"),
        ("deferred_until_min", "f8"),
        ("requested", "i8"),
        ("completed", "i8"),
        ("cancelled", "i8"),
        ("unserved", "i8"),
        ("expected_wait_days", "f8"),
        ("rating_sum", "f8"),
        ("rating_count", "f8"),
        ("quality_sum", "f8"),
        ("quality_count", "i8"),
        ("illegal_actions", "i8"),
        ("price_anchor", "f8"),
        ("share_level", "f8"),
        ("share_anchor", "f8"),
        ("size_anchor", "f8"),
        ("month_fill", "f8"),
        ("usual_fill", "f8"),
        ("month_occupied", "f8"),
        ("usual_occupied", "f8"),
        ("seen_completed", "i8"),
        ("seen_unserved", "i8"),
        ("observed_min", "f8"),
        ("founded_min", "f8"),
        ("rent_fen_per_month", "i8"),
        ("office_staff", "f8"),
        ("office_min", "f8"),
        ("office_until_min", "f8"),
        ("capital_fen", "i8"),
        ("credit_limit_fen", "i8"),
        ("failures", "i8"),
        ("months_closed", "i4"),
        ("closed_revenue_fen", "i8"),
        ("closed_balance_fen", "i8"),
        ("revenue_by_month_fen", "i8", (MONTHS_KEPT,)),
        ("profit_by_month_fen", "i8", (MONTHS_KEPT,)),
        *_MONEY,
    ],
    align=True,
)
"""reach_km and surroundings: see :mod:`sim.world.surroundings`. weight: real firms that the row stands for;
``services`` a bit mask over services; the open orders are a doubly
linked list in the order of arrival; ``deferred_until_min`` is the next call that the dispatcher has put off to.
Adaptation: see :mod:`sim.market.pricing`; ``share_level`` times the service's share of the price reaches the worker,
the anchors are where the firm began, fill and occupied are shares of orders and of workers' time.
The books: rent and office staff are those of the row at the run's scale; ``office_min`` counts minutes of office staff
until ``office_until_min``; ``closed_revenue_fen`` and ``closed_balance_fen`` are totals at the last closing; month
number ``m`` of the books stands in place ``m % 12`` of the last twelve months' revenue and profit."""

ORDER = np.dtype(
    [
        ("key", "u8"),
        ("state", "i1"),
        ("reason", "i1"),
        ("service", "i2"),
        ("household_row", "i4"),
        ("company_row", "i4"),
        ("worker_row", "i4"),
        ("placement_row", "i4"),
        ("regular_row", "i4"),
        *_PLACE,
        ("placed_min", "f8"),
        ("wanted_min", "f8"),
        ("earliest_min", "f8"),
        ("latest_min", "f8"),
        ("confirm_by_min", "f8"),
        ("days_shifted", "i2"),
        ("days_patient", "i2"),
        ("expected_duration_min", "f8"),
        ("planned_start_min", "f8"),
        ("assigned_min", "f8"),
        ("depart_min", "f8"),
        ("arrive_min", "f8"),
        ("start_min", "f8"),
        ("finish_min", "f8"),
        ("travel_min", "f8"),
        ("travel_km", "f8"),
        ("duration_min", "f8"),
        ("price_fen", "i8"),
        ("wage_fen", "i8"),
        ("support_fen", "i8"),
        ("claim_row", "i4"),
        ("quality", "f4"),
        ("offers", "i4"),
        ("pool_winner", "i4"),
        ("refused_by", "i4", (REFUSALS_KEPT,)),
        ("stamp", "i4"),
        ("next_open", "i4"),
        ("previous_open", "i4"),
        ("ended_min", "f8"),
    ],
    align=True,
)
"""``support_fen`` of the price is paid from public money, on the claim ``claim_row``; ``duration_min`` is set when the
service ends; until then only the expected duration is known to anybody; ``pool_winner`` is the engine's secret while an
order is offered to a pool."""

PLACEMENT = np.dtype(
    [
        ("key", "u8"),
        ("state", "i1"),
        ("reason", "i1"),
        ("service", "i2"),
        ("household_row", "i4"),
        ("company_row", "i4"),
        ("worker_row", "i4"),
        ("district", "i2"),
        ("requested_min", "f8"),
        ("wanted_min", "f8"),
        ("withdraw_min", "f8"),
        ("start_min", "f8"),
        ("end_min", "f8"),
        ("stint_from_days", "f8"),
        ("worker_since_min", "f8"),
        ("counted_until_min", "f8"),
        ("present_days", "f8"),
        ("price_fen_per_month", "i8"),
        ("wage_fen_per_month", "i8"),
        ("billed_fen", "i8"),
        ("paid_fen", "i8"),
        ("committed_fen", "i8"),
        ("slots", "u4"),
        ("interviews", "i2"),
        ("replacements", "i2"),
        ("visits", "i4"),
        ("stamp", "i4"),
        ("ended_min", "f8"),
    ],
    align=True,
)
"""A live-in, day or maternity placement, or a recurring contract (then ``slots`` is its weekday x slot bit mask).
``committed_fen`` of the household's monthly budget are set aside for it;
``present_days`` are the days served until ``counted_until_min``; what has been billed and paid follows from them."""

BASE = np.dtype(
    [
        ("key", "u8"),
        ("origin", "i2"),
        ("in_region", "i1"),
        ("trade", "i2"),
        ("weight", "f8"),
        ("seats", "i4"),
        ("course_days", "f8"),
        ("fee_fen", "i8"),
        ("pass_probability", "f8"),
        ("take_job_probability", "f8"),
        ("travel_lag_days", "f8"),
        ("cohort", "i4"),
        ("enrolled", "i8"),
        ("passed", "i8"),
        ("placed", "i8"),
        *_MONEY,
    ],
    align=True,
)
"""weight: real bases that the row stands for; ``cohort`` counts the cohorts begun."""

INSTITUTION = np.dtype(
    [
        ("key", "u8"),
        *_PLACE,
        ("kind", "i1"),
        ("weight", "f8"),
        ("company_row", "i4"),
        ("beds", "i4"),
        ("residents", "i4"),
        ("staff", "i4"),
        ("staff_min", "f8"),
        ("staff_until_min", "f8"),
        ("fee_fen_per_month", "i8"),
        ("admissions", "i8"),
        ("discharges", "i8"),
        *_MONEY,
    ],
    align=True,
)
"""kind: 0 institution, 1 regional centre, 2 station; ``company_row`` is its home-care service, -1 for none."""

RESIDENT = np.dtype(
    [
        ("key", "u8"),
        ("household_row", "i4"),
        ("institution_row", "i4"),
        ("admitted_min", "f8"),
        ("counted_until_min", "f8"),
        ("present_days", "f8"),
        ("ended_min", "f8"),
        ("fee_fen_per_month", "i8"),
        ("billed_fen", "i8"),
        ("committed_fen", "i8"),
        ("service", "i2"),
        ("support_fen", "i8"),
        ("stamp", "i4"),
    ],
    align=True,
)

STINT = np.dtype(
    [
        ("placement_key", "u8"),
        ("worker_row", "i4"),
        ("wage_fen_per_month", "i8"),
        ("from_days", "f8"),
        ("to_days", "f8"),
    ],
    align=True,
)
"""One worker's part of a placement, in days served since the placement began."""

EMPLOYMENT = np.dtype(
    [("worker_row", "i4"), ("company_row", "i4"), ("from_min", "f8"), ("to_min", "f8")], align=True
)
"""A worker's time with a firm that he has left for another one."""

SERVICES_AT_MOST = 32
"""Services are bits of 32-bit masks: skills, what a firm offers, what a household is engaged in."""

SCHEME = np.dtype(
    [
        ("key", "u8"),
        ("active", "i1"),
        ("share", "f8", (SERVICES_AT_MOST,)),
        ("cap_fen_per_month", "i8"),
        ("budget_fen", "i8"),
        ("spent_fen", "i8"),
        ("reserved_fen", "i8"),
    ],
    align=True,
)
"""A public scheme that pays part of prices: ``share`` of the price by service, at most ``cap_fen_per_month`` for each
claim, until the budget is spent or reserved for visits that are booked."""

CLAIM = np.dtype(
    [
        ("key", "u8"),
        ("scheme_row", "i4"),
        ("household_row", "i4"),
        ("next_row", "i4"),
        ("linked", "i1"),
        ("valid_from_min", "f8"),
        ("used_fen", "i8"),
        ("reserved_fen", "i8"),
        ("spent_fen", "i8"),
    ],
    align=True,
)
"""A household's right to a scheme: used in this calendar month, reserved for booked visits, spent since it began;
``next_row`` is the household's next claim, -1 for none; a claim counts once it is ``linked`` to its household."""

NEED = np.dtype(
    [("minute", "f8"), ("household_row", "i4"), ("service", "i2"), ("wanted_min", "f8"), ("key", "u8")],
    align=True,
)
"""The day's needs, in the order of their minute."""

OCCURRENCE = np.dtype(
    [("minute", "f8"), ("priority", "i2"), ("kind", "i2"), ("subject", "i8"), ("stamp", "i8")], align=True
)
"""One entry of the clock's calendar."""

DTYPES = {
    "districts": DISTRICT,
    "communities": COMMUNITY,
    "services": SERVICE,
    "households": HOUSEHOLD,
    "workers": WORKER,
    "companies": COMPANY,
    "orders": ORDER,
    "placements": PLACEMENT,
    "bases": BASE,
    "institutions": INSTITUTION,
    "residents": RESIDENT,
    "schemes": SCHEME,
    "claims": CLAIM,
}


class Table:
    """A growing structured array with a free list, so that the slots of ended orders are used again.

    Attributes:
        rows: The array with its spare capacity; columns are ``rows["name"]``.
        size: Rows ever used; ``rows[:size]`` are meaningful.
        free: Rows that may be taken again, last released first.
    """

    __slots__ = ("_blank", "_stamped", "free", "rows", "size")

    def __init__(self, dtype: np.dtype[Any], capacity: int = 16) -> None:
        self.rows: Rows = np.zeros(max(capacity, 1), dtype)
        self.size = 0
        self.free: list[int] = []
        self._blank = np.zeros((), dtype)
        self._stamped = "stamp" in (dtype.names or ())

    @classmethod
    def of(cls, rows: Rows) -> Table:
        """Return a table whose used rows are exactly ``rows``."""
        table = cls(rows.dtype, max(len(rows), 1))
        table.rows[: len(rows)] = rows
        table.size = len(rows)
        return table

    @property
    def used(self) -> Rows:
        """The rows in use, a view (released rows included)."""
        view: Rows = self.rows[: self.size]
        return view

    def add(self) -> int:
        """Take a row, zeroed, and return its number; the array may move."""
        if self.free:
            row = self.free.pop()
            self._clear(row)
            return row
        if self.size == len(self.rows):
            self.grow(2 * self.size)
        self.size += 1
        return self.size - 1

    def _clear(self, row: int) -> None:
        # A stamp outlives its row's tenant, so that an occurrence entered for the old one cannot hit the new one.
        rows = self.rows
        if self._stamped:
            stamp = rows["stamp"][row] + 1
            rows[row] = self._blank
            rows["stamp"][row] = stamp
        else:
            rows[row] = self._blank

    def grow(self, capacity: int) -> None:
        """Make room for ``capacity`` rows."""
        bigger = np.zeros(capacity, self.rows.dtype)
        bigger[: self.size] = self.rows[: self.size]
        self.rows = bigger

    def release(self, row: int) -> None:
        """Give a row back; its content is void."""
        self.free.append(row)


class Columns(NamedTuple):
    """The arrays that compiled kernels work on, as one argument.

    ``capacity`` is the number of workers by (company, service) who have the skill; ``flows`` is fen by (kind of money,
    payer's sector, payee's sector) since the month began; ``transitions`` counts orders by (state before, state
    after); ``tallies`` counts orders by (service, district, ``Tally``); ``singles`` are accounts of sectors that have
    no table.
    """

    districts: Rows
    services: Rows
    households: Rows
    workers: Rows
    companies: Rows
    orders: Rows
    travel: Rows
    capacity: Rows
    flows: Rows
    transitions: Rows
    tallies: Rows
    schemes: Rows
    claims: Rows
    singles: Rows


@dataclass
class World:
    """All that exists when time starts: the tables and the maps that do not change.

    Attributes:
        tables: One :class:`Table` per name in ``DTYPES``.
        travel: Travel-time table (one structured record, see :mod:`sim.world.travel`).
        district_ids, service_ids, trade_ids, origin_ids: Names by index.
        seed: 64-bit seed of all draws.
    """

    tables: dict[str, Table]
    travel: Rows
    district_ids: tuple[str, ...]
    service_ids: tuple[str, ...]
    trade_ids: tuple[str, ...]
    origin_ids: tuple[str, ...]
    seed: np.uint64
    notes: list[str] = field(default_factory=list)
