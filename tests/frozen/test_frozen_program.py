"""The program that `make build` made, as somebody runs it who has no Python."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "dist" / "vln-desktop" / "vln-desktop"
SARIF = ROOT / "tests" / "formats" / "fixtures" / "vault.sarif"

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not there: make build"),
]


class FrozenProgram:
    """Runs the program with nothing of Python on the path, and settings of its own."""

    def __init__(self, folder: Path) -> None:
        programs = folder / "programs"
        programs.mkdir()
        for place in ("/usr/sbin", "/usr/bin"):
            for program in Path(place).iterdir():
                if not program.name.startswith(("python", "pip", "pypy")):
                    (programs / program.name).unlink(missing_ok=True)
                    (programs / program.name).symlink_to(program)
        self._environment = {
            "PATH": str(programs),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_DATA_HOME": str(folder / "data"),
        }

    def run(self, *words: str | Path) -> str:
        """Return the standard output of one command, which must succeed."""
        done = subprocess.run(
            [PROGRAM, *words], env=self._environment, capture_output=True, text=True, timeout=600,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str | Path) -> Any:
        return json.loads(self.run(*words, "--json"))


@pytest.fixture(scope="module")
def program() -> Iterator[FrozenProgram]:
    """The program in a folder that root's embedded server, run by another user, can enter."""
    with TemporaryDirectory(dir="/var/tmp", prefix="vln-frozen-") as folder:
        Path(folder).chmod(0o755)
        yield FrozenProgram(Path(folder))


@pytest.fixture(scope="module")
def auditor(program: FrozenProgram) -> str:
    """The e-mail address of an auditor in a demo database that the program made."""
    people = program.json("demo", "--no-window")["sign_ins"]
    return next(str(one["email"]) for one in people if one["role"] == "auditor")


def test_the_tour_leaves_every_picture_and_paper_that_it_lists(
    program: FrozenProgram, tmp_path: Path
) -> None:
    program.run("tour", "--out", tmp_path)
    report = json.loads((tmp_path / "tour.json").read_text())
    listed = [entry["file"] for entry in report["files"]]
    pictures = [name for name in listed if name.endswith(".png")]
    assert len(pictures) > 100
    for name in pictures:
        with Image.open(tmp_path / name) as picture:
            colours = picture.convert("RGB").getcolors(maxcolors=1 << 24)
        assert colours is not None
        assert len(colours) > 16, f"{name} is blank"
    for name in set(listed) - set(pictures):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF"), name


def test_it_imports_findings_into_a_demo_of_its_own(program: FrozenProgram, auditor: str) -> None:
    audits = program.json("list", "audits", "--profile", "demo", "--as", auditor)
    number = next(row["number"] for row in audits if row["status"] == "in_progress")

    (told,) = program.json("import", SARIF, "--audit", number, "--profile", "demo", "--as", auditor)

    assert told["results"] == 2
    assert told["errors"] == []
    found = program.json(
        "list", "findings", "--profile", "demo", "--as", auditor, "--filter", f"audit:{number}"
    )
    assert len(found) >= 2


@pytest.mark.usefixtures("auditor")
def test_doctor_finds_nothing_broken(program: FrozenProgram) -> None:
    checks = program.json("doctor", "--profile", "demo")["checks"]
    assert {check["state"] for check in checks} <= {"ok", "warning"}
