"""Remove from a study's journals the records of runs that no plan names any more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.experiments.journal import Span, packed, read_heads, spans
from sim.experiments.layout import replacing
from sim.experiments.lock import locked
from sim.experiments.plan import read_identities
from sim.experiments.store import read_store
from sim.records.refusal import cannot_write


@dataclass(frozen=True)
class Garbage:
    """What there is to remove, or has been removed.

    Attributes:
        records: Records of runs that the plan does not name.
        emptied: Journals that hold nothing else; they go.
        thinned: Journals that hold other records too; they are written anew without those.
        left: Journals that are damaged; they are left as they are.
    """

    records: int
    emptied: tuple[Path, ...]
    thinned: tuple[Path, ...]
    left: tuple[Path, ...]


def gc(folder: Path, *, dry_run: bool = True) -> Garbage:
    """Find what the plan does not name, and remove it if this is no dry run.

    Args:
        folder: The study's folder.
        dry_run: Whether everything stays; look at the answer, then call again.

    Raises:
        StudyError: There is no sound plan, or a process is working on the study.
        OutputError: The system refuses to write.
    """
    read_identities(folder)  # where there is no study, nothing is locked
    with locked(folder):
        named = set(read_identities(folder))
        store = read_store(folder)
        damaged = {damage.path for damage in store.damages}
        whole = [_sorted_out(path, named) for path in store.journals if path not in damaged]
        found = [one for one in whole if one.dropped]
        if not dry_run:
            for one in found:
                one.clean()
    return Garbage(
        records=sum(one.dropped for one in found),
        emptied=tuple(one.path for one in found if not one.kept),
        thinned=tuple(one.path for one in found if one.kept),
        left=tuple(path for path in store.journals if path in damaged),
    )


@dataclass(frozen=True)
class _Journal:
    """A journal and what of it stays.

    Attributes:
        path: The file.
        bodies: The records that stay, those about writer and platforms included.
        kept: Records of runs that stay.
        dropped: Records of runs that go.
    """

    path: Path
    bodies: list[bytes]
    kept: int
    dropped: int

    def clean(self) -> None:
        """Remove the file, or replace it by one without what goes."""
        if self.kept:
            with replacing(self.path) as beside:
                beside.write_bytes(b"".join(map(packed, self.bodies)))
            return
        try:
            self.path.unlink()
        except OSError as error:
            raise cannot_write(self.path, error) from error


def _sorted_out(path: Path, named: set[str]) -> _Journal:
    data = path.read_bytes()
    whole = [span for span in spans(data) if isinstance(span, Span)]
    bodies: list[bytes] = []
    kept = dropped = 0
    for span, (kind, *fields) in zip(whole, read_heads(data, whole), strict=True):
        goes = kind == "run" and fields[0] not in named
        dropped += goes
        kept += kind == "run" and not goes
        if not goes:
            bodies.append(data[span.start : span.end])
    return _Journal(path, bodies, kept, dropped)
