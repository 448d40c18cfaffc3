"""The quotes pane over a real database: from a draft to what the client decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from pytestqt.qtbot import QtBot

from tests.db.test_rules_billing import accepted
from tests.factories import TODAY
from tests.firm import Firm
from tests.issuing import issue
from tests.ui.desks import Bench, Open
from tests.ui.looks import flaws
from vln_desktop.domain.invoices import LineDraft, TaxCategory
from vln_desktop.domain.quotes import QuoteState
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.decide_quote import DecideQuotePanel
from vln_desktop.ui.dialogs.quote_editor import QuoteEditor
from vln_desktop.ui.panes.quotes import QuotesPane

LINE = LineDraft("Audit", Decimal(2), Decimal(1000), "DAY", Decimal(0), TaxCategory.STANDARD,
                 Decimal(19))  # fmt: skip


def opened(desk: Bench, firm: Firm, qtbot: QtBot) -> tuple[QuotesPane, UUID]:
    pane = desk.open("quotes")
    assert isinstance(pane, QuotesPane)
    quote = firm.a.id("quotes")
    show(pane, quote, qtbot)
    return pane, quote


def show(pane: QuotesPane, quote: UUID, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
    pane.show_record(quote)
    qtbot.waitUntil(lambda: pane.shown_id == quote and pane.selected == (quote,))


def test_a_draft_is_written_sent_and_accepted(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    desk = bench("finance")
    pane, quote = opened(desk, firm, qtbot)
    desk.run("quotes.edit")
    editor = desk.window.findChildren(QuoteEditor)[-1]
    editor.lines.show_lines([LINE])
    editor.valid_until.setText("soon")
    editor.save()
    assert "no day" in editor.fields["valid_until"].fault
    editor.valid_until.set_day(TODAY + timedelta(14))
    editor.milestones.setCurrentIndex(1)
    assert flaws(editor) == []
    editor.save()
    assert "saved" in desk.told[-1]

    show(pane, quote, qtbot)
    pane.reload()
    qtbot.waitUntil(lambda: desk.workbench.commands.action("quotes.send") is not None)
    desk.run("quotes.send")
    desk.window.findChildren(ConfirmPanel)[-1].yes.click()
    assert "Sent as" in desk.told[-1]
    pane.reload()
    desk.run("quotes.decide")
    panel = desk.window.findChildren(DecideQuotePanel)[-1]
    panel.send()
    assert "who decided" in panel.fields["by"].fault
    panel.by.setText("J. Doe")
    panel.reference.setText("PO-7")
    assert flaws(panel) == []
    panel.send()
    found = desk.desk.quotes.get(quote)
    assert (found.state, found.reference) == (QuoteState.ACCEPTED, "PO-7")
    assert found.draft is not None
    assert [part.percent for part in found.draft.milestones] == [50, 50]


def test_a_revision_opens_its_form(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    firm.owner.execute("UPDATE vln.quotes SET status = 'sent' WHERE id = %s", [firm.a.id("quotes")])
    desk = bench("finance")
    pane, quote = opened(desk, firm, qtbot)

    desk.run("quotes.revise")

    assert desk.window.findChildren(QuoteEditor)
    assert pane.shown_id != quote


def test_who_reads_totals_only_changes_nothing(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    pane, _ = opened(desk, firm, qtbot)

    assert desk.workbench.commands.action("quotes.edit") is None
    assert pane.detail.tabs.count() == 1


def test_milestones_become_drafts_and_the_last_deducts(
    firm: Firm, bench: Open, qtbot: QtBot
) -> None:
    first, last = accepted(firm, [("1000", 19)], ["40", "60"])
    quote = firm.owner.execute(
        "SELECT quote_id FROM vln.billing_milestones WHERE id = %s", [first]
    ).fetchone()
    assert quote is not None
    desk = bench("finance")
    pane = desk.open("quotes")
    assert isinstance(pane, QuotesPane)
    show(pane, quote[0], qtbot)
    drafted = []
    for kind in ("deposit", "final"):
        desk.run("quotes.bill")
        desk.window.findChildren(ConfirmPanel)[-1].yes.click()
        assert "draft stands" in desk.told[-1]
        show(pane, quote[0], qtbot)
        shown = desk.desk.quotes.get(quote[0]).milestones
        part = shown[0] if kind == "deposit" else shown[1]
        assert part.invoice_id is not None
        invoice = desk.desk.invoices.get(part.invoice_id)
        assert invoice.kind == kind
        drafted.append(invoice)
    issue(desk.desk.database, drafted[0].id, drafted[0].version)
    desk.desk.quotes.bill(last)  # the deposit is out now: deducted anew

    final = desk.desk.invoices.get(drafted[1].id)
    assert final.draft is not None
    assert [line.quantity for line in final.deductions] == [-1]
    assert (len(final.draft.lines), final.net.minor) == (1, 60_000)
    desk.desk.invoices.save(final.id, final.draft, replace(final.draft, note="Thank you"))
    lines = (replace(LINE, unit_price=Decimal(900)),)
    desk.desk.invoices.save(final.id, replace(final.draft, note="Thank you"),
                            replace(final.draft, note="Thank you", lines=lines))  # fmt: skip
    kept = desk.desk.invoices.get(final.id)
    assert (kept.deductions, kept.net.minor) == (final.deductions, 140_000)
