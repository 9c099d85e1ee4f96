"""The journal: what was recorded is read again, whatever happens to the file elsewhere."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import OutputError
from sim.experiments import journal as module
from sim.experiments.journal import MARK, Gap, Journal, Span, packed, spans
from sim.experiments.layout import JOURNALS
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.store import Store, read_store
from tests.experiments.studies import outcomes

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = {"python": "3.11.7", "machine": "x86_64"}
SEED = 20260301


def identity(number: int) -> str:
    return f"{number:032x}"


def outcome(number: int, **changes: object) -> Outcome:
    fields = {
        "values": {"fill_rate": number / 7, "missing": None},
        "digest": f"d{number}",
        "platform": PLATFORM,
    }
    return Outcome(identity(number), **{**fields, **changes})  # type: ignore[arg-type]


def write(folder: Path, numbers: range) -> Path:
    with Journal(folder) as journal:
        for number in numbers:
            journal.append(outcome(number))
    return journal.path


def put(folder: Path, data: bytes, name: str = "a.journal") -> Store:
    """Read a store whose only journal has this content."""
    (folder / JOURNALS).mkdir(parents=True, exist_ok=True)
    (folder / JOURNALS / name).write_bytes(data)
    return read_store(folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal of two platforms, twelve results and a failure."""
    with Journal(tmp_path_factory.mktemp("study")) as journal:
        for number in range(12):
            journal.append(outcome(number, platform=PLATFORM if number < 6 else {"machine": "arm64"}))
        journal.append(
            outcome(12, values={}, digest="", failure=Failure("simulate", "ValueError", "坏\n", "tb"))
        )
    return journal.path.read_bytes()


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    failure = Failure("set_up", "ValueError", "没有市场 \x89JZR\r\n\x1a\n", "Traceback ...")
    recorded = [
        outcome(1, notes={"a": [1, {"b": "二"}]}, timings={"wall_s": 1.5}),
        outcome(2, values={"huge": 1e308, "tiny": 5e-324, "whole": 2**60, "infinite": float("inf")}),
        outcome(3, values={}, digest="", attempt=3, failure=failure),
    ]
    with Journal(tmp_path) as journal:
        for one in recorded:
            journal.append(one)
    assert list(outcomes(tmp_path).values()) == recorded
    assert read_store(tmp_path).damages == []


def test_a_platform_is_written_once(tmp_path: Path) -> None:
    content = write(tmp_path, range(20)).read_bytes()
    assert content.count(b"x86_64") == 1
    assert list(read_store(tmp_path).platforms.values()) == [PLATFORM]


def test_a_record_is_there_before_the_journal_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(outcome(1))
    assert list(read_store(tmp_path).entries) == [identity(1)]
    journal.close()


def test_writers_do_not_share_files(tmp_path: Path) -> None:
    with Journal(tmp_path) as one, Journal(tmp_path) as other:
        one.append(outcome(1))
        other.append(outcome(2))
        assert one.path != other.path
    assert set(read_store(tmp_path).entries) == {identity(1), identity(2)}


def whole_records(data: bytes) -> list[tuple[int, int]]:
    """First byte of each record's mark and first byte after the record."""
    found = [span for span in spans(data) if isinstance(span, Span)]
    starts = [0, *(span.end for span in found)]
    return [(start, span.end) for start, span in zip(starts, found, strict=False)]


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_a_truncated_journal_loses_nothing_but_the_record_that_is_cut(
    tmp_path: Path, data: bytes, step: int
) -> None:
    records = whole_records(data)
    runs = [end for start, end in records if b'["run"' in data[start : start + 40]]
    for length in range(1, len(data), step):
        store = put(tmp_path, data[:length])
        whole = max((end for _, end in records if end <= length), default=0)
        assert [entry.end for entry in store.entries.values()] == [end for end in runs if end <= length]
        found = [(one.start, one.end, one.kind) for one in store.damages]
        assert found == ([] if whole == length else [(whole, length, "torn")])


