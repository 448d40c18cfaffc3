"""What a tour has made so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Tour:
    """What the tour has made so far."""

    out: Path
    files: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def making(self, name: str, **facts: object) -> Iterator[Path]:
        """Note a file with the seconds it took."""
        path = self.out / name
        began = time.monotonic()
        yield path
        seconds = round(time.monotonic() - began, 3)
        self.files.append({"file": name, "bytes": path.stat().st_size, "seconds": seconds, **facts})
