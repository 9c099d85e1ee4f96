from __future__ import annotations

from datetime import date

import pytest

from sim.data import FactTree
from sim.scenario import Settings
from sim.state import DTYPES
from sim.vocabulary import DurationLaw, FirmForm, ServiceForm
from sim.world.build import build_world

from .test_build import Resolved


@pytest.mark.parametrize("law", ["exponential", "fixed", "lognormal"])
def test_a_laboratory_is_one_place_with_servers_who_never_rest(facts: FactTree, law: str) -> None:
    time = {"law": law, "mean_min": 60.0} | ({"cv": 0.5} if law == "lognormal" else {})
    values = {
        "schema_version": 1,
        "name": {"en": "queue", "zh": "排队"},
        "period": {"start": date(2026, 1, 1), "days": 10},
        "laboratory": {"servers": 5, "arrivals_per_hour": 4.5, "service_time": time},
    }
    world = build_world(Resolved(Settings.model_validate(values), facts))
    assert list(world.tables) == list(DTYPES)
    for name in ("districts", "communities", "services", "households", "companies"):
        assert world.tables[name].size == 1, name
    service = world.tables["services"].used[0]
    assert service["duration_law"] == DurationLaw[law.upper()]
    assert (service["duration_mean_min"], service["form"]) == (60.0, ServiceForm.VISIT)
    assert service["duration_cv"] == time.get("cv", 0.0)
    workers = world.tables["workers"].used
    assert len(workers) == world.tables["companies"].used["workers"][0] == 5
    assert (workers["shift_end_min"] - workers["shift_start_min"] == 1440).all()
    assert set(workers["weekdays"]) == {127}
    assert set(workers["skills"]) == {1}
    assert world.tables["companies"].used["form"][0] == FirmForm.PLATFORM
    assert world.travel["zero"][0] == 1
    assert len(set(workers["key"].tolist())) == 5
