"""A saved run goes on as if it had never stopped, here and elsewhere; a damaged file is refused in plain words."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.company import Company
from sim.agents.row import RowAgent
from sim.agents.worker import Worker
from sim.clock import MINUTES_PER_DAY
from sim.errors import OutputError, SavedStateError
from sim.model import MarketModel
from sim.scenario import Scenario
from sim.vocabulary import OrderState, WorkerStatus
from tests.core.small import LIVELY, Town, differences, fingerprint, in_another_process, run

DAYS = 65
# Across Spring Festival and two months' ends.
OVERRIDES = (f"period.days={DAYS}", "scale=0.06", *LIVELY)
MINUTE = st.one_of(
    st.floats(0.0, DAYS * MINUTES_PER_DAY),
    st.integers(0, DAYS).map(lambda day: day * MINUTES_PER_DAY),
)
RESUME = """
import sys
from pathlib import Path
from sim.model import MarketModel
from sim.scenario import load_scenario
from tests.core.small import fingerprint
model = MarketModel.resume(Path(sys.argv[1]), load_scenario(sys.argv[2], sys.argv[3:]))
model.advance_to(model.end_min)
model.close()
print(fingerprint(model))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


@pytest.fixture(scope="module")
def straight(town: Town) -> MarketModel:
    """A run to its end that was never saved: it went through all that must survive a save."""
    model = run(town(*OVERRIDES))
    status = model.tables["workers"].used["status"]
    assert (status == WorkerStatus.PLACED).any()
    assert (status == WorkerStatus.LEFT).any()
    assert model.tables["workers"].used["absent_until_min"].min() < model.end_min
    assert (model.tables["institutions"].used["discharges"] > 0).any()
    return model


def saved_at(minute: float, scenario: Scenario, file: Path) -> Path:
    model = MarketModel(scenario)
    model.advance_to(minute)
    model.save(file)
    return file


@given(minute=MINUTE)
@settings(max_examples=8, deadline=None)
def test_a_resumed_run_equals_the_straight_one(
    minute: float, town: Town, straight: MarketModel, folder: Path
) -> None:
    scenario = town(*OVERRIDES)
    resumed = MarketModel.resume(saved_at(minute, scenario, folder / "state"), scenario)
    assert resumed.now_min == minute
    resumed.advance_to(resumed.end_min)
    assert differences(resumed, straight) == []


@given(minutes=st.lists(MINUTE, min_size=2, max_size=4))
@settings(max_examples=3, deadline=None)
def test_a_run_may_be_resumed_again_and_again(
    minutes: list[float], town: Town, straight: MarketModel, folder: Path
) -> None:
    scenario = town(*OVERRIDES)
    model = MarketModel(scenario)
    for minute in sorted(minutes):
        model.advance_to(minute)
        model.save(folder / "again")
        model = MarketModel.resume(folder / "again", scenario)
    model.advance_to(model.end_min)
    assert differences(model, straight) == []


def test_a_resumed_run_closes_with_the_same_books(town: Town, folder: Path) -> None:
    # Day 33 lies behind the first month's end: staff, insurance and settlements have been paid once already.
    scenario = town(*OVERRIDES)
    whole = run(scenario)
    parted = MarketModel.resume(saved_at(33.4 * MINUTES_PER_DAY, scenario, folder / "books"), scenario)
    parted.advance_to(parted.end_min)
    for model in (whole, parted):
        model.close()
    assert differences(parted, whole) == []
    assert np.array_equal(parted.ledger_totals(), whole.ledger_totals())
    assert parted.counts() == whole.counts()
    assert parted.auditor.passed == whole.auditor.passed


def test_another_process_with_other_hashes_goes_on_alike(town: Town, folder: Path) -> None:
    scenario = town(*OVERRIDES)
    file = saved_at(20.37 * MINUTES_PER_DAY, scenario, folder / "elsewhere")
    whole = run(scenario)
    whole.close()
    printed = in_another_process(RESUME, file, town.file, *OVERRIDES, hash_seed=77)
    assert printed == fingerprint(whole)


