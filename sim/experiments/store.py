"""The store: all journals of a study read into the set of recorded runs.

A run that was recorded several times counts once: the first result, or, while there is none, the last failure. Several
results of one run must have equal digests on one platform; where they have not, the store says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from sim.experiments.errors import StudyError
from sim.experiments.journal import FORMAT, MARK, OK, SUFFIX, Gap, Span, read_detail, read_heads, spans
from sim.experiments.layout import JOURNALS
from sim.experiments.outcome import Outcome, outcome_of
from sim.records.refusal import refusal

HEAD_FIELDS = {"journal": 2, "platform": 2, "run": 6}


class Entry(NamedTuple):
    """One record of a run.

    Attributes:
        identity: Which run.
        ok: Whether it gave a result.
        attempt: How often it had been tried.
        digest: Digest of its result; "" for a failure.
        platform: Key of the platform that it was made on.
        journal: Number of its file in :attr:`Store.journals`.
        start: Where its body begins in the file, bytes.
        end: Where its body ends.
    """

    identity: str
    ok: bool
    attempt: int
    digest: str
    platform: str
    journal: int
    start: int
    end: int


@dataclass(frozen=True)
class Damage:
    """Bytes of a journal that cannot be read.

    Attributes:
        path: The file.
        start: First damaged byte, from 0.
        end: First byte after the damage.
        kind: ``torn`` (the file ends in a part of a record), ``damaged`` (whole records follow), ``unknown`` (a whole
            record that this version cannot read), ``unreadable`` (the system refuses to read the file).
    """

    path: Path
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Disagreement:
    """Results of one run with different digests.

    Attributes:
        identity: The run.
        digests: The digests, in the order of recording.
        journals: The files that they stand in.
    """

    identity: str
    digests: tuple[str, ...]
    journals: tuple[Path, ...]


@dataclass
class Store:
    """What the journals of a study hold.

    Attributes:
        journals: The files, in the order in which they are counted.
        entries: The record that counts, by identity.
        repeats: All results, by identity, of runs that have several.
        platforms: Description by key.
        damages: What could not be read.
        foreign: What lies among the journals and is none; it is left alone.
        records: Records of runs in all, repeats included.
    """

    journals: list[Path] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    repeats: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    platforms: dict[str, dict[str, Any]] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    foreign: list[Path] = field(default_factory=list)
    records: int = 0

    def conflicts(self) -> list[Disagreement]:
        """Runs whose results differ on one platform: the run is no pure function of its identity."""
        return list(self._disagreements(same_platform=True))

    def platform_differences(self) -> list[Disagreement]:
        """Runs whose results differ between platforms only; that may happen and is no fault."""
        conflicting = {one.identity for one in self.conflicts()}
        found = self._disagreements(same_platform=False)
        return [one for one in found if one.identity not in conflicting]

    def outcomes(self, entries: Iterable[Entry]) -> Iterator[Outcome]:
        """Read what was recorded, in the order of files and of records within a file."""
        ordered = sorted(entries, key=lambda entry: (entry.journal, entry.start))
        for journal, group in groupby(ordered, key=lambda entry: entry.journal):
            with self.journals[journal].open("rb") as file:
                for entry in group:
                    file.seek(entry.start)
                    yield self._outcome(entry, file.read(entry.end - entry.start))

    def _outcome(self, entry: Entry, body: bytes) -> Outcome:
        known = {"digest": entry.digest, "platform": self.platforms.get(entry.platform, {})}
        return outcome_of(entry.identity, entry.attempt, {**read_detail(body), **known})

    def _disagreements(self, *, same_platform: bool) -> Iterator[Disagreement]:
        for identity, entries in self.repeats.items():
            for group in _groups(entries) if same_platform else [entries]:
                if len({entry.digest for entry in group}) > 1:
                    digests = tuple(dict.fromkeys(entry.digest for entry in group))
                    paths = tuple(dict.fromkeys(self.journals[entry.journal] for entry in group))
                    yield Disagreement(identity, digests, paths)
                    break


def _groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries by platform."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.platform].append(entry)
    return list(groups.values())


def read_store(folder: Path) -> Store:
    """Read all journals of a study's folder; damage and foreign files are reported and never fatal.

    Raises:
        StudyError: The system does not say which files there are.
    """
    store = Store()
    place = folder / JOURNALS
    try:
        paths = sorted(place.iterdir()) if place.is_dir() else []
    except OSError as error:
        raise refusal(StudyError, "file_unreadable", place, name=JOURNALS, reason=error.strerror) from None
    for path in paths:
        if path.suffix != SUFFIX or not path.is_file():
            store.foreign.append(path)
        else:
            _read_journal(path, store)
    return store


def _read_journal(path: Path, store: Store) -> None:
    try:
        data = path.read_bytes()
    except OSError:
        store.journals.append(path)
        store.damages.append(Damage(path, 0, 0, "unreadable"))
        return
    found = list(spans(data))
    if found and not any(isinstance(one, Span) for one in found) and not _begun(data):
        store.foreign.append(path)
        return
    store.journals.append(path)
    whole = [one for one in found if isinstance(one, Span)]
    for span, head in zip(whole, read_heads(data, whole), strict=True):
        if not _take(data, span, head, store):
            store.damages.append(Damage(path, span.start, span.end, "unknown"))
    for one in found:
        if isinstance(one, Gap):
            store.damages.append(Damage(path, one.start, one.end, "torn" if one.torn else "damaged"))


def _begun(data: bytes) -> bool:
    """Whether a file without a whole record is the beginning of a journal: its first mark, or a part of it."""
    return data.startswith(MARK) or MARK.startswith(data)


def _take(data: bytes, span: Span, head: list[Any], store: Store) -> bool:
    """Take a record; False if this version does not know what it says."""
    if not head or HEAD_FIELDS.get(head[0]) != len(head):
        return False
    if head[0] == "run":
        _, identity, status, attempt, digest, platform = head
        journal = len(store.journals) - 1
        _count(Entry(identity, status == OK, attempt, digest, platform, journal, *span), store)
    elif head[0] == "platform":
        store.platforms[head[1]] = read_detail(data[span.start : span.end])
    else:
        return bool(head[1] == FORMAT)
    return True


def _count(entry: Entry, store: Store) -> None:
    """Let a record of a run count, if it says more than what is known."""
    store.records += 1
    known = store.entries.setdefault(entry.identity, entry)
    if known is entry:
        return
    if entry.ok and known.ok:
        if entry.identity not in store.repeats:
            store.repeats[entry.identity].append(known)
        store.repeats[entry.identity].append(entry)
    elif entry.ok or (not known.ok and entry.attempt >= known.attempt):
        store.entries[entry.identity] = entry
