"""One attempt at a run, in this process: call the task, and turn whatever happens into plain JSON values."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from numbers import Integral, Real
from traceback import TracebackException
from typing import Any

from sim.experiments.stage import enter_stage, stage_now

Task = Callable[[Mapping[str, Any]], Mapping[str, Any]]

ANSWER = frozenset({"values", "digest", "platform", "timings", "notes"})
FIRST_STAGE = "run"
MOST_MESSAGE = 2_000
MOST_TRACEBACK = 20_000
"""Characters of a failure's message and traceback that are kept; of a traceback the last ones."""
DIGEST_BYTES = 16
EXACT = 2**53
"""Up to here each integer is a float."""


class BadAnswer(ValueError):
    """A task returned something that cannot be recorded."""


def load_task(name: str) -> Task:
    """The function that ``package.module:function`` names.

    Raises:
        Exception: Whatever importing the module raises; AttributeError if it has no such function.
    """
    module, _, function = name.partition(":")
    task: Task = getattr(import_module(module), function)
    return task


def attempt(task: Task, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Make a run.

    Returns:
        The fields of :class:`~sim.experiments.outcome.Outcome`, as JSON values; the task's exceptions, its attempts to
        exit, and answers that cannot be recorded are failures.
    """
    enter_stage(FIRST_STAGE)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    reply: dict[str, Any]
    try:
        answer = task(payload)
        enter_stage("answer")
        reply = checked(answer)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a failure is data; it must not stop the study
        reply = {"failure": described(error)}
    reply.setdefault("platform", basic_platform())
    measured = {"wall_s": time.perf_counter() - wall_s, "cpu_s": time.process_time() - cpu_s}
    reply["timings"] = reply.get("timings", {}) | {name: round(s, 4) for name, s in measured.items()}
    return reply


def checked(answer: object) -> dict[str, Any]:
    """An answer with plain numbers and a digest.

    Raises:
        BadAnswer: It has other fields than it should, or they hold something else than JSON values.
    """
    if not isinstance(answer, Mapping) or not isinstance(answer.get("values"), Mapping):
        raise BadAnswer(f"a mapping with 'values' is needed, found {type(answer).__name__}")
    if unknown := sorted(map(str, set(answer) - ANSWER)):
        raise BadAnswer(f"unknown fields {', '.join(unknown)}; allowed: {', '.join(sorted(ANSWER))}")
    reply = dict(answer)
    reply["values"] = {str(name): _number(name, value) for name, value in answer["values"].items()}
    reply.setdefault("digest", values_digest(reply["values"]))
    try:
        json.dumps(reply)
    except (TypeError, ValueError) as error:
        raise BadAnswer(str(error)) from None
    return reply


def _number(name: object, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, Integral):
        return int(value) if abs(int(value)) <= EXACT else float(value)
    if isinstance(value, Real):
        return float(value)
    raise BadAnswer(f"the value of {name} is not a number: {type(value).__name__}")


def values_digest(values: Mapping[str, float | None]) -> str:
    """The digest of a run that gives nothing but its values (BLAKE2b, hex)."""
    text = json.dumps(values, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def basic_platform() -> dict[str, Any]:
    """What is known of the platform without asking the task's libraries."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "machine": platform.machine(),
    }


def described(error: BaseException) -> dict[str, str]:
    """The fields of a :class:`~sim.experiments.outcome.Failure`; never fails itself."""
    told = TracebackException.from_exception(error)
    return {
        "stage": stage_now(),
        "type": type(error).__qualname__,
        "message": encodable(str(told))[:MOST_MESSAGE],
        "traceback": encodable("".join(told.format()))[-MOST_TRACEBACK:],
    }


def encodable(text: str) -> str:
    """A text without half characters (lone surrogates), which no table takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
