"""One run from a scenario to a results folder, or to a saved state in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import sim
from sim.clock import MINUTES_PER_HOUR
from sim.errors import Fault, Interrupted, SavedStateError
from sim.records import kpis, saved
from sim.records.identity import run_identity
from sim.records.manifest import Manifest
from sim.records.numeric_platform import numeric_platform, peak_memory_bytes
from sim.records.period import Period
from sim.records.precision import half_widths
from sim.records.read import Results
from sim.records.recorder import Detail, Recorded, Recorder
from sim.records.refusal import refusal
from sim.records.results import check_writable, existing, folder_name, put_in_place, unfinished
from sim.records.space import space_warnings
from sim.scenario import Estimate, Scenario, check_resources, load_scenario
from sim.sink import EventSink
from sim.state import Rows

RESULTS = Path("results")
SAVED = ".saved"
"""Ending of the file beside the results in which a stopped run is saved."""
DETAILS: tuple[Detail, ...] = ("none", "indicators", "tables")


class Auditor(Protocol):
    """What a run needs of :class:`sim.market.audit.Auditor`."""

    @property
    def passed(self) -> dict[str, int]:
        """How often each audit was passed."""


class Model(saved.Savable, Protocol):
    """What a run needs of :class:`sim.model.MarketModel`."""

    @property
    def end_min(self) -> float:
        """End of the period."""

    @property
    def auditor(self) -> Auditor:
        """Who checks the books."""

    def advance_to(self, minute: float) -> None:
        """Simulate everything before a minute."""

    def close(self) -> None:
        """Audit and hand over what is still open."""

    def counts(self) -> dict[str, int]:
        """Count what exists and what has happened."""

    def ledger_totals(self) -> Rows:
        """Payments by month, kind, payer's and payee's sector (dtype ``tables.FLOW``)."""


class Market(Protocol):
    """What makes models: :class:`sim.model.MarketModel`."""

    def __call__(self, scenario: Scenario, sink: EventSink) -> Model:
        """Build the world of a scenario, at minute 0."""

    def resume(self, path: Path, scenario: Scenario, sink: EventSink) -> Model:
        """Go on from a saved state."""


class Stopped(Interrupted):
    """A run was stopped before its end and has been saved.

    Attributes:
        path: Where.
        now_min: How far it had come.
    """

    def __init__(self, path: Path, now_min: float) -> None:
        super().__init__(f"stopped; saved in {path}")
        self.path = path
        self.now_min = now_min


class Watcher:
    """Looks at a run from outside and may ask it to stop; this one does neither."""

    def stage(self, name: str) -> None:
        """Hear that a stage begins: set_up, simulate, record."""

    def moved(self, model: Model) -> None:
        """Hear that an hour has been simulated."""

    def stop_requested(self) -> bool:
        """Whether the run shall stop at the end of this simulated hour."""
        return False


@dataclass
class Stages:
    """Wall time by stage.

    Attributes:
        seconds: Seconds of each finished stage.
        started: When the first began.
    """

    watcher: Watcher
    seconds: dict[str, float] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and tell the watcher."""
        self.watcher.stage(name)
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - begun, 3)

    def timings(self) -> dict[str, Any]:
        """Seconds by stage, and when the run began and ended (UTC)."""
        ended = datetime.now(UTC)
        return {
            "seconds": dict(self.seconds),
            "started": self.started.isoformat(timespec="seconds"),
            "ended": ended.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True)
class Run:
    """A run that is going to be made: a scenario with nothing left open, and where its results go.

    Attributes:
        scenario: With its calendar frozen.
        identity: Hex digest of what the result is a function of.
        place: The results folder.
    """

    scenario: Scenario
    identity: str
    place: Path

    @property
    def detail(self) -> Detail:
        """Level of recording."""
        return self.scenario.settings.recording.detail

    @property
    def period(self) -> Period:
        """The run's days and months."""
        period = self.scenario.settings.period
        return Period(period.start, period.days, period.warm_up_days)

    @property
    def saved(self) -> Path:
        """The file beside the results in which the run is saved when it is interrupted."""
        return self.place.with_name(f"{self.place.name}{SAVED}")

    def warnings(self) -> list[Fault]:
        """What the user should know before the run: of the scenario, its space and its calendar."""
        calendar = self.scenario.settings.calendar
        frozen = calendar.warnings if calendar is not None else ()
        return [*self.scenario.warnings, *space_warnings(self.scenario), *map(Fault, frozen)]

    def done(self) -> Results | None:
        """The results of this very run, if they lie at their place in enough detail.

        Raises:
            OutputError: Something else lies there.
        """
        found = existing(self.place, self.identity)
        if found is None or DETAILS.index(self.detail) > DETAILS.index(found.detail):
            return None
        return Results(self.place)


def run(
    scenario: str | Path | Scenario,
    out: str | Path = RESULTS,
    *,
    force: bool = False,
    watcher: Watcher | None = None,
) -> Results:
    """Simulate a scenario and write its results; where they lie already, only read them.

    Args:
        scenario: A scenario file, or a scenario as :func:`sim.load` returns it.
        out: Folder in which the results folder is made.
        force: Run again even if the results are there.
        watcher: Is told of the progress.

    Raises:
        ScenarioError: The scenario file has faults.
        ResourceError: The run needs more memory or disk than there is.
        OutputError: The results cannot be written.
        AuditError: An invariant of the simulation is broken.
    """
    planned = plan(scenario if isinstance(scenario, Scenario) else load_scenario(scenario), out)
    done = None if force else planned.done()
    return done or execute(planned, watcher or Watcher())


