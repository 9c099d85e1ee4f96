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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.experiments.errors import StudyError
from sim.experiments.layout import PARTS, PLAN, STUDY, write_lines
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


def write_plan(folder: Path, plan: Plan, *, replace: bool = False) -> Written:
    """Write a plan into a study's folder, or let the plan grow that is there.

    Args:
        folder: The study's folder; it is made if needed.
        plan: All runs, old ones included.
        replace: Whether runs that are no longer named may go, and task and shared payload may change.

    Raises:
        StudyError: The plan is not sound, or it changes the one that lies in the folder.
        OutputError: The system refuses to write.
    """
    check_plan(plan, folder)
    before = _before(folder)
    dropped = _changes(before, plan, folder, replace=replace)
    known = {run.identity for run in before.runs}
    added = [run for run in plan.runs if run.identity not in known]
    now = {run.identity: run for run in plan.runs}
    kept = [now[run.identity] for run in before.runs if run.identity in now]
    _write(folder, Plan(plan.task, (*kept, *added), plan.shared, plan.about))
    return Written(len(added), len(kept), dropped)


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


def _before(folder: Path) -> Plan:
    """The plan that lies in the folder, an empty one where there is none.

    The digest is not looked at: planning again is how a folder is mended whose writing was interrupted between its two
    files.
    """
    if (folder / STUDY).is_file():
        study = _study(folder)
        return Plan(study["task"], tuple(_runs(_content(folder), folder)), study["shared"])
    if folder.is_dir() and any(path.name not in PARTS for path in folder.iterdir()):
        raise refusal(StudyError, "study_folder_taken", folder)
    if folder.exists() and not folder.is_dir():
        raise refusal(StudyError, "results_in_the_way", folder)
    return Plan("", ())


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


def _write(folder: Path, plan: Plan) -> None:
    try:
        lines = [run.line() for run in plan.runs]
        study = {
            "format": FORMAT,
            "task": plan.task,
            "runs": len(lines),
            "plan_sha256": hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest(),
            "shared": plan.shared,
            "about": plan.about,
        }
        text = json.dumps(study, ensure_ascii=False, allow_nan=False, indent=2)
    except (TypeError, ValueError) as error:
        raise refusal(StudyError, "study_not_json", folder, problem=error) from None
    write_lines(folder / PLAN, lines)
    write_lines(folder / STUDY, [text.encode()])


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
