"""The invoices pane over a real database, as the people who may and may not do things there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.factories import insert, line_of, new
from tests.firm import Firm
from tests.ui.looks import flaws
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import InvoiceState, InvoiceStatus
from vln_desktop.domain.money import Money
from vln_desktop.domain.payments import PaymentMethod
from vln_desktop.services.desk import open_desk
from vln_desktop.ui.dialogs.invoice_editor import InvoiceEditor
from vln_desktop.ui.dialogs.issue_invoice import IssuePanel
from vln_desktop.ui.dialogs.new_invoice import NewInvoicePanel
from vln_desktop.ui.dialogs.record_payment import PaymentPanel
from vln_desktop.ui.messages import Crash, Messages, Notice
from vln_desktop.ui.panes.invoice_document import file_name
from vln_desktop.ui.panes.invoices import InvoicesPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench

OpenPane = Callable[[str], InvoicesPane]


class Told:
    """What the person was told."""

    def __init__(self, messages: Messages) -> None:
        self.notices: list[str] = []
        self.crashes: list[Crash] = []
        messages.noticed.connect(self._note)
        messages.crashed.connect(self.crashes.append)

    def _note(self, notice: Notice) -> None:
        self.notices.append(notice.text)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1256, 840)
    window.show()
    return window


@pytest.fixture
def tasks(qtbot: QtBot) -> TaskRunner:
    return InlineTaskRunner()


@pytest.fixture
def messages(window: QWidget) -> Messages:
    return Messages(window)


@pytest.fixture
def told(messages: Messages) -> Told:
    return Told(messages)


@pytest.fixture
def open_pane(
    firm: Firm,
    window: QWidget,
    tasks: TaskRunner,
    theme: Theme,
    messages: Messages,
    tmp_path: Path,
) -> OpenPane:
    def open_(login: str) -> InvoicesPane:
        desk = open_desk(firm.sign_in(login))
        bench = Workbench(desk.person, theme, tasks, messages, Preferences(tmp_path), window)
        pane = InvoicesPane(desk, bench, window)
        pane.resize(window.size())
        bench.commands.add(pane.commands(), pane)
        pane.equip()
        bench.changed.connect(pane.reload)
        pane.show()
        return pane

    return open_


@pytest.fixture
def pane(open_pane: OpenPane, told: Told) -> InvoicesPane:
    return open_pane("finance")


def draft_of_two_lines(firm: Firm) -> UUID:
    invoice: UUID = new(firm.owner, "invoices", firm.a)["id"]
    insert(firm.owner, "line_items", line_of(invoice, 1, 1000, 19))
    insert(firm.owner, "line_items", line_of(invoice, 2, 333, 7))
    return invoice


def show(pane: InvoicesPane, invoice: UUID, qtbot: QtBot) -> None:
    """Select an invoice and wait until its details are shown."""
    qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
    pane.show_record(invoice)
    qtbot.waitUntil(lambda: pane.shown_id == invoice and pane.selected == (invoice,))


def reason(pane: InvoicesPane, command: str) -> str | None:
    action = pane.workbench.commands.action(f"invoices.{command}")
    assert action is not None
    action.refresh()
    return None if action.isEnabled() else action.toolTip()


def test_an_invoice_is_listed_with_client_state_and_exact_money(
    firm: Firm, pane: InvoicesPane, qtbot: QtBot
) -> None:
    show(pane, firm.a.named["paid_invoice"], qtbot)

    row = pane.grid.currentIndex().row()
    texts = {column.key: pane.model.cell(row, at) for at, column in enumerate(pane.model.columns)}
    assert texts["client"] == "Acme Protocol"
    assert texts["state"] == "partly_paid"
    assert (texts["gross"], texts["open"]) == ("1,190.00 EUR", "690.00 EUR")


def test_a_draft_owes_nothing_in_the_list(firm: Firm, pane: InvoicesPane, qtbot: QtBot) -> None:
    show(pane, firm.a.id("invoices"), qtbot)

    row = pane.grid.currentIndex().row()
    place = [column.key for column in pane.model.columns].index("open")
    assert pane.model.cell(row, place) == ""


def test_a_draft_is_issued_after_it_was_said_what_that_means(
    firm: Firm, pane: InvoicesPane, told: Told, qtbot: QtBot
) -> None:
    invoice = draft_of_two_lines(firm)
    pane.reload()
    show(pane, invoice, qtbot)

    pane.workbench.commands.run("invoices.issue")
    panel = pane.window().findChild(IssuePanel)
    assert panel is not None
    before = pane._desk.invoices.get(invoice).status
    panel.yes.click()

    issued = pane._desk.invoices.get(invoice)
    assert (before, issued.status) == (InvoiceStatus.DRAFT, InvoiceStatus.ISSUED)
    assert told.notices == [f"Issued as {issued.number}."]
    assert reason(pane, "issue") == "It is issued already."
    assert "credit note" in str(reason(pane, "edit"))
    assert reason(pane, "pay") is None


def test_what_breaks_a_rule_is_listed_and_led_to(
    firm: Firm, pane: InvoicesPane, qtbot: QtBot
) -> None:
    invoice = draft_of_two_lines(firm)
    firm.owner.execute(
        "UPDATE vln.line_items SET tax_category = 'E', tax_percent = 0 WHERE invoice_id = %s"
        " AND ordinal = 2", [invoice],
    )  # fmt: skip
    pane.reload()
    show(pane, invoice, qtbot)
    pane.issue()
    panel = pane.window().findChild(IssuePanel)
    assert panel is not None
    assert not panel.yes.isEnabled()
    told = [line.text() for line in panel.panel.findChildren(QLabel)]
    assert "Line 2 does not say why there is no tax. (BR-E-10)" in told
    assert flaws(panel) == []

    mend = next(one for one in panel.panel.findChildren(QPushButton) if one.text() == "Mend")
    mend.click()

    editor = pane.window().findChild(InvoiceEditor)
    assert editor is not None
    assert editor.table.view.currentIndex().row() == 1
    assert not panel.isVisible()


def test_a_draft_that_changed_meanwhile_is_not_issued(
    firm: Firm, pane: InvoicesPane, told: Told, qtbot: QtBot
) -> None:
    invoice = draft_of_two_lines(firm)
    pane.reload()
    show(pane, invoice, qtbot)
    pane.issue()
    firm.owner.execute("UPDATE vln.invoices SET note = 'Changed' WHERE id = %s", [invoice])

    panel = pane.window().findChild(IssuePanel)
    assert panel is not None
    panel.yes.click()

    assert told.notices == ["Somebody else changed this draft; look at it again first."]
    assert pane._desk.invoices.get(invoice).status is InvoiceStatus.DRAFT


def test_what_cannot_be_done_says_why(firm: Firm, pane: InvoicesPane, qtbot: QtBot) -> None:
    assert reason(pane, "issue") == "Select one invoice first."
    empty = new(firm.owner, "invoices", firm.a)["id"]
    pane.reload()

    show(pane, empty, qtbot)

    assert reason(pane, "issue") == "An invoice needs at least one line."
    assert reason(pane, "pay") == "A draft owes nothing yet; issue it first."
    assert reason(pane, "edit") is None


def test_the_overview_comes_to_what_is_stored(firm: Firm, pane: InvoicesPane, qtbot: QtBot) -> None:
    invoice = draft_of_two_lines(firm)
    pane.reload()
    show(pane, invoice, qtbot)

    shown = {line.name: line.amount for line in pane.overview.sums.sums}

    stored = pane._desk.invoices.get(invoice)
    assert shown["Total"] == f"{stored.gross.amount:,} EUR" == "1,546.31 EUR"
    assert shown["Tax S 19 % of 1,000.00"] == "190.00 EUR"
    assert shown["Tax S 7 % of 333.00"] == "23.31 EUR"


def test_the_whole_balance_is_proposed_and_paid(
    firm: Firm, pane: InvoicesPane, told: Told, qtbot: QtBot
) -> None:
    invoice = firm.a.named["paid_invoice"]
    show(pane, invoice, qtbot)
    pane.workbench.commands.run("invoices.pay")
    panel = pane.window().findChild(PaymentPanel)
    assert panel is not None
    assert panel.amount.text() == "690.00"

    panel.method.setCurrentIndex(panel.method.findData(PaymentMethod.ACH))
    panel.reference.setText("RF18 5390")
    panel.go.click()

    paid = pane._desk.invoices.get(invoice)
    assert paid.standing.state is InvoiceState.PAID
    assert paid.settlements[-1].amount == Money(Decimal("690.00"), "EUR")
    assert told.notices == [f"690.00 EUR recorded for {paid.number}."]
    assert pane.settlements.rowCount() == 2
    assert pane.settlements.model().index(1, 1).data() == "ACH"
    assert reason(pane, "pay") == "Nothing is open on this invoice."


WRONG_PAYMENTS = [
    ("12,x", None, "amount", "is not a number"),
    ("0", None, "amount", "more than zero"),
    ("-5", None, "amount", "more than zero"),
    ("10.005", None, "amount", "whole number of EUR minor units"),
    ("99999", None, "", "more than is owed"),
    ("10", "yesterday", "received_on", "is no day"),
    ("10", "", "received_on", "is missing"),
    ("10", "2126-01-01", "received_on", "still to come"),
    ("10", "1969-12-31", "", "closed"),
]


def test_a_wrong_payment_is_refused_beside_its_field(
    firm: Firm, pane: InvoicesPane, qtbot: QtBot
) -> None:
    show(pane, firm.a.named["issued_invoice"], qtbot)
    pane.record_payment()
    panel = pane.window().findChild(PaymentPanel)
    assert panel is not None
    today = panel.received_on.text()
    for typed, day, field, said in WRONG_PAYMENTS:
        panel.amount.setText(typed)
        panel.received_on.setText(today if day is None else day)

        panel.send()

        assert said in (panel.fields[field].fault if field else panel.fault.text())
        assert panel.isVisible()
    assert pane._desk.invoices.get(firm.a.named["issued_invoice"]).settlements == ()


def test_a_click_beside_the_payment_loses_nothing(
    firm: Firm, pane: InvoicesPane, qtbot: QtBot
) -> None:
    show(pane, firm.a.named["issued_invoice"], qtbot)
    pane.record_payment()
    panel = pane.window().findChild(PaymentPanel)
    assert panel is not None

    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=panel.rect().topLeft())
    assert panel.isVisible()

    QTest.keyClick(panel.amount, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_draft_begins_with_its_client(
    firm: Firm, pane: InvoicesPane, told: Told, qtbot: QtBot
) -> None:
    half = firm.a
    pane.workbench.commands.run("invoices.new")
    panel = pane.window().findChild(NewInvoicePanel)
    assert panel is not None
    panel.send()
    assert panel.fields["client_id"].fault == "Choose the client first."

    panel.client.choose(half.id("clients"))
    panel.client.picked.emit(half.id("clients"))
    panel.audit.setCurrentIndex(1)
    panel.audit.activated.emit(1)
    panel.send()

    qtbot.waitUntil(lambda: pane.window().findChild(InvoiceEditor) is not None)
    editor = pane.window().findChild(InvoiceEditor)
    assert editor is not None
    made = pane._desk.invoices.get(pane.shown_id or half.id("invoices"))
    assert (made.client, made.currency, made.status.value) == ("Acme Protocol", "EUR", "draft")
    assert made.audit_number is not None
    assert told.notices == ["The draft is created."]
    editor.close()


def test_the_document_is_made_when_somebody_looks(
    firm: Firm, pane: InvoicesPane, qtbot: QtBot
) -> None:
    show(pane, firm.a.named["issued_invoice"], qtbot)
    assert pane.document.pages.page_count == 0

    pane.workbench.commands.run("invoices.document")

    pages = pane.document.pages
    qtbot.waitUntil(lambda: 0 in pages.images and pages.images[0].width() > 300)
    image = pages.images[0]
    assert pages.page_count == 1
    assert abs(image.width() - pages._places[0].width()) <= 1
    assert len({image.pixel(image.width() // 2, y) for y in range(image.height())}) > 5


def test_the_pdf_is_saved_under_its_number(
    firm: Firm, pane: InvoicesPane, told: Told, tmp_path: Path, qtbot: QtBot
) -> None:
    invoice = firm.a.named["issued_invoice"]
    found = pane._desk.invoices.get(invoice)
    out = tmp_path / file_name(found)

    pane.document.save(found, out)

    assert out.read_bytes().startswith(b"%PDF")
    assert out.name == f"{found.number}.pdf"
    pane.document.save(found, tmp_path / "missing" / "x.pdf")
    assert told.notices[0] == f"Saved as {out.name}."
    assert "cannot be written" in told.notices[1]


def test_an_invoice_is_printed_page_by_page(
    firm: Firm, pane: InvoicesPane, told: Told, tmp_path: Path
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))

    pane.document.print_on(pane._desk.invoices.get(firm.a.named["issued_invoice"]), printer)

    assert told.notices == ["Sent to the printer."]
    paper = pypdfium2.PdfDocument(tmp_path / "paper.pdf")
    assert len(paper) == 1
    paper.close()


def test_a_manager_sees_totals_and_changes_nothing(
    firm: Firm, open_pane: OpenPane, told: Told, qtbot: QtBot
) -> None:
    pane = open_pane("manager.a")
    show(pane, firm.a.named["paid_invoice"], qtbot)

    shown = {line.name: line.amount for line in pane.overview.sums.sums}
    assert (shown["Total"], shown["Open"]) == ("1,190.00 EUR", "690.00 EUR")
    assert pane.detail.tabs.count() == 1
    for name in ("new", "edit", "issue", "pay", "document", "save_pdf", "print"):
        assert pane.workbench.commands.action(f"invoices.{name}") is None
    assert told.crashes == []


def test_another_manager_sees_none_of_it(
    firm: Firm, open_pane: OpenPane, told: Told, qtbot: QtBot
) -> None:
    pane = open_pane("manager.n")

    qtbot.waitUntil(lambda: pane.model.query is not None)

    assert pane.model.rowCount() == 0
    assert told.crashes == []


def test_lines_are_copied_as_a_table(firm: Firm, pane: InvoicesPane, qtbot: QtBot) -> None:
    invoice = draft_of_two_lines(firm)
    pane.reload()
    show(pane, invoice, qtbot)
    pane.lines.selectAll()

    QTest.keyClick(pane.lines, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QApplication.clipboard().text().splitlines()[0] == (
        "Smart contract audit tax S 19 %\t1 pc\t1,000.00\t1,000.00"
    )


def test_nothing_is_clipped(firm: Firm, pane: InvoicesPane, qtbot: QtBot) -> None:
    show(pane, firm.a.named["paid_invoice"], qtbot)
    for at in range(pane.detail.tabs.count()):
        pane.detail.tabs.setCurrentIndex(at)
        assert flaws(pane.window()) == []
    pane.record_payment()
    assert flaws(pane.window()) == []


def test_the_list_is_exported_as_it_is_shown(
    firm: Firm, pane: InvoicesPane, told: Told, tmp_path: Path, qtbot: QtBot
) -> None:
    assert pane.workbench.commands.action("invoices.export_list") is not None
    assert pane._exporting is not None
    out = tmp_path / "list.csv"

    pane._exporting.write(out)

    titles, *rows = out.read_text(encoding="utf-8-sig").splitlines()
    shown = [column.title for column in pane.grid.shown_columns()]
    assert titles.split(",") == [*shown, "Currency"]
    assert told.notices == [f"{len(rows)} rows written to list.csv."]
    assert len(rows) == pane.model.rowCount()


class TestInTheBackground:
    """The same pane with real threads."""

    @pytest.fixture
    def tasks(self, qtbot: QtBot) -> TaskRunner:
        return TaskRunner()

    def test_issuing_and_looking_at_the_paper(
        self, firm: Firm, pane: InvoicesPane, tasks: TaskRunner, told: Told, qtbot: QtBot
    ) -> None:
        published: list[Changes] = []
        pane.workbench.changed.connect(published.append)
        invoice = draft_of_two_lines(firm)
        pane.reload()
        show(pane, invoice, qtbot)
        pane.issue()
        qtbot.waitUntil(lambda: pane.window().findChild(IssuePanel) is not None)
        panel = pane.window().findChild(IssuePanel)
        assert panel is not None
        panel.yes.click()
        qtbot.waitUntil(lambda: bool(told.notices))
        pane.show_document()
        qtbot.waitUntil(lambda: 0 in pane.document.pages.images)
        qtbot.waitUntil(lambda: not tasks.busy)

        assert told.notices[0].startswith("Issued as ")
        assert published == [Changes("invoices", frozenset({invoice}))]
        tasks.shutdown()
