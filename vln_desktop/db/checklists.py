"""The checklists as the program ships them, which fill their tables."""

from __future__ import annotations

import csv
from collections import Counter

from vln_desktop.config import resource
from vln_desktop.domain.checklists import ShippedItem

FIRST_EDITION = "2026.1"


def shipped_items(edition: str = FIRST_EDITION) -> tuple[ShippedItem, ...]:
    """Return the items of an edition, in the order in which they are asked."""
    ordinals: Counter[str] = Counter()
    found: list[ShippedItem] = []
    with resource(f"checklists/{edition}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            ordinals[row["service_type"]] += 1
            found.append(ShippedItem(edition, ordinal=ordinals[row["service_type"]], **row))
    return tuple(found)
