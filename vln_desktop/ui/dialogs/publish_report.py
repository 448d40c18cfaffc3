"""Publishing: says what it does, asks for the certificate's passphrase, and does it once."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.errors import UserError
from vln_desktop.services.report_publishing import Published, ReportPublishing
from vln_desktop.services.signing import SigningService
from vln_desktop.services.signing_settings import SigningChoice
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class PublishPanel(FormPanel):
    """One report; `chosen` is what signs on this machine, with whether its passphrase is asked."""

    keeps_drafts = False
    stoppable = True

    def __init__(
        self,
        workbench: Workbench,
        services: tuple[ReportPublishing, SigningService],
        report: ReportDetail,
        chosen: tuple[SigningChoice | None, bool],
        window: QWidget,
    ) -> None:
        told = _tr(
            "The content is frozen, printed and stored for good, with the hash of its bytes. "
            "Nobody can change or withdraw it; a mistake needs a new version."
        )
        super().__init__(workbench, _tr("Publish this report?"), told, _tr("Publish"), window)
        self._publishing, self._signing = services
        self._report = report
        self._choice, asked = chosen
        self.passphrase = QLineEdit(self.panel)
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.unsigned = QCheckBox(_tr("Publish without a signature; the paper says so"), self.panel)
        fields = {}
        self._secret = self._make_secret(asked=asked)
        if self._secret is not None:
            fields["passphrase" if not self._on_token else "pin"] = self._secret
        fields["unsigned"] = Field(self._signature_words(), self.unsigned, self.panel)
        self.build(fields)
        self.unsigned.setChecked(False)

    def open(self) -> None:
        """Show the panel."""
        super().open()
        (self.passphrase if self.passphrase.isVisible() else self.unsigned).setFocus()

    def send(self) -> None:
        """Freeze, sign and store."""
        self.clear_faults()
        unsigned = self.unsigned.isChecked()
        if self._choice is None and not unsigned:
            reason = _tr("No certificate is chosen on this machine. Choose one, or say that the "
                         "paper is published without a signature.")  # fmt: skip
            self.refuse(UserError(reason, field="unsigned"))
            return
        report, passphrase = self._report, self.passphrase.text() or None
        reason = f"{report.audit_number}, {report.draft.title}"

        def work(_context: TaskContext) -> Published:
            sign = None if unsigned else self._signing.signs(passphrase, reason)
            return self._publishing.publish(report, sign)

        def done(published: Published) -> None:
            self.workbench.publish(published.changes)
            self.workbench.messages.saved(_published_words(published))

        self.save(work, done, _tr("Publishing the report"))

    def refuse(self, error: UserError) -> None:
        """Say what is wrong; a secret that the keyring kept and that is wrong is asked for."""
        if self._secret is not None and error.field in {"passphrase", "pin"}:
            self._secret.show()
        super().refuse(error)

    @property
    def _on_token(self) -> bool:
        return self._choice is not None and self._choice.token is not None

    def _make_secret(self, *, asked: bool) -> Field | None:
        if self._choice is None:
            self.passphrase.hide()
            return None
        name = _tr("PIN of the token, for {subject}") if self._on_token else (
            _tr("Passphrase of {subject}"))  # fmt: skip
        field = Field(name.format(subject=self._choice.subject), self.passphrase, self.panel)
        field.setVisible(asked)
        return field

    def _signature_words(self) -> str:
        if self._choice is None:
            return _tr("No certificate is chosen on this machine")
        if not self._choice.authority:
            return _tr("Signed by {subject}; without a time-stamp authority it proves no time "
                       "(B-B)").format(subject=self._choice.subject)  # fmt: skip
        return _tr("Signed by {subject}, time-stamped").format(subject=self._choice.subject)


def _published_words(published: Published) -> str:
    signature = published.signature
    if signature is None:
        return _tr("The report is published, without a signature.")
    said = _tr("The report is published, signed by {signer} ({level}).")
    words = said.format(signer=signature.signer, level=signature.level)
    return f"{words} {signature.note}" if signature.note else words
