"""How a study stands: what its files say, whoever has been working on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.outcome import Failure
from sim.experiments.plan import read_identities
from sim.experiments.store import Damage, Disagreement, Entry, Store, read_store


@dataclass(frozen=True)
class Status:
    """How a study stands.

    Attributes:
        planned: Runs of the plan.
        done: Of these, recorded with a result.
        failed: Of these, recorded as failures.
        missing: Of these, not recorded.
        unplanned: Recorded runs that the plan does not name.
        repeated: Runs with several results.
        failures: Number of failed runs by (stage, type).
        first_failure: The one that was recorded first; None where none failed.
        conflicts: Runs whose results differ on one platform.
        platform_differences: Runs whose results differ between platforms.
        platforms: Platforms that results were made on.
        journals: Journal files.
        damages: What cannot be read in them.
        foreign: What lies among them and is none.
    """

    planned: int
    done: int
    failed: int
    missing: int
    unplanned: int
    repeated: int
    failures: dict[tuple[str, str], int]
    first_failure: Failure | None
    conflicts: list[Disagreement]
    platform_differences: list[Disagreement]
    platforms: int
    journals: int
    damages: list[Damage]
    foreign: list[Path]

    @property
    def complete(self) -> bool:
        """Whether every run of the plan has a result."""
        return self.done == self.planned


def status(folder: Path) -> Status:
    """Read how a study stands.

    Raises:
        StudyError: There is no sound plan.
    """
    planned = read_identities(folder)
    store = read_store(folder)
    found = [store.entries[identity] for identity in planned if identity in store.entries]
    done = sum(entry.ok for entry in found)
    failures = _failures(store, found)
    return Status(
        planned=len(planned),
        done=done,
        failed=len(found) - done,
        missing=len(planned) - len(found),
        unplanned=len(store.entries) - len(found),
        repeated=len(store.repeats),
        failures=_counted(failures),
        first_failure=next(iter(failures), None),
        conflicts=store.conflicts(),
        platform_differences=store.platform_differences(),
        platforms=len({entry.platform for entry in store.entries.values() if entry.ok}),
        journals=len(store.journals),
        damages=store.damages,
        foreign=store.foreign,
    )


def _failures(store: Store, entries: list[Entry]) -> list[Failure]:
    """Failures in the order in which they were recorded."""
    outcomes = store.outcomes(entry for entry in entries if not entry.ok)
    return [outcome.failure for outcome in outcomes if outcome.failure is not None]


def _counted(failures: Sequence[Failure]) -> dict[tuple[str, str], int]:
    return dict(sorted(Counter((failure.stage, failure.type) for failure in failures).items()))
