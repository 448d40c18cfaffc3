"""The layers of ARCHITECTURE.md hold, and the contracts that say so can fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# contract id → a module that would break it, and the import that does
VIOLATIONS = {
    "layers": ("domain/upwards.py", "import vln_desktop.services"),
    "domain-is-pure": ("domain/io.py", "import psycopg"),
    "ui-asks-services": ("ui/shortcut.py", "import vln_desktop.db"),
    "qt-on-top": ("services/window.py", "import PySide6.QtCore"),
    "sql-in-services-and-db": ("adapters/query.py", "import sqlalchemy"),
    "paper-in-documents": ("services/paper.py", "import reportlab"),
    "alembic-late": ("tools/migrate.py", "import alembic"),
}


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    command += ["--no-logo", "--no-cache"]
    if contract:
        command += ["--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its configuration, to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("__pycache__", "_data")
    shutil.copytree(ROOT / "vln_desktop", tmp_path / "vln_desktop", ignore=ignore)
    return tmp_path


def test_the_program_keeps_its_layers() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_a_violation_here() -> None:
    declared = re.findall(r'^id = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert sorted(declared) == sorted(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_refuses_what_it_forbids(copy: Path, contract: str) -> None:
    module, statement = VIOLATIONS[contract]
    (copy / "vln_desktop" / module).write_text(f'"""Breaks a layer."""\n\n{statement}\n')
    done = lint(copy, contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_a_module_outside_the_layers_is_refused(copy: Path) -> None:
    (copy / "vln_desktop" / "helpers.py").write_text('"""Belongs nowhere."""\n')
    done = lint(copy, "layers")
    assert done.returncode == 1
    assert "helpers" in done.stdout