@pytest.mark.parametrize("trials", [200, pytest.param(5000, marks=pytest.mark.slow)])
def test_a_flipped_bit_costs_one_record_and_is_found_where_it_is(
    tmp_path: Path, data: bytes, trials: int
) -> None:
    draw = random.Random(SEED)
    records = whole_records(data)
    sound = put(tmp_path, data)
    for _ in range(trials):
        bit = draw.randrange(8 * len(data))
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        start, end = next(record for record in records if record[0] <= bit // 8 < record[1])
        store = put(tmp_path, bytes(broken))
        kind = "torn" if end == len(data) else "damaged"
        assert [(one.start, one.end, one.kind) for one in store.damages] == [(start, end, kind)]
        lost = {key for key, entry in sound.entries.items() if start <= entry.start < end}
        assert set(store.entries) == set(sound.entries) - lost
        assert len(list(store.outcomes(store.entries.values()))) == len(store.entries)


@given(
    st.integers(0, 10_000),
    st.integers(0, 400),
    st.one_of(st.binary(max_size=200), st.just(MARK), st.just(b"\0" * 4096), st.just(packed(b"[]\n{}"))),
)
def test_whatever_takes_the_place_of_some_bytes_the_rest_is_read(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, removed: int, inserted: bytes
) -> None:
    at = min(at, len(data))
    after = min(at + removed, len(data))
    records = whole_records(data)
    broken = data[:at] + inserted + data[after:]
    found = {broken[one.start : one.end] for one in spans(broken) if isinstance(one, Span)}
    untouched = [(a, b) for a, b in records if b <= at or a >= after]
    head = len(packed(b""))
    assert {data[a + head : b] for a, b in untouched} <= found
    covered = sum(one.end - one.start + (head if isinstance(one, Span) else 0) for one in spans(broken))
    assert covered == len(broken)
    put(tmp_path_factory.mktemp("study"), broken)


def test_a_length_that_points_far_away_does_not_swallow_what_follows(data: bytes) -> None:
    (start, end), *_ = whole_records(data)[3:4]
    broken = data[: start + len(MARK)] + b"\xff\xff\xff\x7f" + data[start + len(MARK) + 4 :]
    assert [one for one in spans(broken) if isinstance(one, Gap)] == [Gap(start, end, torn=False)]


def test_a_foreign_file_is_named_and_left_alone(tmp_path: Path) -> None:
    write(tmp_path, range(3))
    place = tmp_path / JOURNALS
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    (place / "photo.journal").write_bytes(b"\xff\xd8\xff\xe0" * 100)
    (place / "folder.journal").mkdir()
    store = read_store(tmp_path)
    assert sorted(path.name for path in store.foreign) == ["folder.journal", "notes.txt", "photo.journal"]
    assert (len(store.entries), store.damages) == (3, [])
    assert (place / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("length", range(len(MARK) + 3))
def test_a_journal_that_was_hardly_begun_is_no_foreign_file(tmp_path: Path, data: bytes, length: int) -> None:
    store = put(tmp_path, data[:length])
    assert store.foreign == []
    assert len(store.damages) == (length > 0)


def test_a_record_of_a_later_version_is_reported_and_passed_over(tmp_path: Path, data: bytes) -> None:
    extra = packed(b'["later",1,2]\n{}') + packed(b"no json\n{}") + packed(b"") + packed(b'{"a":1}\n{}')
    store = put(tmp_path, data + extra)
    assert len(store.entries) == 13
    assert [one.kind for one in store.damages] == ["unknown"] * 4


def test_an_unreadable_journal_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, range(2))
    bad = write(tmp_path, range(2, 4))
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == bad:
            raise PermissionError(errno.EACCES, "no")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    store = read_store(tmp_path)
    assert [(one.path, one.kind) for one in store.damages] == [(bad, "unreadable")]
    assert len(store.entries) == 2


def test_a_full_disk_is_said_and_the_half_record_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    room = 1_500

    def full(number: int, content: bytes) -> int:
        nonlocal room
        if room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(number, bytes(content[:room]))
        room -= written
        return written

    journal = Journal(tmp_path)
    journal.append(outcome(0))
    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(OutputError, match="No space left"):
        for number in range(1, 100):
            journal.append(outcome(number))
    store = read_store(tmp_path)
    assert store.damages == []
    assert 3 <= len(store.entries) < 20
    room = 10_000
    journal.append(outcome(200))
    journal.close()
    assert identity(200) in read_store(tmp_path).entries


FILLING = """
import resource, sys
from pathlib import Path
from sim.errors import OutputError
from tests.experiments.test_journal import Journal, outcome
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
journal = Journal(Path(sys.argv[1]))
try:
    for number in range(1000):
        journal.append(outcome(number))
except OutputError as error:
    sys.exit(str(error))
"""


def test_the_system_itself_refuses_to_write_more(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FILLING, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "cannot be written (File too large)" in done.stderr
    store = read_store(tmp_path)
    assert store.damages == []
    assert len(store.entries) > 5
    assert 4_000 < store.journals[0].stat().st_size <= 5_000


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(path: Path, *_: object) -> int:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(module.os, "open", refuse)
    with pytest.raises(OutputError, match=os.strerror(number)):
        Journal(tmp_path)


def test_a_failing_disk_is_said_when_the_journal_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module.os, "fsync", refuse)
    with pytest.raises(OutputError, match=os.strerror(errno.EIO)):
        journal.close()


def test_slow_records_are_forced_to_the_disk_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    now = [100.0]
    monkeypatch.setattr(module.os, "fsync", synced.append)
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with Journal(tmp_path) as journal:
        synced.clear()
        for number, wait in enumerate((0.1, 0.1, 2.0, 0.1, 5.0)):
            now[0] += wait
            journal.append(outcome(number))
        assert len(synced) == 2
    assert len(synced) == 3
