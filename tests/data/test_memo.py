"""Remembered files: the same facts with and without, after damage, and where nothing can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.data import memo
from sim.data.yamlfile import read_leaves

TEXT = """\
a:
  b: {value: 1.5, unit: h, low: 0x1, high: 2e0, grade: C, source: "12:30", meaning: &m {en: x, zh: 字}}
  c: {value: yes, flag: true, nothing: null, many: [1, 2.5], meaning: *m}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIAZHENG_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def entries(source: Path) -> list[Path]:
    return list((source.parent / "cache" / "facts").iterdir())


def test_what_is_remembered_equals_what_was_read(source: Path) -> None:
    first = read_leaves(source, "a.yaml")
    assert len(entries(source)) == 1
    assert read_leaves(source, "a.yaml") == first
    assert [leaf.path for leaf in first.leaves] == ["a.b", "a.c"]
    assert first.leaves[0].keys["meaning"] == first.leaves[1].keys["meaning"] == {"en": "x", "zh": "字"}
    assert first.leaves[0].keys["low"] == 1
    assert first.leaves[0].keys["source"] == "12:30"


def test_yaml_is_read_by_version_1_2(source: Path) -> None:
    keys = read_leaves(source, "a.yaml").leaves[1].keys
    assert keys["value"] == "yes"
    assert keys["flag"] is True
    assert keys["nothing"] is None
    assert keys["many"] == [1, 2.5]


def test_a_changed_file_is_read_anew(source: Path) -> None:
    read_leaves(source, "a.yaml")
    source.write_text(TEXT.replace("1.5", "1.75"), encoding="utf-8")
    assert read_leaves(source, "a.yaml").leaves[0].keys["value"] == 1.75


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b'"text"'])
def test_a_damaged_entry_is_read_anew(source: Path, damage: bytes) -> None:
    first = read_leaves(source, "a.yaml")
    entries(source)[0].write_bytes(damage)
    assert read_leaves(source, "a.yaml") == first


def test_a_file_with_faults_is_not_remembered(source: Path) -> None:
    source.write_text(TEXT + "  b: {value: 2}\n", encoding="utf-8")
    for _ in range(2):
        assert [fault.line for fault in read_leaves(source, "a.yaml").faults] == [4]
    assert not (source.parent / "cache").exists()


def test_a_cache_that_cannot_be_written_does_no_harm(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_leaves(source, "a.yaml")
    monkeypatch.setenv("JIAZHENG_CACHE", str(source))  # a file, not a folder
    assert read_leaves(source, "a.yaml") == first


def test_remembering_can_be_turned_off(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAZHENG_CACHE", "")
    assert memo.folder() is None
    assert read_leaves(source, "a.yaml").leaves
    assert not (source.parent / "cache").exists()


def test_old_entries_are_forgotten(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "ENTRIES_KEPT", 3)
    for number in range(6):
        memo.remember(f"text {number}", [number])
    assert len(entries(source)) == 3
    assert memo.recall("text 5") == [5]
