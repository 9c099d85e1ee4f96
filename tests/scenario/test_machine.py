"""Asking the system for memory and disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.scenario import machine
from sim.scenario.machine import available_memory_bytes, free_disk_bytes


def test_this_machine_has_some_memory_and_disk(tmp_path: Path) -> None:
    memory = available_memory_bytes()
    assert memory is None or memory > 10_000_000
    disk = free_disk_bytes(tmp_path)
    assert disk is not None and disk > 0


def test_a_folder_that_is_not_there_yet_counts_by_the_one_it_will_be_in(tmp_path: Path) -> None:
    there, to_be_made = free_disk_bytes(tmp_path), free_disk_bytes(tmp_path / "a" / "b")
    assert there is not None and to_be_made is not None
    assert abs(there - to_be_made) < 1_000_000_000


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system whose answers are files in a folder."""
    monkeypatch.setattr(machine, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "CONTROL_GROUP", tmp_path)
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 5000 kB\n", encoding="ascii")
    return tmp_path


def test_the_available_memory_counts_not_the_total(linux: Path) -> None:
    assert available_memory_bytes() == 5000 * 1024


@pytest.mark.parametrize(
    ("limit", "used", "left"),
    [
        ("3000000", "1000000", 2_000_000),
        ("max", "1000000", 5000 * 1024),
        ("100", "200", 0),
        ("9000000000", "0", 5000 * 1024),
    ],
)
def test_a_containers_limit_counts_too(limit: str, used: str, left: int, linux: Path) -> None:
    (linux / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    (linux / "memory.current").write_text(f"{used}\n", encoding="ascii")
    assert available_memory_bytes() == left


def test_elsewhere_the_system_configuration_answers(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (linux / "meminfo").unlink()
    monkeypatch.setattr(
        os, "sysconf", {"SC_AVPHYS_PAGES": 10, "SC_PAGE_SIZE": 4096}.__getitem__, raising=False
    )
    assert available_memory_bytes() == 40960


def test_a_system_that_does_not_say_is_not_guessed_at(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> int:
        raise ValueError(name)

    (linux / "meminfo").write_text("nonsense\n", encoding="ascii")
    monkeypatch.setattr(os, "sysconf", unknown, raising=False)
    assert available_memory_bytes() is None
