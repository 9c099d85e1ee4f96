"""Memory and disk of a run: how the estimate moves, and when a run is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import EXIT_USER_ERROR, ResourceError
from sim.records.read import Results
from sim.scenario import Estimate, check_resources, estimate_resources, load_scenario
from sim.scenario import estimate as estimating
from sim.scenario.estimate import BUFFER_BYTES, FIXED_DISK_BYTES, PROGRAM_BYTES, orders_per_day

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "scenarios" / "baseline.yaml"
GIGABYTE = 1_000_000_000


def needed(*options: str) -> Estimate:
    return estimate_resources(load_scenario(BASELINE, options))


def test_households_and_workers_are_those_of_the_region_at_the_scale() -> None:
    facts = load_scenario(BASELINE).facts
    found = needed("scale=0.1")
    assert found.households == round(facts.number("region.family_households") * 0.1)
    assert found.workers == round(facts.number("region.workers") * 0.1)


def test_the_part_that_depends_on_the_scale_is_proportional_to_it() -> None:
    small, large = needed("scale=0.01"), needed("scale=0.1")
    fixed = PROGRAM_BYTES + BUFFER_BYTES
    assert (large.memory_bytes - fixed) / (small.memory_bytes - fixed) == pytest.approx(10, rel=1e-3)
    assert (large.disk_bytes - FIXED_DISK_BYTES) / (small.disk_bytes - FIXED_DISK_BYTES) == pytest.approx(
        10, rel=1e-3
    )


@pytest.mark.parametrize(("scale", "peak"), [(0.002, 963e6), (0.01, 1_189e6), (0.05, 1_749e6)])
def test_the_estimate_is_not_below_the_measured_peak_of_a_run_that_compiles(
    scale: float, peak: float
) -> None:
    assert peak <= needed(f"scale={scale}").memory_bytes <= 1.3 * peak


@pytest.mark.slow
def test_a_run_stays_within_its_estimate(tmp_path: Path) -> None:
    words = ["run", str(BASELINE), "--scale", "0.01", "--days", "35", "--json", "--quiet"]
    # A cache of its own, so that kernels are compiled in the measured run.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    command = [sys.executable, "-m", "sim", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    memory = Results(tmp_path / json.loads(done.stdout)["results"]).manifest.memory
    assert memory["peak_bytes"] is None or memory["peak_bytes"] <= memory["estimated_bytes"]


def test_orders_and_disk_grow_with_the_days_and_memory_does_not() -> None:
    short, long = needed("period.days=100"), needed("period.days=300")
    assert long.orders == pytest.approx(3 * short.orders, rel=1e-4)
    assert long.memory_bytes == short.memory_bytes
    assert long.disk_bytes > short.disk_bytes


def test_what_is_not_recorded_needs_no_disk() -> None:
    assert needed("recording.detail=indicators").disk_bytes == FIXED_DISK_BYTES


def test_orders_are_at_least_those_of_the_most_frequent_service() -> None:
    facts = load_scenario(BASELINE).facts
    rate = facts.number("households.needs.hourly_cleaning.rate_per_year")
    assert orders_per_day(facts) > rate * facts.number("region.family_households") / 365


def test_a_textbook_queue_has_its_arrivals_as_orders() -> None:
    found = estimate_resources(load_scenario(ROOT / "scenarios" / "queue_mm1.yaml"))
    assert (found.workers, found.orders) == (1, 9 * 24 * 365)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None, int | None], None]:
    """Give this machine other amounts of memory and disk."""

    def give(memory: int | None, disk: int | None) -> None:
        monkeypatch.setattr(estimating, "available_memory_bytes", lambda: memory)
        monkeypatch.setattr(estimating, "free_disk_bytes", lambda folder: disk)

    return give


def test_a_run_that_fits_is_let_through(machine: Callable[..., None], tmp_path: Path) -> None:
    machine(4 * GIGABYTE, 4 * GIGABYTE)
    found = check_resources(load_scenario(BASELINE), tmp_path)
    assert found == needed()


def test_a_machine_that_says_nothing_is_trusted(machine: Callable[..., None], tmp_path: Path) -> None:
    machine(None, None)
    assert check_resources(load_scenario(BASELINE, ["scale=1"]), tmp_path) == needed("scale=1")


def test_a_run_that_does_not_fit_is_refused_with_what_to_change(
    machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(2 * GIGABYTE, GIGABYTE)
    with pytest.raises(ResourceError) as caught:
        check_resources(load_scenario(BASELINE, ["scale=1"]), tmp_path / "results")
    assert caught.value.exit_code == EXIT_USER_ERROR
    memory, disk = map(str, caught.value.faults)
    assert "2,000 MB are free" in memory and "-o scale=0." in memory
    assert "1,000 MB are free" in disk and "--out" in disk
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("memory", [1_400_000_000, 2 * GIGABYTE, 3 * GIGABYTE, 6 * GIGABYTE])
def test_the_scale_that_is_advised_fits(memory: int, machine: Callable[..., None], tmp_path: Path) -> None:
    machine(memory, None)
    with pytest.raises(ResourceError) as caught:
        check_resources(load_scenario(BASELINE, ["scale=1"]), tmp_path)
    advised = str(caught.value).rpartition("scale=")[2].split(")")[0]
    assert 0 < float(advised) < 1
    assert check_resources(load_scenario(BASELINE, [f"scale={advised}"]), tmp_path)


def test_where_not_even_the_program_fits_no_scale_is_advised(
    machine: Callable[..., None], tmp_path: Path
) -> None:
    machine(100_000_000, None)
    with pytest.raises(ResourceError, match="free some memory") as caught:
        check_resources(load_scenario(BASELINE), tmp_path)
    assert "scale=" not in str(caught.value)
