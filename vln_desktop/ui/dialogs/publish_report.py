"""Publishing: says what it does, asks for the certificate's passphrase, and does it once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.errors import UserError
from vln_desktop.services.report_publishing import Published, ReportPublishing
from vln_desktop.services.signing import SigningChoice, SigningService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.controls import button, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class PublishPanel(FormPanel):
    """One report; `chosen` is what signs on this machine, with whether its passphrase is asked."""

    keeps_drafts = False

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
        if self._choice is not None:
            name = _tr("Passphrase of {subject}").format(subject=self._choice.subject)
            fields["passphrase"] = Field(name, self.passphrase, self.panel)
            fields["passphrase"].setVisible(asked)
        else:
            self.passphrase.hide()
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

    def _signature_words(self) -> str:
        if self._choice is None:
            return _tr("No certificate is chosen on this machine")
        if not self._choice.authority:
            return _tr("Signed by {subject}; without a time-stamp authority it proves no time "
                       "(B-B)").format(subject=self._choice.subject)  # fmt: skip
        return _tr("Signed by {subject}, time-stamped").format(subject=self._choice.subject)


class CertificatePanel(FormPanel):
    """Chooses the PKCS#12 file that signs on this machine."""

    keeps_drafts = False

    def __init__(self, workbench: Workbench, service: SigningService, window: QWidget) -> None:
        told = _tr("The file stays where it is. Its passphrase goes to the keyring of this "
                   "machine if you want, and is never written down.")  # fmt: skip
        super().__init__(
            workbench, _tr("Certificate that signs"), told, _tr("Use this certificate"), window
        )
        self._service = service
        self.path = QLineEdit(self.panel)
        self.path.setPlaceholderText(_tr("A PKCS#12 file: .p12 or .pfx"))
        self.passphrase = QLineEdit(self.panel)
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.authority = QLineEdit(self.panel)
        self.authority.setPlaceholderText(_tr("https://…  empty: no time stamp"))
        self.remember = QCheckBox(_tr("Let the keyring remember the passphrase"), self.panel)
        browse = button(_tr("Choose a file…"), parent=self.panel)
        browse.clicked.connect(self._browse)
        self.build(
            {
                "path": Field(_tr("File"), self.path, self.panel),
                "passphrase": Field(_tr("Passphrase"), self.passphrase, self.panel),
                "authority": Field(_tr("Time-stamp authority"), self.authority, self.panel),
                "remember": Field(_tr("Keyring"), self.remember, self.panel),
            }
        )
        self.content.insertLayout(3, row([browse, None]))

    def open(self) -> None:
        """Show the panel; one chooses the file at once."""
        super().open()
        self.path.setFocus()

    def send(self) -> None:
        """Open the file to see that it can sign, then choose it."""
        self.clear_faults()
        if not self.path.text().strip():
            self.refuse(UserError(_tr("Choose a file."), field="path"))
            return
        path, passphrase = Path(self.path.text().strip()), self.passphrase.text()
        authority, remember = self.authority.text().strip(), self.remember.isChecked()

        def work(_context: TaskContext) -> str:
            found = self._service.use(path, passphrase, authority=authority, remember=remember)
            return found.subject

        def done(subject: str) -> None:
            text = _tr("{subject} signs from now on.").format(subject=subject)
            self.workbench.messages.saved(text)

        self.save(work, done, _tr("Opening the certificate"))

    def _browse(self) -> None:
        def chosen(files: list[str]) -> None:
            self.path.setText(files[0] if files else "")

        ask_for_files(self, _tr("Certificate that signs"), chosen, (_tr("PKCS#12 (*.p12 *.pfx)"),))


def _published_words(published: Published) -> str:
    signature = published.signature
    if signature is None:
        return _tr("The report is published, without a signature.")
    said = _tr("The report is published, signed by {signer} ({level}).")
    words = said.format(signer=signature.signer, level=signature.level)
    return f"{words} {signature.note}" if signature.note else words
