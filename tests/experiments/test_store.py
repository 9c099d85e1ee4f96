"""The store: each run counts once, and results that should be equal and are not are told."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sim.experiments.errors import StudyError
from sim.experiments.journal import Journal
from sim.experiments.outcome import Failure, Outcome
from sim.experiments.store import read_store
from tests.experiments.studies import outcomes

RUN = "ab" * 16
OTHER = "cd" * 16
HERE, THERE = {"machine": "x86_64"}, {"machine": "arm64"}
FAILURE = Failure("simulate", "ValueError", "bad")


def ok(identity: str = RUN, digest: str = "d", platform: dict[str, Any] = HERE, **fields: Any) -> Outcome:
    return Outcome(identity, digest=digest, platform=platform, **fields)


def failed(attempt: int, failure: Failure = FAILURE) -> Outcome:
    return Outcome(RUN, attempt=attempt, failure=failure)


def record(folder: Path, *recorded: Outcome) -> Path:
    with Journal(folder) as journal:
        for one in recorded:
            journal.append(one)
    return journal.path


def test_an_empty_folder_is_an_empty_store(tmp_path: Path) -> None:
    store = read_store(tmp_path)
    assert (store.entries, store.records, store.conflicts()) == ({}, 0, [])


def test_a_result_counts_before_a_failure_in_either_order(tmp_path: Path) -> None:
    record(tmp_path / "a", failed(1), ok(attempt=2))
    record(tmp_path / "b", ok(), failed(2))
    record(tmp_path / "c", failed(2), ok(attempt=1))
    assert outcomes(tmp_path / "c")[RUN].ok
    assert outcomes(tmp_path / "a")[RUN].attempt == 2
    assert outcomes(tmp_path / "b")[RUN].ok


def test_of_several_failures_the_last_attempt_counts(tmp_path: Path) -> None:
    record(tmp_path, failed(2, Failure("simulate", "B", "")), failed(1, Failure("simulate", "A", "")))
    record(tmp_path, failed(3, Failure("simulate", "C", "")))
    failure = outcomes(tmp_path)[RUN].failure
    assert failure is not None
    assert failure.type == "C"


def test_a_run_made_twice_with_equal_digests_is_one_run(tmp_path: Path) -> None:
    record(tmp_path, ok(), ok(OTHER))
    record(tmp_path, ok())
    store = read_store(tmp_path)
    assert (len(store.entries), store.records, len(store.repeats)) == (2, 3, 1)
    assert store.conflicts() == store.platform_differences() == []


def test_different_digests_on_one_platform_are_a_conflict(tmp_path: Path) -> None:
    paths = (record(tmp_path, ok(digest="d1", values={"a": 1.0})), record(tmp_path, ok(digest="d2")))
    store = read_store(tmp_path)
    (conflict,) = store.conflicts()
    assert (conflict.identity, conflict.digests, conflict.journals) == (RUN, ("d1", "d2"), paths)
    assert store.platform_differences() == []
    assert outcomes(tmp_path)[RUN].values == {"a": 1.0}


def test_different_digests_on_different_platforms_are_told_apart(tmp_path: Path) -> None:
    record(tmp_path, ok(digest="d1"), ok(digest="d2", platform=THERE))
    store = read_store(tmp_path)
    assert store.conflicts() == []
    assert [one.digests for one in store.platform_differences()] == [("d1", "d2")]


def test_a_conflict_on_the_second_platform_is_seen(tmp_path: Path) -> None:
    record(tmp_path, ok(digest="d1"), ok(digest="d2", platform=THERE), ok(digest="d3", platform=THERE))
    store = read_store(tmp_path)
    assert [one.digests for one in store.conflicts()] == [("d2", "d3")]
    assert store.platform_differences() == []


def test_a_platform_described_in_a_damaged_part_is_not_needed(tmp_path: Path) -> None:
    path = record(tmp_path, ok(values={"a": 1.0}))
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"x86_64"', b'"x86_65"'))
    assert outcomes(tmp_path)[RUN] == ok(values={"a": 1.0}, platform={})


def test_a_folder_that_may_not_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path, ok())

    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(StudyError, match=r"journals.*Permission denied"):
        read_store(tmp_path)
