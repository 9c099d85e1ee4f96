"""The numeric platform: what may change the last bits of a result although the identity is the same.

Equal digests are promised within one platform. NumPy chooses its kernels by the processor's features, and Python's
own sums have changed between versions; a difference between platforms is reported, not an error.
"""

from __future__ import annotations

import platform
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "pandas", "pyarrow", "simpy", "mesa")


def numeric_platform() -> dict[str, Any]:
    """Versions, processor and the instruction sets that are in use, as JSON values."""
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": platform.system(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in PACKAGES},
        "processor": _processor(),
        "instruction_sets": _instruction_sets(),
    }


def peak_memory_bytes() -> int | None:
    """The largest resident memory of this process so far; None where the system does not say (Windows).

    Linux tells it of the program that runs now; ``ru_maxrss`` would include what started it, as it was then.
    """
    with suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's model as LLVM names it, which is what compiled kernels are made for."""
    import llvmlite.binding as llvm  # type: ignore[import-untyped]  # it ships no types

    return str(llvm.get_host_cpu_name())


def _instruction_sets() -> list[str]:
    """The extensions that NumPy found and uses beyond its baseline."""
    import numpy as np

    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    return sorted({*extensions.get("baseline", []), *extensions.get("found", [])})
