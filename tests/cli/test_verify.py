"""`vln-desktop verify report` and `certificate`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.authority import PASSPHRASE, Authority
from tests.documents.samples import report
from vln_desktop import cli
from vln_desktop.documents.report import render_report
from vln_desktop.services.signing import SigningService


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    data, _certificate = Authority().pkcs12()
    (tmp_path / "vln.p12").write_bytes(data)
    return tmp_path


def settings(home: Path) -> Path:
    return home / "config" / "vln-desktop" / "config.toml"


def signed(home: Path) -> Path:
    service = SigningService(settings(home))
    service.use(home / "vln.p12", PASSPHRASE)
    paper = service.signs(PASSPHRASE, "Published")(render_report(report(1)))
    (home / "report.pdf").write_bytes(paper.pdf)
    return home / "report.pdf"


def test_a_good_signature_ends_with_0(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = signed(home)

    assert cli.main(["verify", "report", str(file)]) == 0
    assert "Signed by VLN Reports, and not changed since." in capsys.readouterr().err
    assert cli.main(["verify", "report", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["valid"]
    assert told["signatures"][0]["level"] == "B-B"


def test_a_changed_file_ends_with_1(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = signed(home)
    changed = bytearray(file.read_bytes())
    changed[3000] ^= 1
    file.write_bytes(changed)

    assert cli.main(["verify", "report", str(file), "--json"]) == 1
    assert not json.loads(capsys.readouterr().out)["valid"]


def test_an_unsigned_file_ends_with_1_and_no_file_with_2(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "plain.pdf").write_bytes(render_report(report(1)))
    (home / "text.pdf").write_text("no paper", encoding="utf-8")

    assert cli.main(["verify", "report", str(home / "plain.pdf")]) == 1
    assert "carries no signature" in capsys.readouterr().err
    assert cli.main(["verify", "report", str(home / "text.pdf")]) == 2
    assert cli.main(["verify", "report", str(home / "nothing.pdf")]) == 2


def test_the_certificate_is_shown_and_forgotten(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["certificate", "show"]) == 0
    assert "Nothing signs here" in capsys.readouterr().err
    signed(home)

    assert cli.main(["certificate", "show"]) == 0
    assert "VLN Reports" in capsys.readouterr().err
    assert cli.main(["certificate", "forget"]) == 0
    assert SigningService(settings(home)).chosen() is None
