"""The draft's form with tax rules, prices with tax, accounts and rates, and pasted tables."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.factories import TODAY, new
from tests.firm import Firm
from tests.issuing import issue
from tests.ui.desks import Bench, Open
from vln_desktop.domain.invoices import InvoiceStatus, TaxCategory
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.invoice_editor import InvoiceEditor
from vln_desktop.ui.models.invoice_lines import RULE
from vln_desktop.ui.models.typed_lines import FIELDS


@pytest.fixture
def draft(firm: Firm) -> UUID:
    rate = new(firm.owner, "tax_rates", firm.a, name="Regelsatz")["id"]
    new(firm.owner, "tax_treatments", firm.a, buyer="DE", rate_id=rate)
    made: UUID = new(firm.owner, "invoices", firm.a)["id"]
    return made


@pytest.fixture
def finance(bench: Open) -> Bench:
    return bench("finance")


@pytest.fixture
def editor(finance: Bench, draft: UUID, qtbot: QtBot) -> InvoiceEditor:
    return opened(finance, draft, qtbot)


def opened(finance: Bench, draft: UUID, qtbot: QtBot) -> InvoiceEditor:
    detail = finance.desk.invoices.get(draft)
    assert detail.draft is not None
    editor = InvoiceEditor(
        finance.workbench, finance.desk.invoices, detail, detail.draft, finance.window,
        finance.desk.taxes.terms_of(draft),
    )  # fmt: skip
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def put(editor: InvoiceEditor, row: int, field: str, text: str) -> None:
    editor.lines.setData(editor.lines.index(row, FIELDS.index(field)), text)


def cell(editor: InvoiceEditor, row: int, field: str) -> str:
    return str(editor.lines.index(row, FIELDS.index(field)).data())


def test_a_new_line_has_the_tax_of_the_rule_and_another_is_marked(
    editor: InvoiceEditor, finance: Bench, draft: UUID
) -> None:
    assert "S 19 %" in editor.rule.text()
    editor.lines.add(-1)
    put(editor, 0, "description", "A printed book")
    put(editor, 0, "unit_price", "10")
    assert editor.lines.lines[0].tax_percent == 19

    put(editor, 0, "tax_percent", "7")
    assert "S 19 %" in str(editor.lines.index(0, FIELDS.index("tax_percent")).data(RULE))
    assert "Line 1 departs" in editor._fault.text()
    editor.save()
    with pytest.raises(UserError, match="Line 1 is taxed S 7 %"):
        issue(finance.desk.database, draft)


def test_with_a_reason_it_is_issued(editor: InvoiceEditor, finance: Bench, draft: UUID) -> None:
    editor.lines.add(-1)
    put(editor, 0, "description", "A printed book")
    put(editor, 0, "unit_price", "10")
    put(editor, 0, "tax_percent", "7")
    put(editor, 0, "departure_reason", "Reduced rate of printed books")
    assert editor._fault.text() == ""
    editor.save()
    service = finance.desk.invoices

    assert issue(finance.desk.database, draft)
    assert service.get(draft).status is InvoiceStatus.ISSUED


def test_five_hundred_with_tax_is_five_hundred(
    editor: InvoiceEditor, finance: Bench, draft: UUID
) -> None:
    editor.lines.add(-1)
    put(editor, 0, "description", "Workshop")
    put(editor, 0, "gross_price", "500")
    assert (cell(editor, 0, "gross_price"), cell(editor, 0, "net")) == ("500.00", "420.17")
    assert editor.sums.sums[-1].amount == "500.00 EUR"
    editor.save()

    detail = finance.desk.invoices.get(draft)
    assert detail.draft is not None
    assert detail.gross.amount == 500
    assert detail.draft.lines[0].gross_price == 500


def test_a_price_is_net_or_with_tax(editor: InvoiceEditor) -> None:
    editor.lines.add(-1)
    put(editor, 0, "description", "Workshop")
    put(editor, 0, "gross_price", "500")
    put(editor, 0, "unit_price", "100")
    assert cell(editor, 0, "gross_price") == ""
    assert editor.sums.sums[-1].amount == "119.00 EUR"


def test_a_sum_that_no_net_price_gives_is_told_before_saving(editor: InvoiceEditor) -> None:
    editor.lines.add(-1)
    put(editor, 0, "description", "A sweet")
    put(editor, 0, "gross_price", "0.03")

    assert "0.01 EUR" in editor._fault.text()


def test_account_and_rate_are_kept(firm: Firm, finance: Bench, qtbot: QtBot, draft: UUID) -> None:
    firm.owner.execute("UPDATE vln.invoices SET currency = 'USD' WHERE id = %s", [draft])
    new(firm.owner, "exchange_rates", firm.a, day=TODAY, rate=Decimal("1.25"))
    editor = opened(finance, draft, qtbot)
    assert editor.tax_currency_rate.placeholderText().startswith("0.8 EUR")
    editor.account_id.choose(firm.a.id("payment_accounts"))
    editor.tax_currency_rate.setText("x")
    editor.save()
    assert editor.fields["tax_currency_rate"].fault
    editor.tax_currency_rate.setText("0.75")
    editor.save()

    saved = finance.desk.invoices.get(draft).draft
    assert saved is not None
    assert saved.account_id == firm.a.id("payment_accounts")
    assert saved.tax_currency_rate == Decimal("0.75")


def test_a_spreadsheets_table_is_pasted(editor: InvoiceEditor) -> None:
    QGuiApplication.clipboard().setText(
        "Review\t3\tdays\t1,000.50\nFix review\t1.5\tHUR\t200\n\nTravel\t1\tmiles\t80"
    )
    editor.table.paste()

    assert [cell(editor, row, "description") for row in range(3)] == [
        "Review", "Fix review", "Travel",
    ]  # fmt: skip
    lines = editor.lines.lines
    assert [(line.quantity, line.unit, line.unit_price) for line in lines[:2]] == [
        (3, "DAY", Decimal("1000.50")), (Decimal("1.5"), "HUR", 200),
    ]  # fmt: skip
    assert {line.tax_category for line in lines[:2]} == {TaxCategory.STANDARD}


@pytest.mark.parametrize("text", ["", "\n\n", "\t" * 40, "x\0y\t\t\t", "a\tb\tc\td\te\n" * 900])
def test_any_clipboard_is_survived(editor: InvoiceEditor, text: str) -> None:
    editor.lines.paste(text, 0, 0)

    assert editor.lines.rowCount() <= 500


def test_a_line_is_duplicated_and_tab_walks_the_cells(editor: InvoiceEditor, qtbot: QtBot) -> None:
    editor.lines.add(-1)
    put(editor, 0, "description", "Review")
    put(editor, 0, "unit_price", "10")
    view = editor.table.view
    view.setFocus()
    view.setCurrentIndex(editor.lines.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert [cell(editor, row, "description") for row in range(2)] == ["Review", "Review"]

    view.setCurrentIndex(editor.lines.index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.currentIndex().column() == 1
    view.setCurrentIndex(editor.lines.index(1, len(FIELDS) - 1))
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.currentIndex() == editor.lines.index(1, len(FIELDS) - 1)
