"""Credit notes in the window: what is asked, what it comes to, what is refused beside its field."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open
from tests.ui.looks import flaws
from vln_desktop.ui.dialogs.credit_note import CreditNotePanel
from vln_desktop.ui.dialogs.issue_invoice import IssuePanel
from vln_desktop.ui.panes.invoices import InvoicesPane


def opened(desk: Bench, firm: Firm, qtbot: QtBot) -> InvoicesPane:
    pane = desk.open("invoices")
    assert isinstance(pane, InvoicesPane)
    show(pane, firm, qtbot)
    return pane


def show(pane: InvoicesPane, firm: Firm, qtbot: QtBot) -> None:
    invoice = firm.a.named["issued_invoice"]
    qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
    pane.show_record(invoice)
    qtbot.waitUntil(lambda: pane.shown_id == invoice and pane.selected == (invoice,))


def test_a_part_by_amount_is_drafted_issued_and_settles(
    firm: Firm, bench: Open, qtbot: QtBot
) -> None:
    desk = bench("finance")
    pane = opened(desk, firm, qtbot)
    desk.run("invoices.credit")
    panel = desk.window.findChildren(CreditNotePanel)[-1]
    assert panel.comes_to.text() == "1,000.00 EUR net"
    panel.send()
    assert "few words" in panel.fields["reason"].fault
    panel.reason.setPlainText("Two days fewer")
    panel.scope.setCurrentIndex(3)
    assert panel.amounts[0].isVisible()
    assert not panel.quantities[0].isVisible()
    panel.amounts[0].setText("1000.01")
    panel.send()
    assert "1,000.00 EUR net are left" in panel.fields["amounts"].fault
    panel.amounts[0].setText("x")
    panel.send()
    assert panel.fields["amounts"].fault
    panel.amounts[0].setText("400")
    assert panel.comes_to.text() == "400.00 EUR net"
    assert flaws(panel) == []
    panel.send()

    qtbot.waitUntil(lambda: pane.shown_id not in {None, firm.a.named["issued_invoice"]})
    desk.run("invoices.issue")
    asked = desk.window.findChildren(IssuePanel)[-1]
    asked.yes.click()
    assert "Issued as" in desk.told[-1]
    pane.reload()
    show(pane, firm, qtbot)
    assert desk.desk.invoices.get(firm.a.named["issued_invoice"]).standing.balance.minor == 71_400


def test_who_may_not_issue_credits_nothing(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    opened(desk, firm, qtbot)

    assert desk.workbench.commands.action("invoices.credit") is None
