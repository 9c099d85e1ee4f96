from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim.errors import OutputError
from sim.records import results
from sim.records.manifest import FORMAT, Manifest, read_manifest
from sim.records.results import existing, folder_name, put_in_place, unfinished

IDENTITY = "0123456789abcdef" * 4


def manifest(identity: str = IDENTITY, files: tuple[str, ...] = ("kpis.csv",)) -> Manifest:
    return Manifest(
        name={"en": "Test", "zh": "测试"},
        scenario={"settings": {"region": None}},
        identity=identity,
        seed=1,
        detail="indicators",
        version="0",
        platform={},
        digests={},
        monthly_digests={},
        indicators={},
        counts={},
        audits={},
        warnings=[],
        timings={},
        memory={},
        files=files,
    )


def complete(place: Path, text: str = "old") -> None:
    place.mkdir(parents=True)
    (place / "kpis.csv").write_text(text, encoding="utf-8")
    manifest().write(place)


def test_a_folder_is_named_by_scenario_seed_and_identity() -> None:
    assert folder_name("scenarios/elder voucher.yaml", 7, IDENTITY) == "elder_voucher-7-01234567"
    assert folder_name("基线.yaml", 1, IDENTITY) == "基线-1-01234567"


def test_nothing_stands_in_place_until_the_end(tmp_path: Path) -> None:
    place = tmp_path / "results" / "run"
    with unfinished(place) as folder:
        (folder / "kpis.csv").write_text("new", encoding="utf-8")
        manifest().write(folder)
        assert not place.exists()
        put_in_place(folder, place)
    assert [path.name for path in place.parent.iterdir()] == ["run"]
    assert existing(place, IDENTITY) == read_manifest(place)


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "run"
    with pytest.raises(ZeroDivisionError), unfinished(place) as folder:
        (folder / "orders.parquet").write_bytes(b"half")
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_plain_words_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"),
        unfinished(tmp_path / "run"),
    ):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"), unfinished(tmp_path / "file" / "run"):
        raise AssertionError("the block must not begin")


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from sim.records.results import unfinished
with unfinished(Path(sys.argv[1])) as folder:
    (folder / "orders.parquet").write_bytes(b"half")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_killed_run_leaves_no_folder_that_looks_complete(tmp_path: Path) -> None:
    place = tmp_path / "run"
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", KILLED, str(place), root]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        process.kill()
    assert not place.exists()
    left = list(tmp_path.iterdir())
    assert [path.name.startswith(results.UNFINISHED) for path in left] == [True]
    with pytest.raises(OutputError, match="no results folder"):
        read_manifest(left[0])
    with unfinished(place) as folder:
        manifest(files=()).write(folder)
        put_in_place(folder, place)
    assert existing(place, IDENTITY) is not None, "what was left behind is in nobody's way"


def test_a_run_made_again_replaces_its_own_files_and_keeps_others(tmp_path: Path) -> None:
    place = tmp_path / "run"
    complete(place)
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    with unfinished(place) as folder:
        (folder / "stocks.parquet").write_bytes(b"new")
        manifest(files=("stocks.parquet",)).write(folder)
        put_in_place(folder, place)
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "notes.txt", "stocks.parquet"]
    assert (place / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_of_the_users_that_has_the_name_of_a_new_one_is_kept_aside(tmp_path: Path) -> None:
    place = tmp_path / "run"
    complete(place, "the user's own")
    manifest(files=()).write(place)
    with unfinished(place) as folder:
        (folder / "kpis.csv").write_text("new", encoding="utf-8")
        manifest().write(folder)
        put_in_place(folder, place)
    kept = {path.parent == place: path.read_text(encoding="utf-8") for path in tmp_path.rglob("kpis.csv")}
    assert kept == {True: "new", False: "the user's own"}


def test_what_is_not_this_run_is_never_replaced(tmp_path: Path) -> None:
    assert existing(tmp_path / "none", IDENTITY) is None
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="a file is in the way"):
        existing(tmp_path / "file", IDENTITY)
    (tmp_path / "empty").mkdir()
    with pytest.raises(OutputError, match=r"no readable manifest\.json"):
        existing(tmp_path / "empty", IDENTITY)
    complete(tmp_path / "other")
    with pytest.raises(OutputError, match="results of another run"):
        existing(tmp_path / "other", "f" * 64)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no readable"),
        ("[]", f"not of format {FORMAT}"),
        ('{"format": 0}', f"not of format {FORMAT}"),
        (f'{{"format": {FORMAT}, "seed": 1}}', "damaged"),
        (f'{{"format": {FORMAT}, "unknown": 1}}', "damaged"),
    ],
)
def test_a_broken_manifest_is_refused_with_a_reason(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(OutputError, match=words):
        read_manifest(tmp_path)
