"""What these tests need of the system."""

from __future__ import annotations

from pathlib import Path

collect_ignore = [] if Path("/proc/self/environ").exists() else ["test_killed.py"]
"""Processes that have lost their parent are found by their environment, which only Linux shows."""
