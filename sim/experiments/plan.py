"""The plan of a study: which runs there are, written before anything runs.

A study's folder holds ``study.json`` (the task, what all runs share, the digest of the plan) and ``plan.jsonl`` (one
run a line). A plan may grow: runs are added behind those that are there, and results of those are found again. It may
not change: the same identity must stand for the same run, and a run that has been planned stays in the plan unless the
caller says that the plan is to be replaced.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.experiments.errors import StudyError
from sim.experiments.layout import PLAN, STUDY, is_ours, write_lines
from sim.experiments.lock import StudyLock
from sim.experiments.store import read_store
from sim.records.refusal import refusal

FORMAT = 1
"""Version of the layout of a study's folder."""
IDENTITY = re.compile(r"[0-9a-f]{16,128}")
TASK = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_LINE_IDENTITY = re.compile(rb'^\{"identity":"([0-9a-f]+)"', re.MULTILINE)
RESERVED = frozenset(
    {
        "identity",
        "replication",
        "outcome",
        "value",
        "status",
        "attempt",
        "digest",
        "platform",
        "wall_s",
        "cpu_s",
    }
    | {"stage", "type", "message", "traceback"}
)
"""Columns of the collected tables, which no column of a point may be called."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Run:
    """One run of a study.

    Attributes:
        identity: Hex digest of all that its result is a function of.
        point: Where it stands in the design: value by column, the same columns in all runs of a plan.
        replication: Its number among the runs of the same point, from 0.
        payload: What its task is given, as JSON values, on top of what all runs share.
        cost: How long it will take in comparison with the others; long ones are begun first.
    """

    identity: str
    point: Mapping[str, Scalar]
    replication: int
    payload: Mapping[str, Any]
    cost: float = 1.0

    @property
    def meaning(self) -> tuple[object, ...]:
        """All that may not change while the identity stays."""
        return (dict(self.point), self.replication, dict(self.payload))

    def line(self) -> bytes:
        """The run as a line of ``plan.jsonl``."""
        return json.dumps(vars(self), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Plan:
    """All runs of a study.

    Attributes:
        task: What makes a run, as ``package.module:function``; it takes the payload as a mapping and returns a mapping
            with ``values`` (number or None by outcome) and, if it likes, ``digest``, ``platform``, ``timings`` and
            ``notes``.
        runs: In the order in which they were planned.
        shared: What the payloads of all runs have in common.
        about: Names and notes for readers; no run depends on it.
    """

    task: str
    runs: tuple[Run, ...]
    shared: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the points."""
        return tuple(self.runs[0].point) if self.runs else ()


@dataclass(frozen=True)
class Written:
    """What writing a plan did to the folder: numbers of runs that were added, kept and dropped."""

    added: int
    kept: int
    dropped: int


