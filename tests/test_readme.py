"""The README promises only commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

from vln_desktop.cli import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z0-9-]+)", README))
    assert "test" in named
    assert named <= targets


def test_every_command_named_exists() -> None:
    named = set(re.findall(r"^\| `vln-desktop ([a-z]+)", README, re.MULTILINE))
    assert "db" in named
    assert named <= {entry.name for entry in COMMANDS}


def test_every_file_linked_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)
