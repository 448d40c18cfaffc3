"""The wheel carries what the program reads at run time, and finds it there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without network and without isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("folder", ["resources", "migrations"])
def test_wheel_carries_every_file_of(folder: str, wheel: Path) -> None:
    here = [path for path in (ROOT / folder).rglob("*.*") if path.suffix != ".pyc"]
    carried = set(ZipFile(wheel).namelist())
    assert here
    assert {f"vln_desktop/_data/{path.relative_to(ROOT)}" for path in here} <= carried


def test_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert tops == {"vln_desktop", "vln_desktop-0.1.0.dist-info"}


def test_wheel_names_the_command(wheel: Path) -> None:
    entry_points = ZipFile(wheel).read("vln_desktop-0.1.0.dist-info/entry_points.txt").decode()
    assert "vln-desktop = vln_desktop.__main__:main" in entry_points


@pytest.mark.parametrize(
    ("name", "place"), [("fonts", "resources/fonts"), ("migrations", "migrations")]
)
def test_installed_program_finds(name: str, place: str, wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path)
    asks = f"from vln_desktop.config import resource; print(resource({name!r}))"
    done = subprocess.run(
        [sys.executable, "-c", asks],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(tmp_path / "vln_desktop" / "_data" / place), done.stderr
