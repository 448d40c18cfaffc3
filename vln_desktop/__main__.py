"""Starts the program: the window without arguments, one command with some.

Each half is imported only when it is the one that runs: the window is painted before anything of
the database or of the command line is loaded.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

_WINDOW_OPTIONS = {"--profile": "profile", "--url": "url"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window or run one command; return the exit code."""
    if getattr(sys, "frozen", False):  # in a bundle a spawned process begins here as well
        importlib.import_module("multiprocessing").freeze_support()
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = window_options(given)
    if options is None:
        return int(importlib.import_module("vln_desktop.cli").main(given))
    if "profile" not in options:  # what is asked for by name comes before the environment
        options.setdefault("url", os.environ.get("VLN_DATABASE_URL") or None)
    return int(importlib.import_module("vln_desktop.app").main(**options))


def window_options(given: Sequence[str]) -> dict[str, str | None] | None:
    """Return the window's options if there is nothing else in a command line, else None."""
    found: dict[str, str | None] = {}
    rest = list(given)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name not in _WINDOW_OPTIONS or not (equals or rest):
            return None
        found[_WINDOW_OPTIONS[name]] = value if equals else rest.pop(0)
    return found


if __name__ == "__main__":
    sys.exit(main())
