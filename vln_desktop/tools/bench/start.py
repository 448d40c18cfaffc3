"""From starting the process to its painted window, over a bare PySide6 window."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from vln_desktop.errors import Unavailable
from vln_desktop.tools.bench.line import Bench, Line

PAINTED_GOAL = 1.3
USABLE_GOAL = 2.0
ROUNDS = 15
_WORDS = ("painted", "usable")
_BARE = Path(__file__).with_name("start_bare.py")
_WINDOW = "vln_desktop.tools.bench.start_window"
_LONGEST_S = 60.0


def measure(bench: Bench) -> Iterator[Line]:
    """Start both in turn; the sign-in counts as usable when one can type into it."""
    bare = [sys.executable, "-P", str(_BARE)]
    ours = [sys.executable, "-m", _WINDOW, bench.url]
    taken: dict[str, list[float]] = {"bare": [], "painted": [], "usable": []}
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        for number in range(1 + min(ROUNDS, bench.rounds)):
            plain, mine = started(bare, environment), started(ours, environment)
            if number:  # the first one loads the files into memory
                taken["bare"].append(plain["painted"])
                for word in _WORDS:
                    taken[word].append(mine[word])
    base, painted, usable = (median(taken[name]) for name in ("bare", *_WORDS))
    shown = environment.get("QT_QPA_PLATFORM", "on the display")
    yield Line("start to painted window", painted / base, "×", PAINTED_GOAL, painted, base,
               detail=shown)  # fmt: skip
    yield Line("start to usable sign-in", usable / base, "×", USABLE_GOAL, usable, base,
               detail=shown)  # fmt: skip


def started(command: Sequence[str], environment: dict[str, str]) -> dict[str, float]:
    """Run a window until it ends; return the milliseconds to each word that it says."""
    began = time.perf_counter()
    said = {}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        for line in process.stdout or ():
            said[line.strip()] = (time.perf_counter() - began) * 1000
        _, complaint = process.communicate(timeout=_LONGEST_S)
    if process.returncode or "painted" not in said:
        raise Unavailable(f"The window did not start: {complaint.strip()[-200:]}")
    return said


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a person who has no settings yet.

    Compiled modules are kept, as they are after an installation; the first, unmeasured round
    compiles them.
    """
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    for kind in ("CONFIG", "STATE"):
        environment[f"XDG_{kind}_HOME"] = str(folder / kind)
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return environment
