"""The pane of sellers: forms, accounts that two people change, series with their proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.factories import TODAY
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.permissions import Role
from vln_desktop.ui.dialogs.payment_account import AccountPanel, DecideAccountPanel
from vln_desktop.ui.dialogs.seller_forms import CloseBooksPanel, PatternPanel, SellerTextsPanel
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.sellers import SellersPane
from vln_desktop.ui.workspace import pane_specs


def opened(desk: Bench, qtbot: QtBot) -> SellersPane:
    pane = desk.open("sellers")
    assert isinstance(pane, SellersPane)
    pane.filter_bar.set_text("country:DE")
    select_first(pane, qtbot)
    return pane


def test_an_account_is_proposed_and_approved_by_a_colleague(
    firm: Firm, bench: Open, qtbot: QtBot
) -> None:
    firm.owner.execute("DELETE FROM vln.payment_account_changes")
    desk = bench("finance")
    pane = opened(desk, qtbot)
    desk.run("sellers.account_add")
    panel = desk.window.findChildren(AccountPanel)[-1]
    panel.label.setText("Second bank")
    panel.number.setText("DE88 3704 0044 0532 0130 00")
    panel.send()
    assert "check digits" in panel.fields["number"].fault
    panel.number.setText("DE89 3704 0044 0532 0130 00")
    panel.send()
    assert "few words" in panel.fields["reason"].fault
    panel.reason.setText("They are cheaper")
    panel.send()
    assert "second person" in desk.told[-1]
    pane.reload()
    assert pane.accounts.changes.rowCount() == 1
    approve = desk.workbench.commands.action("sellers.account_approve")
    assert approve is not None
    assert not approve.isEnabled()
    assert "your own proposal" in approve.toolTip()

    colleague = bench(firm.hire(Role.FINANCE))
    other = opened(colleague, qtbot)
    colleague.run("sellers.account_approve")
    colleague.window.findChildren(DecideAccountPanel)[-1].send()
    other.reload()
    assert other.accounts.accounts.rowCount() == 2
    other.accounts.accounts.selectAll()
    assert "Second bank" in other.accounts.accounts.selected_text()


@pytest.mark.parametrize("kind", ["ach", "swift", "crypto"])
def test_the_form_shows_what_a_kind_has(bench: Open, qtbot: QtBot, kind: str) -> None:
    desk = bench("finance")
    opened(desk, qtbot)
    desk.run("sellers.account_add")
    panel = desk.window.findChildren(AccountPanel)[-1]
    panel.kind.setCurrentIndex(panel.kind.findData(kind))

    assert panel.fields["network"].isVisible() is (kind == "crypto")
    assert panel.fields["routing"].isVisible() is (kind != "crypto")
    panel.close_panel()


def test_name_and_books(bench: Open, qtbot: QtBot) -> None:
    desk = bench("finance")
    pane = opened(desk, qtbot)
    desk.run("sellers.edit")
    texts = desk.window.findChildren(SellerTextsPanel)[-1]
    texts.lines["city"].setText("")
    texts.send()
    assert texts.fields["city"].fault
    texts.lines["city"].setText("Hamburg")
    texts.send()
    pane.reload()
    assert pane._found is not None
    assert pane._found.draft.city == "Hamburg"

    desk.run("sellers.close")
    close = desk.window.findChildren(CloseBooksPanel)[-1]
    assert any("Open until now." in one.text() for one in close.findChildren(QLabel))
    close.day.set_day(TODAY)
    close.send()
    assert "2 open invoices" in close.fault.text()
    close.send()
    pane.reload()
    assert pane._found.draft.lock_date == TODAY
    desk.run("sellers.close")
    again = desk.window.findChildren(CloseBooksPanel)[-1]
    closed = f"Closed now: up to {day(TODAY)}."
    assert any(closed in one.text() for one in again.findChildren(QLabel))


def test_a_logo_is_taken_and_taken_away(bench: Open, qtbot: QtBot, tmp_path: Path) -> None:
    desk = bench("finance")
    pane = opened(desk, qtbot)
    image, buffer = QImage(40, 20, QImage.Format.Format_RGB32), QBuffer()
    image.fill(0x336699)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    picture = tmp_path / "logo.png"
    picture.write_bytes(bytes(buffer.data().data()))

    pane.take_logo([str(picture)])
    pane.reload()
    assert pane._found is not None
    assert pane._found.logo == picture.read_bytes()
    desk.run("sellers.no_logo")
    pane.reload()
    assert pane._found.logo is None


def test_a_series_shows_its_proof_and_a_new_one_is_prepared(bench: Open, qtbot: QtBot) -> None:
    desk = bench("finance")
    pane = opened(desk, qtbot)
    pane.series.table.selectRow(0)
    assert "No gap" in pane.series.table.selected_text()
    pattern = desk.workbench.commands.action("sellers.pattern")
    assert pattern is not None
    assert not pattern.isEnabled()

    desk.run("sellers.pattern_new")
    panel = desk.window.findChildren(PatternPanel)[-1]
    panel.pattern.setText("R{year}")
    panel.send()
    assert panel.fields["pattern"].fault
    panel.pattern.setText("{kind}-{year}-{number:3}")
    assert panel.example.text() == f"R-{TODAY.year + 1}-001"
    panel.send()
    pane.reload()
    assert pane.series.table.rowCount() == 2


def test_nobody_but_finance_has_the_pane(bench: Open) -> None:
    for login in ("admin", "manager.a", "auditor.a", "readonly"):
        desk = bench(login)
        spec = next(spec for spec in pane_specs(desk.desk) if spec.id == "sellers")
        assert not desk.workbench.may(spec.needs)
