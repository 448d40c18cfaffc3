"""Asks for a client's credential; its secret is encrypted before it leaves this machine."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from vln_desktop.domain.audits import CredentialDraft
from vln_desktop.domain.changes import Changes
from vln_desktop.errors import UserError
from vln_desktop.services.credentials import CredentialsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_SECRET_HEIGHT = 84


class AddCredentialPanel(FormPanel):
    """One credential for one audit."""

    keeps_drafts = False

    def __init__(
        self,
        workbench: Workbench,
        credentials: CredentialsService,
        audit_id: UUID,
        number: str,
        window: QWidget,
    ) -> None:
        title = QCoreApplication.translate("Credential", "Add a credential for {number}")
        told = QCoreApplication.translate(
            "Credential",
            "Encrypted on this machine. Who works on the audit and holds the team's key can read "
            "it, and each reading is noted.",
        )
        add = QCoreApplication.translate("Credential", "Add credential")
        super().__init__(workbench, title.format(number=number), told, add, window)
        self._credentials = credentials
        self._audit_id = audit_id
        self.label = QLineEdit(self.panel)
        self.label.setPlaceholderText(self.tr("Staging host, API key of the test network …"))
        self.username = QLineEdit(self.panel)
        self.secret = QPlainTextEdit(self.panel)
        self.secret.setFixedHeight(_SECRET_HEIGHT)
        self.secret.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.secret.setTabChangesFocus(True)
        self.secret.setFont(workbench.theme.code_font())
        self.note = QLineEdit(self.panel)
        self.build(
            {
                "label": Field(self.tr("What for"), self.label, self.panel),
                "username": Field(self.tr("User name"), self.username, self.panel),
                "secret": Field(self.tr("Password, key or token"), self.secret, self.panel),
                "note": Field(self.tr("Note (not encrypted)"), self.note, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel with the first field ready for typing."""
        super().open()
        self.label.setFocus()

    def send(self) -> None:
        """Encrypt and keep the credential."""
        self.clear_faults()
        draft = CredentialDraft(
            self.label.text(), self.username.text(), self.secret.toPlainText(), self.note.text()
        )
        try:
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        audit_id = self._audit_id

        def work(_context: TaskContext) -> Changes:
            return self._credentials.add(audit_id, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(self.tr("The credential is saved, encrypted."))

        self.save(work, done, self.tr("Saving the credential"))
