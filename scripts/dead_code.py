"""Finds functions, classes, properties and imports that nothing uses, and code never reached.

Vulture looks; its settings are in pyproject.toml. Variables and attributes are left out: most are
columns, fields of dataclasses and members of enums, which generic code reads by the catalogue or by
`fields()`, and ruff finds the local ones. Mapped tables are read through the metadata likewise.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from vulture import Vulture
from vulture.core import Item

ROOT = Path(__file__).parent.parent
MODELS = ROOT / "vln_desktop" / "db" / "models"


def main() -> int:
    """Prints each piece of dead code; 1 if there is one."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    search = Vulture(
        ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"]
    )
    search.scavenge([str(ROOT / path) for path in settings["paths"]])
    dead = [item for item in search.get_unused_code(min_confidence=60) if counts(item)]
    for item in dead:
        print(item.get_report())
    print(f"{len(dead)} pieces of dead code")
    return 1 if dead else 0


def counts(item: Item) -> bool:
    """Whether this kind of finding, there, is dead code."""
    if item.typ == "class":
        return MODELS not in Path(item.filename).parents
    return item.typ not in {"variable", "attribute"}


if __name__ == "__main__":
    sys.exit(main())
