"""Which certificate signs on this machine, from a file or a token, and whose are trusted here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from vln_desktop.domain.tokens import Token, TokenCertificate, TokenWish
from vln_desktop.errors import UserError
from vln_desktop.services.signing import SigningService, Terms
from vln_desktop.services.signing_settings import SigningChoice
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.controls import button
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.file_field import FileField, put_beside
from vln_desktop.ui.workbench import Workbench

_WIDTH = 560
_OF_FILE = ("path", "passphrase")
_OF_TOKEN = ("module", "certificate", "pin")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class CertificatePanel(FormPanel):
    """A PKCS#12 file or a certificate on a token (PKCS#11), with time stamp and trusted roots.

    Nothing typed into what names the certificate leaves the one that was chosen before.
    """

    keeps_drafts = False
    stoppable = True

    def __init__(
        self,
        workbench: Workbench,
        service: SigningService,
        now: tuple[SigningChoice | None, tuple[Path, ...]],
        window: QWidget,
    ) -> None:
        told = _tr(
            "A file stays where it is, and a key never leaves its token. Passphrase or PIN goes to "
            "the keyring of this machine if you want, and is never written down."
        )
        super().__init__(
            workbench, _tr("Certificate that signs"), told, _tr("Use this certificate"), window,
            width=_WIDTH,
        )  # fmt: skip
        self._service = service
        self._chosen, roots = now
        self._wishes: list[tuple[str, str]] = []
        self.kind = QComboBox(self.panel)
        self.kind.addItems([_tr("In a file (PKCS#12)"), _tr("On a token (PKCS#11)")])
        self.certificate = QComboBox(self.panel)
        self.passphrase, self.pin = self._secret(), self._secret()
        self.authority = QLineEdit(self.panel)
        self.authority.setPlaceholderText(_tr("https://…  empty: no time stamp"))
        self.remember = QCheckBox(_tr("Let it remember passphrase or PIN"), self.panel)
        self.look = button(_tr("Look on tokens"), parent=self.panel)
        self.build(self._made_fields())
        put_beside(self.fields["certificate"], self.look)
        self._fill(roots)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.look.clicked.connect(self.look_on_tokens)
        self.module.chosen.connect(self.look_on_tokens)
        self.module.edit.textEdited.connect(self._offer_any)
        self._show_kind()

    def open(self) -> None:
        """Show the panel; one chooses the file at once."""
        super().open()
        (self.module if self._on_token else self.path).edit.setFocus()

    def look_on_tokens(self) -> None:
        """Ask the driver which certificates there are, and offer them."""
        self.clear_faults()
        if not self.module.files:
            self.refuse(UserError(_tr("Name the driver of the token first."), field="module"))
            return
        module = self.module.files[0]
        self.look.setEnabled(False)
        self.look.setText(_tr("Looking…"))

        def work(_context: TaskContext) -> tuple[Token, ...]:
            return self._service.tokens(module)

        self.workbench.tasks.run(self, work, self._found, self._not_found)

    def send(self) -> None:
        """See that it can sign, by its passphrase or PIN, then choose it."""
        self.clear_faults()
        terms = Terms(
            self.authority.text().strip(), self.roots.files, self.remember.isChecked()
        )  # fmt: skip
        try:
            work, told = self._work(terms)
        except UserError as error:
            self.refuse(error)
            return

        def done(subject: str) -> None:
            self.workbench.messages.saved(told.format(subject=subject))

        self.save(work, done, _tr("Opening the certificate"))

    def _work(self, terms: Terms) -> tuple[Callable[[TaskContext], str], str]:
        """Return what saves, and what is said afterwards; raises UserError for what is missing."""
        service = self._service
        if self._leaves_certificate():

            def keep(_context: TaskContext) -> str:
                service.set_terms(terms.authority, terms.roots)
                return self._chosen.subject if self._chosen is not None else ""

            return keep, _tr("Signatures are made and checked by this from now on.")
        told = _tr("{subject} signs from now on.")
        if self._on_token:
            wish, pin = self._wish(), self.pin.text()
            return lambda _context: service.use_token(wish, pin, terms).subject, told
        if not self.path.files:
            raise UserError(_tr("Choose a file."), field="path")
        path, passphrase = self.path.files[0], self.passphrase.text()
        return lambda _context: service.use(path, passphrase, terms).subject, told

    def _leaves_certificate(self) -> bool:
        """Tell whether only time stamp and roots were touched."""
        if self.pin.text() or self.passphrase.text() or self.remember.isChecked():
            return False
        chosen = self._chosen
        if chosen is None:
            named = self.module.files if self._on_token else self.path.files
            return not named and bool(self.roots.files)
        if self._on_token:
            return chosen.token is not None and self._wish() == _wish_of(chosen)
        return chosen.token is None and self.path.files == (chosen.certificate,)

    def _wish(self) -> TokenWish:
        if not self.module.files:
            raise UserError(_tr("Name the driver of the token."), field="module")
        token, certificate = self._wishes[self.certificate.currentIndex()]
        return TokenWish(self.module.files[0], token, certificate)

    def _made_fields(self) -> Mapping[str, Field]:
        self.path = FileField(
            _tr("File"), _tr("A PKCS#12 file: .p12 or .pfx"), (_tr("PKCS#12 (*.p12 *.pfx)"),),
            self.panel,
        )  # fmt: skip
        self.module = FileField(
            _tr("Driver"), _tr("The library that came with the token: …pkcs11.so"),
            (_tr("Drivers (*.so *.so.* *.dll *.dylib)"),), self.panel,
        )  # fmt: skip
        self.roots = FileField(
            _tr("Trusted roots"), _tr("PEM files; those of the certificate are trusted anyway"),
            (_tr("Certificates (*.pem *.crt *.cer *.der)"),), self.panel, several=True,
        )  # fmt: skip
        return {
            "kind": Field(_tr("The key is"), self.kind, self.panel),
            "path": self.path,
            "passphrase": Field(_tr("Passphrase"), self.passphrase, self.panel),
            "module": self.module,
            "certificate": Field(_tr("Certificate"), self.certificate, self.panel),
            "pin": Field(_tr("PIN of the token"), self.pin, self.panel),
            "authority": Field(_tr("Time-stamp authority"), self.authority, self.panel),
            "roots": self.roots,
            "remember": Field(_tr("Keyring"), self.remember, self.panel),
        }

    def _fill(self, roots: tuple[Path, ...]) -> None:
        """Show what was chosen before."""
        self.roots.set_files(roots)
        self._offer_any()
        chosen = self._chosen
        if chosen is None:
            return
        self.authority.setText(chosen.authority)
        if chosen.token is None:
            self.path.set_files([chosen.certificate] if chosen.certificate is not None else [])
            return
        self.kind.setCurrentIndex(1)
        self.module.set_files([chosen.token.module])
        wish = _wish_of(chosen)
        self._offer([((wish.token, wish.certificate),
                      _told(chosen.subject, chosen.token.name, ""))])  # fmt: skip

    def _offer_any(self) -> None:
        self._offer([(("", ""), _tr("The only one on the only token"))])

    def _offer(self, entries: list[tuple[tuple[str, str], str]]) -> None:
        self._wishes = [wish for wish, _text in entries]
        self.certificate.clear()
        self.certificate.addItems([text for _wish, text in entries])

    def _found(self, tokens: tuple[Token, ...]) -> None:
        self._looked()
        if not tokens:
            self._offer_any()
            none = _tr("No token is plugged in that this driver knows.")
            self.refuse(UserError(none, field="certificate"))
            return
        self._offer([entry for token in tokens for entry in _entries(token)])
        self.certificate.setFocus()

    def _not_found(self, error: Exception) -> None:
        self._looked()
        if isinstance(error, UserError):
            self.refuse(error)
        else:
            self.workbench.messages.report(error)

    def _looked(self) -> None:
        self.look.setEnabled(True)
        self.look.setText(_tr("Look on tokens"))

    @property
    def _on_token(self) -> bool:
        return self.kind.currentIndex() == 1

    def _show_kind(self) -> None:
        for name in _OF_FILE:
            self.fields[name].setVisible(not self._on_token)
        for name in _OF_TOKEN:
            self.fields[name].setVisible(self._on_token)
        self._place()

    def _secret(self) -> QLineEdit:
        made = QLineEdit(self.panel)
        made.setEchoMode(QLineEdit.EchoMode.Password)
        return made


def _wish_of(chosen: SigningChoice) -> TokenWish:
    token = chosen.token
    if token is None:
        raise ValueError("a file is chosen")
    return TokenWish(token.module, token.serial, chosen.sha256)


def _entries(token: Token) -> list[tuple[tuple[str, str], str]]:
    """Return what a token offers: its certificates, or whatever it shows once it has its PIN."""
    name = token.label or token.serial
    if not token.certificates:
        return [((token.serial, ""), _tr("{token}: what it shows with its PIN").format(token=name))]
    return [
        ((token.serial, one.certificate.sha256),
         _told(one.certificate.subject, name, _valid(one)))
        for one in token.certificates
    ]  # fmt: skip


def _valid(one: TokenCertificate) -> str:
    return _tr("valid to {day}").format(day=day(one.certificate.not_after.date()))


def _told(subject: str, token: str, valid: str) -> str:
    return "  ·  ".join(part for part in (subject, token, valid) if part)
