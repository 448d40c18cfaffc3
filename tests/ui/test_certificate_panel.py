"""Choosing what signs in the window: a certificate on a token, and whose signatures are trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.authority import PASSPHRASE, Authority
from tests.softtoken import MODULE, PIN, SoftToken, configured, made_token
from tests.ui.desks import Bench, Open
from vln_desktop.domain.tokens import TokenWish
from vln_desktop.services.signing import SigningService
from vln_desktop.services.signing_settings import SigningSettings
from vln_desktop.ui.dialogs.certificate import CertificatePanel


@pytest.fixture
def manager(bench: Open, tmp_path: Path) -> Bench:
    desk = bench("manager.a")
    desk.open("reports")
    desk.desk.signing._settings = SigningSettings(tmp_path / "config.toml")
    return desk


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    monkeypatch.setenv("SOFTHSM2_CONF", str(configured(tmp_path / "hsm")))
    made = made_token(tmp_path / "hsm")
    made.put(Authority())
    made.put(Authority(), name="Second", ident=b"\x02")
    return made


def panel(manager: Bench) -> CertificatePanel:
    manager.run("reports.certificate")
    return manager.window.findChildren(CertificatePanel)[-1]


def look(choose: CertificatePanel, qtbot: QtBot) -> None:
    choose.look.click()
    qtbot.waitUntil(choose.look.isEnabled, timeout=60_000)


def send(choose: CertificatePanel, qtbot: QtBot) -> None:
    choose.send()
    qtbot.waitUntil(choose.go.isEnabled, timeout=60_000)


def test_a_certificate_on_a_token_is_found_and_chosen(
    manager: Bench, token: SoftToken, tmp_path: Path, qtbot: QtBot
) -> None:
    choose = panel(manager)
    assert not choose.fields["module"].isVisible()
    choose.kind.setCurrentIndex(1)
    assert not choose.fields["path"].isVisible()
    choose.send()
    assert "Name the driver" in choose.fields["module"].fault
    choose.look.click()
    assert "Name the driver" in choose.fields["module"].fault
    choose.module.set_files([tmp_path / "none.so"])
    look(choose, qtbot)
    assert "There is no driver at" in choose.fields["module"].fault
    choose.module.set_files([MODULE])
    look(choose, qtbot)
    offered = [choose.certificate.itemText(at) for at in range(choose.certificate.count())]
    assert sorted(one.split("  ·  ")[0] for one in offered) == ["Second", "VLN Reports"]
    choose.certificate.setCurrentIndex(offered.index(next(
        one for one in offered if one.startswith("Second"))))  # fmt: skip
    choose.pin.setText("1111")
    send(choose, qtbot)
    assert "not the PIN of the token" in choose.fields["pin"].fault
    choose.pin.setText(PIN)
    send(choose, qtbot)

    assert "Second signs from now on." in manager.told[-1]
    chosen = SigningService(tmp_path / "config.toml").chosen()
    assert chosen is not None
    assert chosen.token is not None
    assert (chosen.token.label, chosen.token.serial) == ("Second", token.serial)


def test_what_is_chosen_on_a_token_is_shown_and_roots_change_without_its_pin(
    manager: Bench, token: SoftToken, tmp_path: Path, qtbot: QtBot
) -> None:
    service = SigningService(tmp_path / "config.toml")
    service.use_token(TokenWish(MODULE, token.serial, "Second"), PIN)
    chosen = service.chosen()
    again = panel(manager)
    assert again.kind.currentIndex() == 1
    assert again.certificate.currentText() == "Second  ·  VLN token"
    (tmp_path / "root.pem").write_bytes(Authority().root)
    again.roots.set_files([tmp_path / "root.pem"])
    send(again, qtbot)

    changed = service.chosen()
    assert chosen is not None
    assert changed == replace(chosen, roots=(tmp_path / "root.pem",))


def test_no_token_is_said_where_one_looks(
    manager: Bench, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(configured(tmp_path / "hsm")))
    choose = panel(manager)
    choose.kind.setCurrentIndex(1)
    choose.module.set_files([MODULE])
    look(choose, qtbot)
    assert "No token is plugged in" in choose.fields["certificate"].fault


def test_roots_are_chosen_and_checked_at_once(manager: Bench, tmp_path: Path, qtbot: QtBot) -> None:
    good, bad = tmp_path / "root.pem", tmp_path / "text.pem"
    good.write_bytes(Authority().root)
    bad.write_text("no root", encoding="utf-8")
    choose = panel(manager)
    choose.roots.set_files([good, bad])
    send(choose, qtbot)
    assert "text.pem is no certificate" in choose.fields["roots"].fault
    choose.roots.set_files([good, tmp_path / "none.pem"])
    send(choose, qtbot)
    assert "none.pem cannot be read" in choose.fields["roots"].fault
    choose.roots.set_files([good])
    send(choose, qtbot)
    assert "Signatures are made and checked by this" in manager.told[-1]
    assert SigningService(tmp_path / "config.toml").trusted() == (good,)
    assert panel(manager).roots.files == (good,)


def test_a_file_keeps_its_roots_and_the_time_stamp_changes_alone(
    manager: Bench, tmp_path: Path, qtbot: QtBot
) -> None:
    data, _certificate = Authority().pkcs12()
    (tmp_path / "vln.p12").write_bytes(data)
    choose = panel(manager)
    choose.path.set_files([tmp_path / "vln.p12"])
    choose.passphrase.setText(PASSPHRASE)
    send(choose, qtbot)
    again = panel(manager)
    again.authority.setText("tsa")
    send(again, qtbot)
    assert "an address of the web" in again.fields["authority"].fault
    again.authority.setText("https://tsa.example.org")
    send(again, qtbot)

    chosen = SigningService(tmp_path / "config.toml").chosen()
    assert chosen is not None
    assert chosen.authority == "https://tsa.example.org"
    assert chosen.subject == "VLN Reports"
