"""One run as a task of a study of evidence: the values that published figures are held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.experiments.replication import digest_of, planned_scenarios
from sim.experiments.stage import enter_stage
from sim.records.dealings import Dealings
from sim.records.measures import Seen, values
from sim.records.numeric_platform import numeric_platform
from sim.records.period import Period
from sim.records.recorder import Recorder

TASK = f"{__name__}:measure"


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Simulate a scenario with one seed.

    Args:
        payload: ``scenario`` (``file`` and ``overrides``), ``seed``, ``outcomes`` (values in the form of
            :mod:`sim.records.measures`), ``run`` (the identity that the run is expected to have; may be missing).

    Raises:
        StudyError: The scenario is no longer that of the plan.
    """
    from sim.model import MarketModel

    enter_stage("set_up")
    planned = [payload["run"]] if "run" in payload else []
    (scenario,) = planned_scenarios([payload["scenario"]], payload["seed"], planned)
    settings = scenario.settings
    period = Period(settings.period.start, settings.period.days, settings.period.warm_up_days)
    recorder = Recorder(period, settings.scale, "none")
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    dealings = Dealings(recorder, period, len(model.world.service_ids))
    model.sink = dealings
    enter_stage("simulate")
    model.advance_to(model.end_min)
    enter_stage("record")
    model.close()
    recorded = recorder.finish(model.ledger_totals())
    days_to_festival = model.market.calendar.days_to_spring_festival[: period.days]
    new_years = np.flatnonzero(days_to_festival == 0).tolist()
    found = values(Seen(recorded, dealings), payload["outcomes"], new_years)
    digest = digest_of(sorted(recorder.digests().items()))
    model.release()
    return {"values": found, "digest": digest, "platform": numeric_platform()}
