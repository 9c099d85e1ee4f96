"""A driver as a process of its own: python -m tests.experiments.driver FOLDER WORKERS RETRIES."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.errors import JiazhengError
from sim.experiments.engines.local import LocalEngine
from sim.experiments.execute import execute


def main(folder: str, workers: str, retries: str) -> int:
    """Execute a study; return the exit status."""
    try:
        execute(Path(folder), LocalEngine(int(workers), retries=int(retries)))
    except JiazhengError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