def run_identity(task: str, shared: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """An identity for runs that bring none of their own: the digest of task and payload (SHA-256, hex)."""
    text = json.dumps([task, {**shared, **payload}], sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_plan(folder: Path, plan: Plan, *, replace: bool = False, lock: StudyLock | None = None) -> Written:
    """Write a plan into a study's folder, or let the plan grow that is there.

    Args:
        folder: The study's folder; it is made if needed.
        plan: All runs, old ones included.
        replace: Whether runs that are no longer named may go, and task and shared payload may change.
        lock: The whole study's, if the caller goes on working on it. A plan that is there already needs none.

    Raises:
        StudyError: The plan is not sound, it changes the one that lies in the folder, or another process is working on
            the study.
        OutputError: The system refuses to write.
    """
    check_plan(plan, folder)
    return _bring_in(folder, lambda: _change(folder, plan, replace=replace), lock)


def replan(folder: Path, plan: Plan, *, lock: StudyLock | None = None) -> Written:
    """Write the plan of a study that is made as far as somebody wants to see it.

    Runs of the study that are recorded stay in the plan, also if `plan` does not go so far; others go. If the first run
    of `plan` is not in the folder's plan, that is another study and goes.

    Raises:
        StudyError, OutputError: As :func:`write_plan`.
    """
    check_plan(plan, folder)
    return _bring_in(folder, lambda: _change(folder, _with_recorded(plan, folder), replace=True), lock)


def read_identities(folder: Path) -> list[str]:
    """The identities of a plan's runs, without the rest of the plan.

    Raises:
        StudyError: As :func:`read_plan`.
    """
    return [found.decode() for found in _LINE_IDENTITY.findall(_checked(folder, _study(folder)))]


def read_plan(folder: Path) -> Plan:
    """Read the plan of a study's folder.

    Raises:
        StudyError: There is no study, or its plan is damaged or not the one that ``study.json`` names.
    """
    study = _study(folder)
    runs = tuple(_runs(_checked(folder, study), folder))
    return Plan(study["task"], runs, study["shared"], study["about"])


def check_plan(plan: Plan, folder: Path) -> None:
    """Refuse a plan that is not sound.

    Raises:
        StudyError: A duplicate run or identity, an ill-formed identity, task or cost, unequal or reserved columns.
    """
    if not TASK.fullmatch(plan.task):
        raise refusal(StudyError, "study_task_form", folder, found=plan.task)
    if reserved := sorted(RESERVED & set(plan.columns)):
        raise refusal(StudyError, "study_reserved_column", folder, found=", ".join(reserved))
    for run in plan.runs:
        _check_run(run, plan, folder)
    if twice := _twice(run.identity for run in plan.runs):
        raise refusal(StudyError, "study_identity_twice", folder, found=twice)
    if twice := _twice((*run.point.values(), run.replication) for run in plan.runs):
        raise refusal(StudyError, "study_point_twice", folder, found=twice)


def _check_run(run: Run, plan: Plan, folder: Path) -> None:
    if not IDENTITY.fullmatch(run.identity):
        raise refusal(StudyError, "study_identity_form", folder, found=run.identity)
    if tuple(run.point) != plan.columns:
        columns = ", ".join(plan.columns)
        raise refusal(StudyError, "study_columns", folder, found=", ".join(run.point), columns=columns)
    if not (math.isfinite(run.cost) and run.cost > 0 and run.replication >= 0):
        raise refusal(StudyError, "study_run_numbers", folder, found=run.identity)


def _twice(things: Iterable[object]) -> object | None:
    """The first thing that comes a second time."""
    seen: set[object] = set()
    for thing in things:
        if thing in seen:
            return thing
        seen.add(thing)
    return None


def plan_before(folder: Path) -> Plan:
    """The plan that lies in the folder, an empty one where there is none.

    The digest is not looked at: planning again is how a folder is mended whose writing was interrupted between its two
    files.

    Raises:
        StudyError: The folder holds something else, or what is there cannot be read.
    """
    if (folder / STUDY).is_file():
        study = _study(folder)
        return Plan(study["task"], tuple(_runs(_content(folder), folder)), study["shared"])
    if folder.is_dir() and not all(is_ours(path.name) for path in folder.iterdir()):
        raise refusal(StudyError, "study_folder_taken", folder)
    if folder.exists() and not folder.is_dir():
        raise refusal(StudyError, "results_in_the_way", folder)
    return Plan("", ())


@dataclass(frozen=True)
class _Change:
    """What a plan makes of a folder: the content of both files, and the numbers of runs."""

    lines: list[bytes]
    study: bytes
    written: Written

    def is_there(self, folder: Path) -> bool:
        """Whether the files have this content already."""
        try:
            there = (folder / PLAN).read_bytes(), (folder / STUDY).read_bytes()
        except OSError:
            return False
        return there == (_ended(self.lines), _ended([self.study]))

    def write(self, folder: Path) -> None:
        write_lines(folder / PLAN, self.lines)
        write_lines(folder / STUDY, [self.study])


def _bring_in(folder: Path, change: Callable[[], _Change], lock: StudyLock | None) -> Written:
    """Write a change, found anew under the lock, unless it is there already."""
    found = change()
    if found.is_there(folder):
        return found.written
    with StudyLock(folder) as own:
        if (lock or own).take():
            found = change()
        found.write(folder)
    return found.written


def _change(folder: Path, plan: Plan, *, replace: bool) -> _Change:
    before = plan_before(folder)
    dropped = _changes(before, plan, folder, replace=replace)
    known = {run.identity for run in before.runs}
    added = [run for run in plan.runs if run.identity not in known]
    now = {run.identity: run for run in plan.runs}
    kept = [now[run.identity] for run in before.runs if run.identity in now]
    written = Written(len(added), len(kept), dropped)
    return _Change(*_contents(folder, Plan(plan.task, (*kept, *added), plan.shared, plan.about)), written)


def _with_recorded(plan: Plan, folder: Path) -> Plan:
    """The plan, and behind it the recorded runs of the same study that it does not name."""
    there = {run.identity: run for run in plan_before(folder).runs}
    if not plan.runs or plan.runs[0].identity not in there:
        return plan
    recorded = read_store(folder).entries
    named = {run.identity for run in plan.runs}
    more = (run for name, run in there.items() if name in recorded and name not in named)
    return Plan(plan.task, (*plan.runs, *more), plan.shared, plan.about)


def _changes(before: Plan, plan: Plan, folder: Path, *, replace: bool) -> int:
    """Refuse what a plan may not change; return how many runs it drops."""
    now = {run.identity: run for run in plan.runs}
    for run in before.runs:
        if run.identity in now and now[run.identity].meaning != run.meaning:
            raise refusal(StudyError, "study_run_changed", folder, found=run.identity)
    dropped = sum(run.identity not in now for run in before.runs)
    same = (before.task, before.shared) == (plan.task, plan.shared)
    if before.runs and not replace and (dropped or not same):
        raise refusal(StudyError, "study_plan_changed", folder, dropped=dropped, planned=len(before.runs))
    return dropped


def _contents(folder: Path, plan: Plan) -> tuple[list[bytes], bytes]:
    """The lines of ``plan.jsonl``, and ``study.json``."""
    try:
        lines = [run.line() for run in plan.runs]
        study = {
            "format": FORMAT,
            "task": plan.task,
            "runs": len(lines),
            "plan_sha256": hashlib.sha256(_ended(lines)).hexdigest(),
            "shared": plan.shared,
            "about": plan.about,
        }
        text = json.dumps(study, ensure_ascii=False, allow_nan=False, indent=2)
    except (TypeError, ValueError) as error:
        raise refusal(StudyError, "study_not_json", folder, problem=error) from None
    return lines, text.encode()


def _ended(lines: Iterable[bytes]) -> bytes:
    """A file's content."""
    return b"".join(line + b"\n" for line in lines)


def _study(folder: Path) -> dict[str, Any]:
    path = folder / STUDY
    try:
        study = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise refusal(StudyError, "study_missing", folder, file=STUDY) from None
    except (OSError, ValueError) as error:
        raise refusal(StudyError, "results_damaged", path, problem=error) from None
    if not isinstance(study, dict) or study.get("format") != FORMAT:
        raise refusal(StudyError, "results_format", path, format=FORMAT)
    if missing := {"task", "runs", "plan_sha256", "shared", "about"} - set(study):
        raise refusal(StudyError, "results_damaged", path, problem=", ".join(sorted(missing)))
    return study


def _checked(folder: Path, study: Mapping[str, Any]) -> bytes:
    """The content of ``plan.jsonl``, which is as it was written."""
    content = _content(folder)
    if hashlib.sha256(content).hexdigest() != study["plan_sha256"]:
        raise refusal(StudyError, "study_plan_differs", folder / PLAN)
    return content


def _content(folder: Path) -> bytes:
    try:
        return (folder / PLAN).read_bytes()
    except OSError as error:
        raise refusal(StudyError, "results_damaged", folder / PLAN, problem=error.strerror) from None


def _runs(content: bytes, folder: Path) -> Iterator[Run]:
    for number, line in enumerate(content.splitlines(), 1):
        try:
            yield Run(**json.loads(line))
        except (TypeError, ValueError) as error:
            problem = f"{number}: {error}"
            raise refusal(StudyError, "results_damaged", folder / PLAN, problem=problem) from None
