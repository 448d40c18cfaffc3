"""The tour as its user starts it: pictures of everything, two papers, and a list of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from vln_desktop.cli import main

pytestmark = pytest.mark.skipif(
    os.environ.get("VLN_TEST_SERVER") == "debian15",
    reason="the tour always runs on the embedded server",
)
PLAIN = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}


@pytest.mark.timeout(600)
def test_the_tour_needs_no_display_and_leaves_everything_it_lists(tmp_path: Path) -> None:
    out = tmp_path / "tour"
    environment = {name: value for name, value in os.environ.items() if name not in PLAIN}
    environment |= {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "STATE")}

    done = subprocess.run(
        [sys.executable, "-m", "vln_desktop", "tour", "--out", str(out), "--size", "1280x800"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "This plugin" not in done.stderr
    report = json.loads((out / "tour.json").read_text())
    listed = {entry["file"] for entry in report["files"]}
    assert listed | {"tour.json"} == {path.name for path in out.iterdir()}
    pictures = sorted(out.glob("*.png"))
    assert len(pictures) >= 30
    for role in ("auditor", "manager", "finance", "admin", "readonly"):
        assert (out / f"{role}-findings.png").exists()
    for picture in pictures:
        with Image.open(picture) as image:
            colours = image.convert("RGB").resize((64, 64)).getcolors(64 * 64) or []
            assert len(colours) > 8, picture.name
    for paper in ("report.pdf", "invoice.pdf"):
        path = str(out / paper)
        assert subprocess.run(["qpdf", "--check", path], check=False).returncode == 0
        words = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
        assert b"VLN" in words


@pytest.mark.parametrize("size", ["", "1440", "1440x", "axb", "1x1", "99999999x2"])
def test_a_size_that_is_none_is_said(
    size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tour", "--out", str(tmp_path), "--size", size]) == 2
    assert "is not like 1440x900" in capsys.readouterr().err
