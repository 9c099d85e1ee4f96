"""What a run is doing just now, so that a failure can say in which stage it happened."""

from __future__ import annotations

from collections.abc import Callable


class _Stage:
    """The stage of this process.

    Attributes:
        name: The stage that was entered last.
        listener: Is told of each stage; a worker passes it on, so that it is known even if the worker dies.
    """

    name = ""
    listener: Callable[[str], None] | None = None


def enter_stage(name: str) -> None:
    """Say that a stage begins. A task calls this; outside of a study it has no effect."""
    _Stage.name = name
    if _Stage.listener is not None:
        _Stage.listener(name)


def stage_now() -> str:
    """The stage that was entered last, "" before the first."""
    return _Stage.name


def listen(listener: Callable[[str], None] | None) -> None:
    """Have each stage told to `listener`."""
    _Stage.listener = listener
