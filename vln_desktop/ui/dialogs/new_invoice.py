"""Begins an invoice draft: for which client and audit, by which seller, in which currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import NewInvoice
from vln_desktop.domain.money import currencies
from vln_desktop.errors import UserError
from vln_desktop.services.clients import BillableAudit, Buyer, ClientsService, Seller
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.choices import PersonPicker
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class DraftChoices:
    """Whom the person may bill, and as whom."""

    buyers: tuple[Buyer, ...]
    sellers: tuple[Seller, ...]


def draft_choices(clients: ClientsService) -> DraftChoices:
    """Read the choices; blocks, so call it from a task."""
    return DraftChoices(clients.buyers(), clients.sellers())


class Begins(Protocol):
    """What begins drafts: invoices or quotes."""

    def create_draft(self, new: NewInvoice) -> Changes:
        """Begin a draft; its id is in the Changes."""


class NewInvoicePanel(FormPanel):
    """The few choices that a draft begins with; `on_created` gets its id."""

    def __init__(
        self,
        workbench: Workbench,
        invoices: Begins,
        clients: ClientsService,
        choices: DraftChoices,
        on_created: Callable[[UUID], None],
        window: QWidget,
        title: str = "",
    ) -> None:
        super().__init__(
            workbench,
            title or QCoreApplication.translate("NewInvoice", "New invoice draft"),
            QCoreApplication.translate(
                "NewInvoice", "A draft has no number yet and may be changed until it is issued."
            ),
            QCoreApplication.translate("NewInvoice", "Create draft"),
            window,
        )
        self._invoices = invoices
        self._clients = clients
        self._buyers = {buyer.id: buyer for buyer in choices.buyers}
        self._on_created = on_created
        self._task: Task[tuple[BillableAudit, ...]] | None = None
        self._audits: tuple[BillableAudit, ...] = ()
        names = [(buyer.id, f"{buyer.name} ({buyer.code})") for buyer in choices.buyers]
        self.client = PersonPicker(names, parent=self.panel)
        self.client.choose(None)
        self.audit = QComboBox(self.panel)
        self.seller = QComboBox(self.panel)
        for seller in choices.sellers:
            self.seller.addItem(seller.name, seller)
        self.currency = QComboBox(self.panel)
        self.currency.addItems(list(currencies()))
        self.build(
            {
                "client_id": Field(self.tr("Client"), self.client, self.panel),
                "audit_id": Field(self.tr("Audit"), self.audit, self.panel),
                "entity_id": Field(self.tr("Seller"), self.seller, self.panel),
                "currency": Field(self.tr("Currency"), self.currency, self.panel),
            }
        )
        self._show_audits(())
        self.client.picked.connect(self._pick_client)
        self.audit.activated.connect(self._pick_audit)

    def open(self) -> None:
        """Show the panel; one types the client's name."""
        super().open()
        self.client.setFocus()

    def send(self) -> None:
        """Create the draft."""
        self.clear_faults()
        client, seller = self.client.person, self.seller.currentData()
        if client is None:
            self.refuse(UserError(self.tr("Choose the client first."), field="client_id"))
            return
        if seller is None:
            self.refuse(UserError(self.tr("Choose the seller first."), field="entity_id"))
            return
        new = NewInvoice(seller.id, client, self.currency.currentText(), self.audit.currentData())

        def work(_context: TaskContext) -> Changes:
            return self._invoices.create_draft(new)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(self.tr("The draft is created."))
            for id_ in changes.ids:
                self._on_created(id_)

        self.save(work, done, self.tr("Creating the draft"))

    def _pick_client(self, client: UUID | None) -> None:
        if self._task is not None:
            self._task.cancel()
        self._show_audits(())
        buyer = self._buyers.get(client) if client is not None else None
        if buyer is None:
            return
        self.fields["client_id"].show_fault("")
        self.currency.setCurrentText(buyer.currency)
        self._prefer_seller(buyer.currency)
        clients, id_ = self._clients, buyer.id

        def work(_context: TaskContext) -> tuple[BillableAudit, ...]:
            return clients.audits_of(id_)

        self._task = self.workbench.tasks.run(self, work, self._show_audits)

    def _show_audits(self, audits: tuple[BillableAudit, ...]) -> None:
        self._audits = audits
        self.audit.clear()
        self.audit.addItem(self.tr("No audit"), None)
        for audit in audits:
            self.audit.addItem(f"{audit.number}  {audit.project}", audit.id)

    def _pick_audit(self, at: int) -> None:
        if at > 0:
            self._choose_seller(self._audits[at - 1].entity_id)

    def _prefer_seller(self, currency: str) -> None:
        for at in range(self.seller.count()):
            if self.seller.itemData(at).currency == currency:
                self.seller.setCurrentIndex(at)
                return

    def _choose_seller(self, entity: UUID | None) -> None:
        for at in range(self.seller.count()):
            if self.seller.itemData(at).id == entity:
                self.seller.setCurrentIndex(at)
                return
