"""What `import sim` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[1]


def test_the_face_of_the_package() -> None:
    from sim.records.run import run
    from sim.scenario import Scenario, load_scenario

    assert sim.load is load_scenario
    assert sim.run is run
    assert sim.Scenario is Scenario
    assert set(sim.__all__) <= set(dir(sim))
    assert sim.__version__[0].isdigit()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sim.nothing


def test_importing_it_is_cheap() -> None:
    code = "import sys; before = set(sys.modules); import sim; print(*sorted(set(sys.modules) - before))"
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name.partition(".")[0] for name in out} <= set(sys.stdlib_module_names) | {"sim"}
