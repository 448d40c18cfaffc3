"""`vln-desktop verify report` and `certificate`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.authority import PASSPHRASE, Authority
from tests.documents.samples import report
from tests.softtoken import MODULE, PIN, SoftToken, configured, made_token
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
    assert cli.main(["verify", "report", str(home / "text.pdf")]) == 1
    assert "This file is no PDF that can be read." in capsys.readouterr().err
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


@pytest.fixture
def token(home: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    monkeypatch.setenv("SOFTHSM2_CONF", str(configured(home / "hsm")))
    made = made_token(home / "hsm")
    made.put(Authority())
    return made


def typed(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_given, **_named: secret)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: secret)


def test_a_certificate_on_a_token_is_listed_chosen_and_shown(
    home: Path, token: SoftToken, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    driver = ["--module", str(MODULE)]
    assert cli.main(["certificate", "show", *driver]) == 0
    out = capsys.readouterr().out
    assert "VLN token" in out
    assert token.serial in out
    typed(monkeypatch, "1111")
    assert cli.main(["certificate", "use", *driver]) == 2
    assert "not the PIN of the token" in capsys.readouterr().err
    typed(monkeypatch, PIN)

    words = ["certificate", "use", *driver, "--token", "VLN token", "--cert", "VLN Reports"]
    assert cli.main(words) == 0

    assert "VLN Reports, issued by Tests Root" in capsys.readouterr().err
    assert cli.main(["certificate", "show", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"]["token"]["serial"] == token.serial
    assert told["tokens"][0]["certificates"][0]["label"] == "VLN Reports"
    assert PIN not in settings(home).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name either a PKCS#12 file"),
        (["vln.p12", "--module", "x.so"], "Name either a PKCS#12 file"),
        (["vln.p12", "--token", "VLN"], "--token and --cert belong to --module"),
        (["--module", "/nowhere/driver.so"], "There is no driver at /nowhere/driver.so"),
    ],
)
def test_a_choice_that_cannot_be_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: list[str], said: str,
) -> None:  # fmt: skip
    typed(monkeypatch, PIN)
    assert cli.main(["certificate", "use", *words]) == 2
    assert said in capsys.readouterr().err
    assert not settings(home).exists()


def test_roots_are_trusted_and_trusted_no_more(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "root.pem").write_bytes(Authority().root)
    (home / "text.pem").write_text("no root", encoding="utf-8")

    assert cli.main(["certificate", "trust", str(home / "text.pem")]) == 2
    assert "text.pem is no certificate" in capsys.readouterr().err
    assert cli.main(["certificate", "trust", str(home / "root.pem")]) == 0
    assert cli.main(["certificate", "show"]) == 0
    assert f"Trusted root: {home / 'root.pem'}" in capsys.readouterr().err
    assert cli.main(["certificate", "trust"]) == 0
    assert SigningService(settings(home)).trusted() == ()
