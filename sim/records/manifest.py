"""The manifest of a results folder: what was run, by what, with what result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import OutputError
from sim.records.recorder import Detail
from sim.records.refusal import refusal

FILE = "manifest.json"
FORMAT = 1
"""Version of the layout of a results folder."""


@dataclass(frozen=True)
class Manifest:
    """What manifest.json holds; JSON values only.

    Attributes:
        name: The scenario's name in both languages.
        scenario: Resolved scenario: settings, facts by path, files.
        identity: Hex digest of what the result is a function of.
        seed: Seed of all random draws.
        detail: Level of recording.
        version: Version of the program.
        platform: Numeric platform.
        digests: Content digest of each table.
        monthly_digests: The same by calendar month, for tables of what happened.
        indicators: Value of each indicator for the whole city; None where nothing was observed.
        counts: What was simulated: households, workers, orders, events ...
        audits: How often each audit was passed.
        warnings: What the user should know.
        timings: Wall seconds by stage, and when the run was started and ended (UTC).
        memory: Estimated and measured peak memory, bytes.
        files: Every file of the folder but the manifest itself.
        observations: Number of simulated observations behind each indicator for the whole city.
        half_widths: Half-width of the 95% interval of an indicator, by batch means; of textbook queues only.
        format: Version of the layout of the folder.
    """

    name: Mapping[str, str]
    scenario: Mapping[str, Any]
    identity: str
    seed: int
    detail: Detail
    version: str
    platform: Mapping[str, Any]
    digests: Mapping[str, str]
    monthly_digests: Mapping[str, Mapping[str, str]]
    indicators: Mapping[str, float | None]
    counts: Mapping[str, int]
    audits: Mapping[str, int]
    warnings: Sequence[str]
    timings: Mapping[str, Any]
    memory: Mapping[str, int | None]
    files: Sequence[str]
    observations: Mapping[str, float] = field(default_factory=dict)
    half_widths: Mapping[str, float] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def settings(self) -> Mapping[str, Any]:
        """The resolved settings of the scenario."""
        settings: Mapping[str, Any] = self.scenario["settings"]
        return settings

    def write(self, folder: Path) -> Path:
        """Write manifest.json."""
        path = folder / FILE
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return path


def read_manifest(folder: Path) -> Manifest:
    """Read a results folder's manifest.

    Raises:
        OutputError: The folder holds no results, or those of another version of the layout.
    """
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise refusal(OutputError, "no_results", folder, file=FILE) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise refusal(OutputError, "results_format", folder / FILE, format=FORMAT)
    try:
        return Manifest(**data)
    except TypeError as error:
        raise refusal(OutputError, "results_damaged", folder / FILE, problem=error) from None
