"""Nothing that the project needs may bind its users to the GPL or the AGPL."""

from __future__ import annotations

import pytest

from tools import licences


def test_no_core_dependency_is_copyleft() -> None:
    core, _ = licences.declared()
    needed = licences.closure(core)
    assert {"mesa", "simpy", "numpy", "pillow"} <= needed
    assert licences.copyleft(needed) == []


def test_every_core_dependency_states_a_licence() -> None:
    core, _ = licences.declared()
    assert [name for name in licences.closure(core) if licences.licence(name) == "not stated"] == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("GNU Affero General Public License v3", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("MIT AND GPL-2.0-only", True),
        ("MIT OR GPL-2.0-only", False),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("BSD-3-Clause", False),
        ("MPL-2.0", False),
    ],
)
def test_what_counts_as_copyleft(text: str, refused: bool) -> None:
    assert licences.is_copyleft(text) is refused


def test_the_page_lists_every_declared_dependency() -> None:
    core, extras = licences.declared()
    names = set(core).union(*extras.values())
    assert names <= set(licences.written())


def test_the_page_agrees_with_what_is_installed() -> None:
    stale = {
        name: text for name, text in licences.written().items() if licences.licence(name) not in ("", text)
    }
    assert stale == {}