def test_a_queue_can_be_saved_too(town: Town, folder: Path) -> None:
    scenario = town.queue()
    resumed = MarketModel.resume(saved_at(7777.7, scenario, folder / "queue"), scenario)
    resumed.advance_to(resumed.end_min)
    assert differences(resumed, run(scenario)) == []


def test_saving_changes_nothing(town: Town, straight: MarketModel, folder: Path) -> None:
    model = MarketModel(town(*OVERRIDES))
    for day in range(1, DAYS, 7):
        model.advance_to(day * MINUTES_PER_DAY + 601.5)
        model.save(folder / "often")
    model.advance_to(model.end_min)
    assert differences(model, straight) == []


def test_one_state_can_be_branched(town: Town, folder: Path) -> None:
    scenario = town(*OVERRIDES)
    file = saved_at(5000.0, scenario, folder / "trunk")
    branches = [MarketModel.resume(file, scenario) for _ in range(2)]
    branches[0].run_days(5)
    before = fingerprint(branches[1])
    branches[0].run_days(5)
    assert fingerprint(branches[1]) == before
    branches[1].run_days(10)
    assert differences(*branches) == []


def test_a_resumed_models_agents_stand_on_its_own_rows(town: Town, folder: Path) -> None:
    scenario = town(*OVERRIDES)
    model = MarketModel.resume(saved_at(20 * MINUTES_PER_DAY, scenario, folder / "agents"), scenario)
    for agent in model.agents:
        assert isinstance(agent, RowAgent)
        assert agent.table is model.tables[agent.table_name]
    there = np.flatnonzero(model.tables["workers"].used["status"] != WorkerStatus.LEFT)
    assert sorted(agent.row for agent in model.agents_by_type[Worker]) == there.tolist()
    firms = model.agents_by_type[Company]
    assert sum(firm.requested for firm in firms) == model.counts()["requested_orders"] > 0


def test_orders_in_every_state_can_be_saved(town: Town, folder: Path) -> None:
    scenario = town(*OVERRIDES)
    model = MarketModel(scenario)
    seen: set[int] = set()
    for hour in range(1, 24 * 9):
        model.advance_to(hour * 60.0)
        orders = model.tables["orders"].used["state"]
        if set(orders.tolist()) - seen:
            seen |= set(orders.tolist())
            model.save(folder / "states")
            resumed = MarketModel.resume(folder / "states", scenario)
            assert differences(resumed, model) == []
    assert {OrderState.OPEN, OrderState.ASSIGNED, OrderState.TRAVELLING, OrderState.IN_SERVICE} <= seen


# What can happen to a file.


@cache
def whole(town: Town) -> bytes:
    """A saved state of the smallest scenario, as bytes."""
    file = saved_at(3000.0, town("services=[hourly_cleaning]", "scale=0.01"), town.folder / "whole")
    return file.read_bytes()


def refused(file: Path, scenario: Scenario) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(SavedStateError) as caught:
        MarketModel.resume(file, scenario)
    message = str(caught.value)
    assert str(file) in message
    assert "Traceback" not in message
    return message


@pytest.fixture(scope="module")
def small(town: Town) -> Scenario:
    return town("services=[hourly_cleaning]", "scale=0.01")


@given(share=st.floats(0.0, 1.0, exclude_max=True))
@settings(max_examples=12, deadline=None)
def test_a_truncated_file_is_refused(share: float, town: Town, small: Scenario, folder: Path) -> None:
    file = folder / "truncated"
    file.write_bytes(whole(town)[: int(share * len(whole(town)))])
    assert "is not a whole saved state" in refused(file, small)


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


def reads_or_refuses(content: bytes, file: Path, town: Town, small: Scenario) -> None:
    """A changed file is refused, unless nothing that is read has changed (a date, an attribute of an entry)."""
    file.write_bytes(content)
    try:
        model = MarketModel.resume(file, small)
    except SavedStateError as refusal:
        assert str(file) in str(refusal)
        return
    file.write_bytes(whole(town))
    assert differences(model, MarketModel.resume(file, small)) == []


