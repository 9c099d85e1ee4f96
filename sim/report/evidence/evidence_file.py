"""Evidence files: which runs are held against which published figures, and where the page about it goes.

schema_version: 1
name: {en: ..., zh: ...}
scenario: ../baseline.yaml                 # all paths are relative to the evidence file
overrides: [scale=0.008, period.start=2025-09-01, period.days=455]
targets: ../calibration/targets-my_region.yaml
targets_sha256: 8c1f...                    # if given, another split of the figures is refused
discussion: discussion-my_region.yaml      # why figures are missed, a paragraph each
page: ../../docs/validation.md
elsewhere: ../calibration/targets-other.yaml  # if given, its figures are shown beside this region, without a judgement
replications: 8
sets: ../../results/calibrate-x/sets.csv   # if given, each set of calibrated parameters is run as well
set_replications: 1
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from sim.experiments.yaml_file import Strict, read_model
from sim.scenario.settings import LocalText


class EvidenceFile(Strict):
    """An evidence file's content.

    Attributes:
        elsewhere: Published figures of another region, for which this one has none of its own; none if not given.
        sets: Table of parameter sets as ``jiazheng calibrate`` writes it; none if not given.
        set_replications: Runs of each of them.
    """

    schema_version: Literal[1]
    name: LocalText
    scenario: str = Field(min_length=1)
    overrides: tuple[str, ...] = ()
    targets: str = Field(min_length=1)
    targets_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    elsewhere: str | None = None
    discussion: str = Field(min_length=1)
    page: str = Field(min_length=1)
    replications: int = Field(default=8, ge=2, le=1_000)
    sets: str | None = None
    set_replications: int = Field(default=1, ge=1, le=1_000)


class DiscussionFile(Strict):
    """Paragraphs by the name of the figure that is missed; ``{value}`` and ``{published}`` stand for the numbers."""

    schema_version: Literal[1]
    discussions: dict[str, str] = Field(default_factory=dict)


def read_evidence_file(file: Path) -> EvidenceFile:
    """Read an evidence file.

    Raises:
        StudyError: All its faults, each with line and key.
    """
    return read_model(file, EvidenceFile)


def read_discussions(file: Path) -> dict[str, str]:
    """Read the discussions of missed figures.

    Raises:
        StudyError: All the file's faults, each with line and key.
    """
    return dict(read_model(file, DiscussionFile).discussions)
