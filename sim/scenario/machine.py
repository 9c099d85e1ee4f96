"""What this machine has to give: memory and disk, asked of the system without further packages."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


def available_memory_bytes() -> int | None:
    """Return the memory that a new process can take; None where the system does not say.

    On Linux the lesser of what is available and what the control group (a container's limit) leaves; on Windows the
    free physical memory; elsewhere free, or else all, physical memory.
    """
    if sys.platform == "win32":
        return _windows_memory_bytes()
    known = [amount for amount in (_meminfo_bytes(), _control_group_bytes()) if amount is not None]
    return min(known) if known else _sysconf_bytes()


def free_disk_bytes(folder: Path) -> int | None:
    """Return the free disk space where ``folder`` is or will be made; None where the system does not say."""
    for existing in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(existing).free
        except OSError:
            continue
    return None


def _meminfo_bytes() -> int | None:
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def _control_group_bytes() -> int | None:
    """Return what a memory limit of the control group (version 2) leaves."""
    try:
        limit = int((CONTROL_GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((CONTROL_GROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no control group, or "max": no limit
        return None
    return max(limit - used, 0)


def _sysconf_bytes() -> int | None:
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        try:
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            continue
    return None


def _windows_memory_bytes() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        """The system's MEMORYSTATUSEX; the fifth value after the two 32-bit ones is the free physical memory."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("amounts", ctypes.c_uint64 * 7),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  exists on Windows only
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.amounts[1])
