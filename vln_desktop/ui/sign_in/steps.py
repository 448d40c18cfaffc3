"""The steps after the password: a new one, the code, and at the first time the second factor.

Imported by name once somebody knocks: the start page does without them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.sign_in import Enrolment, check_new_password
from vln_desktop.errors import UserError
from vln_desktop.ui.sign_in.step import WIDE, Step
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, Theme
from vln_desktop.ui.widgets.code_entry import CodeEntry
from vln_desktop.ui.widgets.controls import column, label, row, selectable
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.qr_code import QrCode
from vln_desktop.ui.widgets.recovery_codes import RecoveryCodes

if TYPE_CHECKING:  # zxcvbn takes a fifth of a second: loaded when somebody chooses a password
    from vln_desktop.services.strength import Strength

_JUDGE_MS = 250


class PasswordPair(QWidget):
    """A new password typed twice, its strength in words."""

    submitted = Signal()

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._email = ""
        self.first, self.second = _hidden(self), _hidden(self)
        self.fields = {
            "new_password": Field(self.tr("New password"), self.first, self),
            "again": Field(self.tr("Once more"), self.second, self),
        }
        self._strength = label(" ", "small", wrap=True, parent=self)
        both = self.fields.values()
        first, second = both
        self.setLayout(column([first, self._strength, second], gap=GAP))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_JUDGE_MS)
        self._pause.timeout.connect(self._judge)
        self.first.textChanged.connect(self._typed)
        self.first.returnPressed.connect(self.second.setFocus)
        self.second.returnPressed.connect(self.submitted)

    @property
    def strength(self) -> str:
        """What is said of the password as far as it is typed."""
        return self._strength.text().strip()

    def use(self, email: str) -> None:
        """Judge passwords for a person."""
        self._email = email

    def checked(self) -> str:
        """Return the password; raises UserError (field "new_password" or "again")."""
        check_new_password(self.first.text(), self._email)
        if self.first.text() != self.second.text():
            raise UserError(self.tr("The two are not the same."), field="again")
        return self.first.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()

    def _typed(self) -> None:
        self._pause.start()

    def _judge(self) -> None:
        password, email = self.first.text(), self._email

        def work(_context: TaskContext) -> Strength | None:
            if not password:
                return None
            strength = importlib.import_module("vln_desktop.services.strength").strength
            judged: Strength = strength(password, email)
            return judged

        self._tasks.run(self, work, self._show)

    def _show(self, strength: Strength | None) -> None:
        words = (
            self.tr("Too short: twelve characters at least."),
            self.tr("Weak: add another word or two that nobody would expect."),
            self.tr("Fair: one more word makes it strong."),
            self.tr("Strong."),
        )
        self._strength.setText(" " if strength is None else words[strength])


class NewPasswordStep(Step):
    """The first password came from an admin, so it is changed before anything else."""

    submitted = Signal(str)

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Choose a password"),
            self.tr(
                "Your first password came from somebody else. Choose your own: a few words that "
                "only you would put together are better than signs."
            ),
            self.tr("Change password"),
            parent,
        )
        self.pair = PasswordPair(tasks, self)
        self.fields = self.pair.fields
        self.pair.submitted.connect(self.submit)
        self.lay_out([self.pair])

    def begin(self) -> None:
        self.pair.first.setFocus()

    def submit(self) -> None:
        try:
            password = self.pair.checked()
        except UserError as error:
            self.refuse(error)
        else:
            self.say("")
            self.submitted.emit(password)


class Enroller(QWidget):
    """A new second factor: its QR code, the secret to type, and the first code of the app."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enrolment: Enrolment | None = None
        self.qr = QrCode(self)
        how = label(
            self.tr("Scan this with an authenticator app, or type the secret there:"),
            "dim", wrap=True, parent=self,
        )  # fmt: skip
        self.secret = selectable(label("", "code", wrap=True, parent=self))
        self.secret.setAccessibleName(self.tr("Secret for your authenticator app"))
        self.entry = CodeEntry(
            theme, self, name=self.tr("First code that the app shows"), recovery=False
        )
        beside = column([how, self.secret, None, self.entry], gap=GAP)
        self.setLayout(row([self.qr, beside], gap=PAGE_GAP))

    def show_enrolment(self, enrolment: Enrolment, email: str) -> None:
        """Show a factor that the server does not know yet."""
        self.enrolment = enrolment
        self.qr.show_text(enrolment.uri(email))
        secret = enrolment.typed_secret
        self.secret.setText(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


class EnrolStep(Step):
    """The first time: an invitation proves who this is, a phone becomes the second factor."""

    submitted = Signal(str, str)
    """Carries the invitation and the first code."""
    width_wanted = WIDE

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Set up the second factor"),
            self.tr(
                "From now on a code from your phone belongs to each sign-in. The invitation came "
                "from the admin who made your account."
            ),
            self.tr("Set up"),
            parent,
        )
        self.invite = QLineEdit(self)
        self.invite.setPlaceholderText("ABCD-EFGH-JKLM-NPQR")
        self.fields = {"invite": Field(self.tr("Invitation code"), self.invite, self)}
        self.enroller = Enroller(theme, self)
        self.entry = self.enroller.entry
        self.invite.returnPressed.connect(self.entry.begin)
        self.entry.submitted.connect(self._send)
        self.lay_out([self.fields["invite"], GRID, self.enroller])

    @property
    def fault(self) -> str:
        return self.entry.fault or super().fault

    def begin(self) -> None:
        if self.invite.text():
            self.entry.begin()
        else:
            self.invite.setFocus()

    def submit(self) -> None:
        self.entry.submit()

    def refuse(self, error: UserError) -> None:
        if error.field == "code":
            self.say("")
            self.entry.show_fault(str(error))
        else:
            super().refuse(error)

    def _send(self, code: str) -> None:
        self.say("")
        if self.invite.text().strip():
            self.submitted.emit(self.invite.text().strip(), code)
        else:
            self.refuse(UserError(self.tr("Type the invitation code."), field="invite"))