@given(place=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=25, deadline=None)
def test_a_flipped_bit_is_refused(place: float, bit: int, town: Town, small: Scenario, folder: Path) -> None:
    content = whole(town)
    reads_or_refuses(flipped(content, int(place * len(content)), bit), folder / "flipped", town, small)


def directory_of(content: bytes) -> tuple[int, int]:
    """Return where the archive's central directory begins and ends."""
    end = content.rindex(b"PK\x05\x06")
    return int.from_bytes(content[end + 16 : end + 20], "little"), len(content)


@given(data=st.data(), bit=st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_a_flipped_bit_in_the_archives_directory_is_refused(
    data: st.DataObject, bit: int, town: Town, small: Scenario, folder: Path
) -> None:
    content = whole(town)
    first, last = directory_of(content)
    place = data.draw(st.integers(first, last - 1))
    reads_or_refuses(flipped(content, place, bit), folder / "directory", town, small)


@given(data=st.data(), bit=st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_a_flipped_bit_in_an_arrays_header_is_refused(
    data: st.DataObject, bit: int, town: Town, small: Scenario, folder: Path
) -> None:
    content = whole(town)
    starts = [k for k in range(len(content) - 6) if content.startswith(b"\x93NUMPY", k)]
    place = data.draw(st.sampled_from(starts)) + data.draw(st.integers(0, 127))
    reads_or_refuses(flipped(content, place, bit), folder / "header", town, small)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a whole saved state"),
        (b"schema_version: 1\n", "is not a whole saved state"),
        (b"\x80\x04N.", "is not a whole saved state"),
        (b"PK\x05\x06" + bytes(18), "is not a whole saved state"),
    ],
    ids=["empty", "text", "a pickle", "an archive of nothing"],
)
def test_another_kind_of_file_is_refused(content: bytes, words: str, small: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(content)
    assert words in refused(file, small)


def test_a_single_array_is_refused(small: Scenario, tmp_path: Path) -> None:
    np.save(tmp_path / "state.npy", np.arange(3))
    assert "is not a whole saved state" in refused(tmp_path / "state.npy", small)


def test_an_archive_without_a_table_is_refused(town: Town, small: Scenario, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(whole(town))
    with zipfile.ZipFile(tmp_path / "state") as old, zipfile.ZipFile(tmp_path / "less", "w") as new:
        for name in old.namelist():
            if name != "table.workers.npy":
                new.writestr(name, old.read(name))
    assert "is not a whole saved state" in refused(tmp_path / "less", small)


def test_a_missing_file_is_refused(small: Scenario, tmp_path: Path) -> None:
    assert "there is no such saved state" in refused(tmp_path / "nothing", small)


def test_a_folder_is_refused(small: Scenario, tmp_path: Path) -> None:
    assert "is not a whole saved state" in refused(tmp_path, small)


@pytest.mark.parametrize(
    "override", ["seed=2", "scale=0.02", "parameters.visits.notice_min=91", "dispatch.platform.policy=batch"]
)
def test_another_scenario_is_refused(override: str, town: Town, tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_bytes(whole(town))
    scenario = town(
        "services=[hourly_cleaning]", *(("scale=0.01",) if "scale" not in override else ()), override
    )
    assert "another scenario, seed or region" in refused(file, scenario)


def test_another_layout_of_the_tables_is_refused(
    town: Town, small: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state"
    file.write_bytes(whole(town))
    monkeypatch.setattr("sim.market.saving.layout", lambda: "of another version")
    assert "another version of the model" in refused(file, small)


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    town: Town, small: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state"
    file.write_bytes(b"old")

    def no_room(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", no_room)
    with pytest.raises(OutputError, match="No space left on device"):
        MarketModel(small).save(file)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_folder_that_is_not_there_is_named(small: Scenario, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        MarketModel(small).save(tmp_path / "nowhere" / "state")
