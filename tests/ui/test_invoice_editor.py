"""The form of a draft over a real database: exact live totals, faults, conflict, keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.factories import new
from tests.firm import Firm
from tests.issuing import issue
from tests.ui.looks import flaws
from vln_desktop.domain.invoices import InvoiceDraft, LineDraft, TaxCategory, totals
from vln_desktop.errors import Conflict, FieldConflict
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.invoice_editor import InvoiceEditor, replace_lines
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.models.invoice_lines import FAULT, InvoiceLines
from vln_desktop.ui.models.typed_lines import FIELDS
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench

STANDARD = LineDraft("Audit days", Decimal("3.5"), Decimal("1250.0000"), "DAY", Decimal(5),
                     TaxCategory.STANDARD, Decimal(19))  # fmt: skip
REVERSE = LineDraft("Re-test", Decimal("0.125"), Decimal("1333.3333"), "HUR", Decimal(0),
                    TaxCategory.REVERSE_CHARGE, Decimal(0), "Reverse charge")  # fmt: skip


@pytest.fixture
def invoices(firm: Firm) -> InvoicesService:
    return InvoicesService(firm.sign_in("finance"))


@pytest.fixture
def invoice(firm: Firm, invoices: InvoicesService) -> UUID:
    made: UUID = new(firm.owner, "invoices", firm.a)["id"]
    base = invoices.get(made).draft
    assert base is not None
    invoices.save(made, base, replace(base, lines=(STANDARD, REVERSE)))
    return made


def stored(invoices: InvoicesService, invoice: UUID) -> InvoiceDraft:
    draft = invoices.get(invoice).draft
    assert draft is not None
    return draft


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def editor(
    firm: Firm,
    invoices: InvoicesService,
    invoice: UUID,
    window: QWidget,
    theme: Theme,
    tmp_path: Path,
    qtbot: QtBot,
) -> InvoiceEditor:
    person = firm.sign_in("finance").actor
    bench = Workbench(
        person, theme, InlineTaskRunner(window), Messages(window), Preferences(tmp_path), window
    )
    detail = invoices.get(invoice)
    assert detail.draft is not None
    editor = InvoiceEditor(bench, invoices, detail, detail.draft, window)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def put(editor: InvoiceEditor, row: int, field: str, text: str) -> None:
    editor.lines.setData(editor.lines.index(row, FIELDS.index(field)), text)


def total(editor: InvoiceEditor) -> str:
    return editor.sums.sums[-1].amount


def shown_lines(editor: InvoiceEditor, field: str) -> list[str]:
    model = editor.lines
    return [model.index(row, FIELDS.index(field)).data() for row in range(model.rowCount())]


def test_live_totals_are_what_the_database_stores(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    put(editor, 0, "quantity", "7.125")
    put(editor, 1, "unit_price", "0.0375")
    shown = total(editor)

    editor.save()

    saved = invoices.get(invoice)
    assert shown == f"{saved.gross.amount:,} EUR"
    assert totals(stored(invoices, invoice).lines, "EUR").gross == saved.gross
    assert stored(invoices, invoice).lines[0].quantity == Decimal("7.125")


def test_an_opened_form_has_nothing_to_save(editor: InvoiceEditor) -> None:
    assert editor.unchanged()
    editor.close()
    assert not editor.isVisible()


def test_tax_is_shown_per_rate(editor: InvoiceEditor) -> None:
    names = [shown.name for shown in editor.sums.sums]

    assert names == ["Net", "Tax S 19 % of 4,156.25", "Tax AE 0 % of 166.67", "Total"]


def test_a_comma_is_understood_and_shown_as_understood(editor: InvoiceEditor) -> None:
    put(editor, 0, "unit_price", "1.250,5")
    put(editor, 0, "quantity", "1,5")

    assert shown_lines(editor, "unit_price")[0] == "1250.50"
    assert shown_lines(editor, "quantity")[0] == "1.5"


def test_a_german_form_writes_a_comma(qtbot: QtBot) -> None:
    point = QLocale(QLocale.Language.German).decimalPoint()
    model = InvoiceLines("EUR", point)
    model.show_lines([STANDARD])

    model.setData(model.index(0, 1), "1.234")

    assert model.lines[0].quantity == Decimal(1234)
    model.setData(model.index(0, 1), "1,234")
    assert model.lines[0].quantity == Decimal("1.234")
    assert model.index(0, 3).data() == "1250,00"


CELL_FAULTS = [
    ("quantity", "abc", "not a number"),
    ("quantity", "0", "The quantity is zero"),
    ("quantity", "1.2345", "At most 3 decimal places"),
    ("unit_price", "-1", "cannot be negative"),
    ("unit_price", "1e5", "not a number"),
    ("unit_price", "99999999999999999", "too large"),
    ("discount_percent", "101", "between 0 and 100"),
    ("tax_percent", "0", "above zero"),
    ("description", " ", "needs a description"),
]


def test_a_fault_stands_beside_its_cell(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    before = stored(invoices, invoice)
    for field, typed, said in CELL_FAULTS:
        editor.lines.show_lines(before.lines)
        put(editor, 0, field, typed)
        editor.save()

        cell = editor.lines.index(0, FIELDS.index(field))
        assert said in cell.data(FAULT)
        assert editor.table.view.currentIndex() == cell
        assert total(editor) == "–"
    assert editor.isVisible()
    assert stored(invoices, invoice) == before


FIELD_FAULTS = [
    ("payment_days", "181", "Between 0 and 180"),
    ("payment_days", "1.5", "whole days"),
    ("supply_from", "yesterday", "is no day"),
    ("supply_to", "2020-01-01", "ends before it begins"),
    ("note", "x\x00y", "NUL"),
]


def test_a_fault_stands_beside_its_field(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    before = stored(invoices, invoice)
    for field, typed, said in FIELD_FAULTS:
        editor._fill(before)
        editor.supply_from.setText("30.11.2026")
        edit = editor.fields[field].input
        if isinstance(edit, QLineEdit):
            edit.setText(typed)
        else:
            editor.note.setPlainText(typed)
        editor.save()

        assert said in editor.fields[field].fault
        assert flaws(editor) == []
    assert stored(invoices, invoice) == before


def test_terms_are_saved(editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID) -> None:
    editor.payment_days.setText("30")
    editor.supply_from.setText("1 Nov 2026")
    editor.supply_to.setText("2026-11-30")
    editor.po_number.setText("PO-1")
    editor.note.setPlainText("Thank you.")

    editor.save()

    saved = stored(invoices, invoice)
    assert (saved.payment_days, saved.po_number, saved.note) == (30, "PO-1", "Thank you.")
    assert (saved.supply_from, saved.supply_to) == (date(2026, 11, 1), date(2026, 11, 30))


def test_lines_are_added_moved_and_removed_with_keys(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID, qtbot: QtBot
) -> None:
    view, control = editor.table.view, Qt.KeyboardModifier.ControlModifier
    view.setFocus()
    view.setCurrentIndex(editor.lines.index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return, control)
    cell = view.viewport().findChild(QLineEdit)
    assert cell is not None
    QTest.keyClicks(cell, "Travel")
    QTest.keyClick(cell, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.viewport().findChild(QLineEdit) is None)
    view.setCurrentIndex(editor.lines.index(2, FIELDS.index("unit_price")))
    QTest.keyClick(view, Qt.Key.Key_8)
    cell = view.viewport().findChild(QLineEdit)
    assert cell is not None
    QTest.keyClicks(cell, "0,5")
    QTest.keyClick(cell, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.viewport().findChild(QLineEdit) is None)
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    view.setCurrentIndex(editor.lines.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Delete, control)
    assert shown_lines(editor, "description") == ["Travel", "Re-test"]

    editor.save()

    lines = stored(invoices, invoice).lines
    assert [line.description for line in lines] == ["Travel", "Re-test"]
    assert (lines[0].unit_price, lines[0].unit) == (Decimal("80.5"), "HUR")


def test_a_category_without_tax_takes_the_rate_away(editor: InvoiceEditor) -> None:
    view = editor.table.view
    cell = editor.lines.index(0, FIELDS.index("tax_category"))
    view.setCurrentIndex(cell)
    view.edit(cell)
    box = view.viewport().findChild(QComboBox)
    assert box is not None
    box.setCurrentIndex(box.findData("G"))
    box.activated.emit(box.currentIndex())

    assert editor.lines.lines[0].tax_category is TaxCategory.EXPORT
    assert shown_lines(editor, "tax_percent")[0] == "0"


def test_a_blank_line_is_left_out(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    editor.table.add_line()

    assert editor.unchanged()
    assert editor.lines.faults == ()
    editor.save()
    assert len(stored(invoices, invoice).lines) == 2


def test_lines_that_two_people_changed_are_shown_as_text_and_decided(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    base = stored(invoices, invoice)
    theirs = replace(base, lines=(replace(STANDARD, quantity=Decimal(9)),), note="Theirs")
    invoices.save(invoice, base, theirs)
    put(editor, 0, "quantity", "4")

    editor.save()

    panel = editor.findChild(ConflictPanel)
    assert panel is not None
    assert stored(invoices, invoice) == theirs
    assert flaws(editor) == []
    panel._choose()
    saved = stored(invoices, invoice)
    assert [line.quantity for line in saved.lines] == [Decimal(4), Decimal("0.125")]
    assert saved.note == "Theirs"


def test_their_lines_may_stay(
    editor: InvoiceEditor, invoices: InvoicesService, invoice: UUID
) -> None:
    base = stored(invoices, invoice)
    theirs = replace(base, lines=(replace(STANDARD, quantity=Decimal(9)),))
    invoices.save(invoice, base, theirs)
    put(editor, 0, "quantity", "4")
    editor.po_number.setText("PO-2")
    editor.save()
    panel = editor.findChild(ConflictPanel)
    assert panel is not None

    panel._theirs["lines"].setChecked(True)
    panel._choose()

    saved = stored(invoices, invoice)
    assert saved.lines == theirs.lines
    assert saved.po_number == "PO-2"


def test_a_conflict_shows_lines_as_text() -> None:
    clash = FieldConflict("lines", (), (STANDARD,), (STANDARD, REVERSE))

    shown = replace_lines(Conflict("x", (clash,), 3), "EUR").fields[0]

    assert shown.base == ""
    assert shown.mine == ("1. Audit days\n    3.5 d × 1,250.00 − 5 %, S 19 % = 4,156.25 EUR")
    assert "2. Re-test" in shown.theirs


def test_closing_asks_before_something_is_lost(editor: InvoiceEditor) -> None:
    editor.note.setPlainText("Typed")

    editor.close()

    panel = editor.findChild(ConfirmPanel)
    assert panel is not None
    assert editor.isVisible()
    panel.yes.click()
    assert not editor.isVisible()


def test_an_invoice_issued_meanwhile_is_not_changed(
    firm: Firm, editor: InvoiceEditor, invoice: UUID
) -> None:
    issue(firm.sign_in("finance"), invoice)
    editor.note.setPlainText("Typed")

    editor.save()

    assert "credit note" in editor._fault.text()
    assert editor.isVisible()
    assert editor.note.toPlainText() == "Typed"


def test_the_line_table_keeps_qts_rules(editor: InvoiceEditor, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(editor.lines)  # type: ignore[no-untyped-call]
    editor.lines.move(0, 1)
    editor.lines.add(5)
    editor.lines.remove(0)


def test_nothing_is_clipped(editor: InvoiceEditor) -> None:
    assert flaws(editor) == []
