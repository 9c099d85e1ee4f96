"""One run of the market as a task of a study: the city's indicators, and the digest of everything recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.experiments.replication import digest_of, planned_scenarios
from sim.experiments.stage import enter_stage
from sim.records import kpis
from sim.records.numeric_platform import numeric_platform
from sim.records.period import Period
from sim.records.recorder import Recorder

TASK = f"{__name__}:simulate"


def simulate(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Simulate a scenario with one seed.

    Args:
        payload: ``scenario`` (``file`` and ``overrides``), ``seed``, ``outcomes`` (indicators of the whole region, or
            ``indicator/scope/group``),
            ``run`` (the identity that the run is expected to have; may be missing).

    Raises:
        StudyError: The scenario is no longer that of the plan.
    """
    from sim.model import MarketModel

    enter_stage("set_up")
    planned = [payload["run"]] if "run" in payload else []
    (scenario,) = planned_scenarios([payload["scenario"]], payload["seed"], planned)
    period = scenario.settings.period
    recorder = Recorder(
        Period(period.start, period.days, period.warm_up_days), scenario.settings.scale, "none"
    )
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    enter_stage("simulate")
    model.advance_to(model.end_min)
    enter_stage("record")
    model.close()
    values = kpis.named_values(recorder.finish(model.ledger_totals()), payload["outcomes"])
    digest = digest_of(sorted(recorder.digests().items()))
    model.release()
    return {
        "values": values,
        "digest": digest,
        "platform": numeric_platform(),
    }
