"""A textbook queue as a world: one place, one service, one household, and servers who never sleep or travel."""

from __future__ import annotations

import numpy as np

from sim.clock import DAYS_PER_WEEK, HOURS_PER_DAY, MINUTES_PER_DAY, MONTHS_PER_YEAR
from sim.rng import stable_key
from sim.scenario import Laboratory
from sim.state import COMMUNITY, COMPANY, DISTRICT, FESTIVAL_PHASES, HOUSEHOLD, SERVICE, WORKER, Rows
from sim.vocabulary import NO_ROW, DurationLaw, FirmForm, ServiceForm
from sim.world.frame import NEVER_MIN, numbered_keys

REGION = "laboratory"
_ALL_DAYS = (1 << DAYS_PER_WEEK) - 1
_WEEKEND_SHARE = 2.0 / DAYS_PER_WEEK


def laboratory_tables(laboratory: Laboratory) -> dict[str, Rows]:
    """Return the rows of all tables that a laboratory has."""
    return {
        "districts": _one("districts", DISTRICT, side_km=1.0),
        "communities": _one("communities", COMMUNITY, weight=1.0),
        "services": _service(laboratory),
        "households": _one(
            "households",
            HOUSEHOLD,
            members=1,
            propensity=1.0,
            last_company_row=NO_ROW,
            claim_row=NO_ROW,
            infant_since_min=NEVER_MIN,
        ),
        "companies": _company(laboratory.servers),
        "workers": _workers(laboratory.servers),
    }


def _one(table: str, dtype: np.dtype[np.void], **values: object) -> Rows:
    rows = np.zeros(1, dtype)
    rows["key"] = stable_key(REGION, table)
    for name, value in values.items():
        rows[name] = value
    return rows


def _service(laboratory: Laboratory) -> Rows:
    time = laboratory.service_time
    return _one(
        "services",
        SERVICE,
        form=ServiceForm.VISIT,
        duration_law=DurationLaw[time.law.upper()],
        duration_mean_min=time.mean_min,
        duration_cv=time.cv or 0.0,
        duration_max_min=np.inf,
        weekend_share=_WEEKEND_SHARE,
        month_index=np.ones(MONTHS_PER_YEAR),
        festival_index=np.ones(FESTIVAL_PHASES),
        start_hour_weights=np.full(HOURS_PER_DAY, 1.0 / HOURS_PER_DAY),
        same_day_share=1.0,
    )


def _company(servers: int) -> Rows:
    return _one(
        "companies",
        COMPANY,
        form=FirmForm.PLATFORM,
        citywide=1,
        institution_row=NO_ROW,
        weight=1.0,
        services=1,
        price_multiplier=1.0,
        share_level=1.0,
        target_workers=servers,
        workers=servers,
        open_head=NO_ROW,
        open_tail=NO_ROW,
    )


def _workers(servers: int) -> Rows:
    rows = np.zeros(servers, WORKER)
    rows["key"] = numbered_keys(stable_key(REGION, "worker"), servers)
    rows["base_row"] = rows["placement_row"] = NO_ROW
    rows["skills"] = 1
    rows["weekdays"] = _ALL_DAYS
    rows["shift_end_min"] = MINUTES_PER_DAY
    rows["absent_from_min"] = rows["absent_until_min"] = rows["left_min"] = NEVER_MIN
    return rows
