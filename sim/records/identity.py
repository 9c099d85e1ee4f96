"""The identity of a run: what its result is a pure function of.

Equal identities on one numeric platform give equal content digests, whatever the process, the level of detail, the
place and the time.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from sim.scenario import Scenario

PACKAGE = Path(__file__).parent.parent
ABOVE_RECORDS = ("cli", "experiments", "report", "__main__.py", "__init__.py")
"""Parts of the package that only look at results, or only start runs."""


def run_identity(scenario: Scenario) -> str:
    """The hex digest of resolved scenario (settings, seed, facts, calendar) and model sources.

    Args:
        scenario: With its calendar frozen, where it has one.
    """
    text = f"{scenario.identity}\n{sources_digest()}"
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def sources_digest() -> str:
    """The hex digest of the Python files that take part in a run: those at or below records.

    Line ends are read as written on every system, so that a checkout on Windows has the same digest.
    """
    digest = hashlib.sha256()
    for path in _sources():
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(PACKAGE).as_posix()
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources() -> list[Path]:
    paths = (
        path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ABOVE_RECORDS
    )
    return sorted(paths, key=lambda path: path.relative_to(PACKAGE).as_posix())
