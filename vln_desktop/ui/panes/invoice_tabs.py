"""What the invoices pane shows of one invoice: facts with sums, lines, settlements."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from vln_desktop.domain.invoices import (
    InvoiceDetail,
    InvoiceKind,
    InvoiceState,
    InvoiceStatus,
    LineDraft,
    line_amounts,
    totals,
)
from vln_desktop.ui.dialogs.invoice_editor import field_name, price_text, sums_of
from vln_desktop.ui.dialogs.record_payment import method_name
from vln_desktop.ui.models.typed_lines import unit_sign
from vln_desktop.ui.panes.formats import amount, day, words
from vln_desktop.ui.panes.sums_overview import SumsOverview, plain_sums
from vln_desktop.ui.widgets.sums import Sum
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable


class InvoiceOverview(SumsOverview):
    """Who, what, when, and the sums down to what is open."""

    def show_invoice(self, found: InvoiceDetail) -> None:
        """Show an invoice as far as the person may see it."""
        self.show_all(self._sums(found), self._facts(found))

    def _sums(self, found: InvoiceDetail) -> list[Sum]:
        if found.draft is not None:
            shown = sums_of(totals(found.lines, found.currency))
        else:
            shown = plain_sums(found.net, found.tax, found.gross)
        if found.status is InvoiceStatus.DRAFT:
            return shown
        settled, balance = found.gross - found.standing.balance, found.standing.balance
        if found.kind is InvoiceKind.CREDIT:
            return [
                *shown,
                Sum(self.tr("Settles invoices"), amount(settled)),
                Sum(self.tr("Left to the client"), amount(balance), total=True),
            ]
        return [
            *shown,
            Sum(self.tr("Settled"), amount(settled)),
            Sum(self.tr("Open"), amount(balance), total=True),
        ]

    def _facts(self, found: InvoiceDetail) -> list[tuple[str, str]]:
        facts = [
            (self.tr("Client"), found.client),
            (self.tr("Seller"), found.seller),
            (self.tr("Audit"), found.audit_number or ""),
            (self.tr("Kind"), words(found.kind.value)),
            (self.tr("Corrects"), found.corrects_number),
            (self.tr("Credited by"), ", ".join(found.credited_by)),
            (self.tr("Issued"), day(found.issued_on)),
            (self.tr("Due"), self._due(found)),
        ]
        draft = found.draft
        if draft is None:
            return facts
        period = " – ".join(day(at) for at in (draft.supply_from, draft.supply_to) if at)
        days = self.tr("{count} days").format(count=draft.payment_days)
        return [
            *facts,
            (field_name("payment_days"), days),
            (self.tr("Supply period"), period),
            (field_name("po_number"), draft.po_number),
            (field_name("buyer_reference"), draft.buyer_reference),
            (self.tr("Note"), draft.note),
        ]

    def _due(self, found: InvoiceDetail) -> str:
        late = found.standing.days_overdue
        if found.standing.state is not InvoiceState.OVERDUE or not late:
            return day(found.due_on)
        told = self.tr("{day}, {count} days ago") if late > 1 else self.tr("{day}, yesterday")
        return told.format(day=day(found.due_on), count=late)


def show_lines(table: TextTable, lines: tuple[LineDraft, ...], currency: str) -> None:
    """Show an invoice's lines: what each is, and what it comes to."""
    columns = (
        TextColumn(_tr("Description"), wide=True),
        TextColumn(_tr("Quantity"), right=True),
        TextColumn(_tr("Price {currency}").format(currency=currency), right=True),
        TextColumn(_tr("Net {currency}").format(currency=currency), right=True),
    )
    table.show_rows(columns, [_line(shown, currency) for shown in lines])


def _line(shown: LineDraft, currency: str) -> tuple[str, ...]:
    small = [_tr("less {percent} %").format(percent=f"{shown.discount_percent.normalize():f}")
             if shown.discount_percent else "",
             _tr("tax {category} {percent} %").format(
                 category=shown.tax_category.value,
                 percent=f"{shown.tax_percent.normalize():f}"),
             shown.exemption_reason]  # fmt: skip
    below = "  ·  ".join(part for part in small if part)
    return (
        f"{shown.description}\n{below}",
        f"{shown.quantity.normalize():,f} {unit_sign(shown.unit)}",
        price_text(shown.unit_price),
        f"{line_amounts(shown, currency).net.amount:,}",
    )


def show_settlements(table: TextTable, found: InvoiceDetail) -> None:
    """Show what settled an invoice, and when."""
    columns = (
        TextColumn(_tr("Booked")),
        TextColumn(_tr("How")),
        TextColumn(_tr("Reference"), wide=True),
        TextColumn(_tr("Amount"), right=True),
    )
    rows = [
        (day(part.booked_on), method_name(part.kind), part.reference, amount(part.amount))
        for part in found.settlements
    ]
    table.show_rows(columns, rows)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Invoices", text)
