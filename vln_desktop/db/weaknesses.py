"""The catalogues of weaknesses as the program ships them, which fill their table."""

from __future__ import annotations

import csv

from vln_desktop.config import resource
from vln_desktop.domain.weaknesses import Weakness

_CATALOGUES = ("cwe", "swc")


def shipped_weaknesses() -> tuple[Weakness, ...]:
    """Return every entry of `resources/weaknesses`, CWE first: an SWC entry names its CWE."""
    found: list[Weakness] = []
    for catalogue in _CATALOGUES:
        file = resource(f"weaknesses/{catalogue}.csv")
        with file.open(encoding="utf-8", newline="") as lines:
            found += [Weakness(catalogue=catalogue, **row) for row in csv.DictReader(lines)]
    return tuple(found)