def plan(scenario: Scenario, out: str | Path = RESULTS) -> Run:
    """Say which run a scenario is and where its results go, without simulating anything."""
    scenario = with_calendar(scenario)
    identity = run_identity(scenario)
    name = folder_name(scenario.files[-1], scenario.settings.seed, identity)
    return Run(scenario, identity, Path(out) / name)


def with_calendar(scenario: Scenario) -> Scenario:
    """The scenario with its calendar of holidays frozen into it."""
    if scenario.settings.calendar is not None:
        return scenario
    from sim.market.setup import calendar_data

    return scenario.with_calendar(calendar_data(scenario))


def execute(
    planned: Run, watcher: Watcher, resume: Path | None = None, market: Market | None = None
) -> Results:
    """Simulate a planned run to its end and put its results in their place.

    Args:
        planned: Which run, and where to.
        watcher: Is told of the progress; may stop the run.
        resume: Saved state to go on from. The one that an interruption left beside the results is removed at the end;
            one that the user named is kept.
        market: What makes the model; :class:`sim.model.MarketModel` if not given.

    Raises:
        Stopped: The watcher asked to stop; the state has been saved beside the results.
    """
    check_writable(planned.place.parent)
    estimate = check_resources(planned.scenario, planned.place.parent)
    existing(planned.place, planned.identity)
    stages = Stages(watcher)
    with unfinished(planned.place) as folder:
        recorder, model = _begin(planned, stages, folder, resume, market)
        _advance(planned, model, recorder, stages, model.end_min)
        with stages.stage("record"):
            model.close()
            recorded = recorder.finish(model.ledger_totals())
            if planned.detail != "none":
                kpis.write(kpis.kpis(recorded), folder)
        made = _Made(planned, recorder, recorded, model, stages, estimate)
        made.manifest(folder).write(folder)
        put_in_place(folder, planned.place)
    if resume == planned.saved:
        saved.remove(resume)
    return Results(planned.place)


def execute_until(
    planned: Run,
    until_min: float,
    path: Path,
    watcher: Watcher,
    resume: Path | None = None,
    market: Market | None = None,
) -> None:
    """Simulate a planned run to a point in time and save it to `path`; no results are written.

    Raises:
        OutputError: The state cannot be written.
        SavedStateError: The run to be resumed is beyond that time already.
        Stopped: The watcher asked to stop; the state has been saved beside the results.
    """
    saved.check_place(path)
    check_writable(planned.place.parent)
    check_resources(planned.scenario, planned.place.parent)
    stages = Stages(watcher)
    with unfinished(planned.place) as folder:
        recorder, model = _begin(planned, stages, folder, resume, market)
        if model.now_min > until_min:
            raise refusal(SavedStateError, "saved_beyond", resume or path)
        _advance(planned, model, recorder, stages, until_min)
        saved.save(path, model, recorder, planned.scenario)


def _begin(
    planned: Run, stages: Stages, folder: Path, resume: Path | None, market: Market | None
) -> tuple[Recorder, Model]:
    """Build the model, or take up a saved one, with a recorder that listens to it."""
    with stages.stage("set_up"):
        if resume is not None:
            saved.check_resumable(resume, planned.scenario, planned.detail)
        market = market or _market()
        recorder = Recorder(planned.period, planned.scenario.settings.scale, planned.detail, folder)
        if resume is None:
            model = market(planned.scenario, recorder)
            recorder.begin(model.world)
        else:
            model = market.resume(resume, planned.scenario, recorder)
            saved.resume_recorder(resume, model, recorder)
    return recorder, model


def _market() -> Market:
    from sim.model import MarketModel

    return MarketModel


def _advance(planned: Run, model: Model, recorder: Recorder, stages: Stages, until_min: float) -> None:
    """Simulate hour by hour, so that a wish to stop is heard soon."""
    watcher = stages.watcher
    with stages.stage("simulate"):
        while model.now_min < until_min and not watcher.stop_requested():
            next_hour = (model.now_min // MINUTES_PER_HOUR + 1.0) * MINUTES_PER_HOUR
            model.advance_to(min(next_hour, until_min))
            watcher.moved(model)
    if model.now_min < until_min:
        saved.save(planned.saved, model, recorder, planned.scenario)
        raise Stopped(planned.saved, model.now_min)


@dataclass(frozen=True)
class _Made:
    """All that a finished run's manifest is written from."""

    run: Run
    recorder: Recorder
    recorded: Recorded
    model: Model
    stages: Stages
    estimate: Estimate

    def manifest(self, folder: Path) -> Manifest:
        """The manifest of the files that the folder holds."""
        scenario = self.run.scenario
        resolved = scenario.to_dict()
        memory = {"estimated_bytes": self.estimate.memory_bytes, "peak_bytes": peak_memory_bytes()}
        return Manifest(
            name=resolved["settings"]["name"],
            scenario=resolved,
            identity=self.run.identity,
            seed=scenario.settings.seed,
            detail=self.run.detail,
            version=sim.__version__,
            platform=numeric_platform(),
            digests=self.recorder.digests(),
            monthly_digests=self.recorder.monthly_digests(),
            indicators=kpis.city_values(self.recorded),
            observations=kpis.city_observations(self.recorded),
            half_widths=half_widths(self.recorded) if scenario.settings.laboratory is not None else {},
            counts=self.model.counts(),
            audits=dict(self.model.auditor.passed),
            warnings=(*map(str, self.run.warnings()), *self.model.world.notes),
            timings=self.stages.timings(),
            memory=memory,
            files=tuple(sorted(path.name for path in folder.iterdir())),
        )