class RecoveryStep(Step):
    """Shows the recovery codes once; one goes on when they are kept."""

    submitted = Signal()
    width_wanted = WIDE

    def __init__(
        self,
        tasks: TaskRunner,
        save: Callable[[Path, str], None],
        email: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            self.tr("Keep your recovery codes"),
            self.tr(
                "Each replaces the phone once, if it is lost or broken. They are shown now and "
                "never again: keep them where the phone is not."
            ),
            self.tr("Go on"),
            parent,
        )
        self.codes = RecoveryCodes(tasks, save, email, self)
        self.back.hide()
        self.go.setEnabled(False)
        self.codes.kept.connect(self.go.setEnabled)
        self.lay_out([self.codes])

    def begin(self) -> None:
        self.codes.copy.setFocus()

    def submit(self) -> None:
        self.codes.clear_clipboard()
        self.submitted.emit()


class CodeStep(Step):
    """The second factor: six digits that send themselves."""

    submitted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Second factor"), "", self.tr("Sign in"), parent)
        self.entry = CodeEntry(theme, self)
        self.entry.submitted.connect(self._send)
        self.lay_out([self.entry])

    @property
    def fault(self) -> str:
        return self.entry.fault or super().fault

    def show_person(self, name: str) -> None:
        """Say whose password was right."""
        text = self.tr("Welcome, {name}. Type the code that your authenticator app shows now.")
        self.told.setText(text.format(name=name))

    def begin(self) -> None:
        self.entry.begin()

    def submit(self) -> None:
        self.entry.submit()

    def refuse(self, error: UserError) -> None:
        if error.field == "code":
            self.say("")
            self.entry.show_fault(str(error))
        else:
            super().refuse(error)

    def _send(self, code: str) -> None:
        self.say("")
        self.submitted.emit(code)


def _hidden(parent: QWidget) -> QLineEdit:
    field = QLineEdit(parent)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
