"""Puts a deployed contract into an audit's scope: which one, on which network, at which address."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.deployments import LONGEST_PATH, NETWORKS, DeploymentDraft
from vln_desktop.errors import UserError
from vln_desktop.services.deployments import DeploymentsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Deployments", text)


class AddDeploymentPanel(FormPanel):
    """One deployed contract."""

    def __init__(
        self,
        workbench: Workbench,
        service: DeploymentsService,
        audit: tuple[UUID, str],
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Deployed contract of {number}").format(number=audit[1]),
            _tr("It belongs to the scope and is printed with it."),
            _tr("Add to the scope"),
            window,
        )
        self._service = service
        self._audit = audit[0]
        self._key = uuid7()
        self.contract = QLineEdit(self.panel)
        self.contract.setMaxLength(LONGEST_PATH)
        self.contract.setPlaceholderText(_tr("src/Vault.sol, or the contract's name"))
        self.chain = QComboBox(self.panel)
        self.chain.setEditable(True)
        for chain_id, name in NETWORKS.items():
            self.chain.addItem(f"{name} ({chain_id})", chain_id)
        self.address = QLineEdit(self.panel)
        self.address.setPlaceholderText("0x…")
        self.build(
            {
                "contract": Field(_tr("Contract"), self.contract, self.panel),
                "chain": Field(_tr("Network, or its chain id"), self.chain, self.panel),
                "address": Field(_tr("Address"), self.address, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types the contract at once."""
        super().open()
        self.contract.setFocus()

    def send(self) -> None:
        """Put it into the scope."""
        self.clear_faults()
        try:
            draft = DeploymentDraft(self.contract.text(), self.address.text(), self._chain_id())
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        audit, key = self._audit, self._key

        def work(_context: TaskContext) -> Changes:
            return self._service.add(audit, draft, key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The contract is in the scope."))

        self.save(work, done, _tr("Saving the contract"))

    def _chain_id(self) -> int:
        """Return the chosen network, or the number that was typed."""
        typed = self.chain.currentText().strip()
        at = self.chain.findText(typed)
        if at >= 0:
            return int(self.chain.itemData(at))
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 16):
            raise UserError(_tr("Choose a network, or type its chain id."), field="chain")
        return int(typed)
