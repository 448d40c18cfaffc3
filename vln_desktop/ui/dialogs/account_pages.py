"""The tabs of one's account: sessions, password, second factor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.sign_in import Enrolment, new_enrolment
from vln_desktop.errors import UserError, VlnError
from vln_desktop.services.account import Account, AccountService, OpenSession, save_codes
from vln_desktop.ui.panes.formats import moment
from vln_desktop.ui.session.guard import LOCK_MINUTES
from vln_desktop.ui.sign_in.steps import Enroller, PasswordPair
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.recovery_codes import RecoveryCodes
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_MINUTES = (0, 5, 10, 15, 30, 60)


class AccountPage(QWidget):
    """One tab: says below its parts what went wrong or well, and lets acts ask for the code."""

    changed = Signal()
    """The account is not as it was loaded any more."""

    def __init__(self, workbench: Workbench, service: AccountService, parent: QWidget) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.service = service
        self.told = label("", "small", wrap=True, parent=self)
        self.told.hide()

    def act(self, work: Callable[[], None], done: Callable[[], None]) -> None:
        """Change something on a task; what it says shows below."""
        self.tell("")
        self.setEnabled(False)

        def run(_context: TaskContext) -> None:
            work()

        def finish(_nothing: None) -> None:
            self.setEnabled(True)
            done()
            self.changed.emit()

        self.workbench.act(self, run, finish, self._failed)

    def refuse(self, error: UserError) -> None:
        """Say what is wrong; a subclass knows its fields."""
        self.tell(str(error))

    def tell(self, text: str) -> None:
        """Say something below the parts; empty takes it back."""
        self.told.setText(text)
        self.told.setVisible(bool(text))

    def _failed(self, error: Exception) -> None:
        self.setEnabled(True)
        if isinstance(error, UserError):
            self.refuse(error)
        elif isinstance(error, VlnError):
            self.tell(str(error))
        else:
            self.workbench.messages.report(error)


class SessionsPage(AccountPage):
    """Where I am signed in; each can be ended from here. And when this window locks itself."""

    lock_changed = Signal()

    def __init__(
        self, workbench: Workbench, service: AccountService, minutes: int, parent: QWidget
    ) -> None:
        super().__init__(workbench, service, parent)
        self._sessions: tuple[OpenSession, ...] = ()
        self.table = TextTable(workbench.theme, self.tr("Sessions"), self)
        self.end = button(self.tr("End the selected"), parent=self)
        self.end_others = button(self.tr("End all others"), parent=self)
        self.minutes = QComboBox(self)
        self.minutes.setAccessibleName(self.tr("Lock this window"))
        for choice in _MINUTES:
            text = self.tr("after {n} minutes without input") if choice else self.tr("never")
            self.minutes.addItem(text.format(n=choice), choice)
        self.minutes.setCurrentIndex(max(self.minutes.findData(minutes), 0))
        lock = row([label(self.tr("Lock this window"), "dim", parent=self), self.minutes, None])
        ways = row([None, self.end, self.end_others])
        self.setLayout(column([self.table, ways, self.told, lock], gap=GAP, margins=GAP))
        self.end.clicked.connect(self._end_selected)
        self.end_others.clicked.connect(self._end_others)
        self.table.itemSelectionChanged.connect(self._offer)
        self.minutes.activated.connect(self._keep_minutes)

    def show_account(self, account: Account) -> None:
        """Show the sessions as they are now."""
        self._sessions = account.sessions
        self.table.show_rows(
            [
                TextColumn(self.tr("Device"), wide=True),
                TextColumn(self.tr("Signed in")),
                TextColumn(self.tr("Good until")),
                TextColumn(""),
            ],
            [
                [
                    session.device,
                    moment(session.created_at),
                    moment(session.expires_at),
                    self.tr("this window") if session.mine else "",
                ]
                for session in account.sessions
            ],
        )
        self._offer()

    def _offer(self) -> None:
        chosen = self._chosen()
        self.end.setEnabled(chosen is not None and not chosen.mine)
        self.end_others.setEnabled(any(not session.mine for session in self._sessions))

    def _chosen(self) -> OpenSession | None:
        at = self.table.currentRow()
        selected = bool(self.table.selectedItems())
        return self._sessions[at] if selected and 0 <= at < len(self._sessions) else None

    def _end_selected(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._end(chosen)

    def _end_others(self) -> None:
        self._end(*(session for session in self._sessions if not session.mine))

    def _end(self, *sessions: OpenSession) -> None:
        def work() -> None:
            self.service.end_sessions(*(session.id for session in sessions))

        def done() -> None:
            self.tell(self.tr("Ended: such a window asks for a new sign-in at once."))

        self.act(work, done)

    def _keep_minutes(self) -> None:
        self.workbench.preferences.set(LOCK_MINUTES, int(self.minutes.currentData()))
        self.lock_changed.emit()


class PasswordPage(AccountPage):
    """A new password, after the old one."""

    password_changed = Signal()

    def __init__(self, workbench: Workbench, service: AccountService, parent: QWidget) -> None:
        super().__init__(workbench, service, parent)
        self.old = QLineEdit(self)
        self.old.setEchoMode(QLineEdit.EchoMode.Password)
        self.pair = PasswordPair(workbench.tasks, self)
        self.pair.use(workbench.person.email)
        self.fields = {
            "old_password": Field(self.tr("Old password"), self.old, self),
            **self.pair.fields,
        }
        self.go = button(self.tr("Change password"), "primary", parent=self)
        self.setLayout(
            column(
                [self.fields["old_password"], self.pair, self.told, row([None, self.go]), None],
                gap=WIDE_GAP,
                margins=GAP,
            )
        )
        self.old.returnPressed.connect(self.pair.first.setFocus)
        self.pair.submitted.connect(self._send)
        self.go.clicked.connect(self._send)

    def refuse(self, error: UserError) -> None:
        for name, field in self.fields.items():
            field.show_fault(str(error) if name == error.field else "")
        if error.field in self.fields:
            self.fields[error.field].input.setFocus()
        else:
            self.tell(str(error))

    def _send(self) -> None:
        try:
            new = self.pair.checked()
        except UserError as error:
            self.refuse(error)
            return
        for field in self.fields.values():
            field.show_fault("")
        old = self.old.text()

        def work() -> None:
            self.service.change_password(old, new)

        def done() -> None:
            self.old.clear()
            self.pair.clear()
            self.tell(self.tr("The password is changed. Other open sessions go on."))
            self.password_changed.emit()

        self.act(work, done)


class FactorPage(AccountPage):
    """Recovery codes, and the move to another phone."""

    def __init__(self, workbench: Workbench, service: AccountService, parent: QWidget) -> None:
        super().__init__(workbench, service, parent)
        self._enrolment: Enrolment | None = None
        self.left = label("", "dim", wrap=True, parent=self)
        self.renew = button(self.tr("New recovery codes"), parent=self)
        self.move_phone = button(self.tr("Use another phone"), parent=self)
        self.enroller = Enroller(workbench.theme, self)
        self.codes = RecoveryCodes(workbench.tasks, save_codes, workbench.person.email, self)
        self.codes.box.setText(self.tr("I have kept them: hide them"))
        self.stop = button(self.tr("Keep the old phone"), parent=self)
        parts = [self.left, row([self.renew, self.move_phone, None]), self.enroller, self.codes,
                 self.told, row([self.stop, None]), None]  # fmt: skip
        self.setLayout(column(parts, gap=WIDE_GAP, margins=GAP))
        self._show_parts()
        self.renew.clicked.connect(self._renew)
        self.move_phone.clicked.connect(self._begin_move)
        self.stop.clicked.connect(self._stop_move)
        self.enroller.entry.submitted.connect(self._move)
        self.codes.kept.connect(self._hide_codes)

    def show_account(self, account: Account) -> None:
        """Show how many codes are left."""
        text = self.tr("{n} of ten recovery codes are left. Each replaces the phone once.")
        self.left.setText(text.format(n=account.recovery_codes))

    def refuse(self, error: UserError) -> None:
        if error.field == "code" and not self.enroller.isHidden():
            self.enroller.entry.show_fault(str(error))
        else:
            self.tell(str(error))

    def _renew(self) -> None:
        codes = new_enrolment().recovery_codes

        def work() -> None:
            self.service.renew_recovery_codes(codes)

        def done() -> None:
            self._show_parts(codes=codes)
            self.tell(self.tr("These ten are good from now on, the old ones are not."))

        self.act(work, done)

    def _begin_move(self) -> None:
        self._enrolment = new_enrolment()
        self.enroller.entry.clear()
        self.enroller.show_enrolment(self._enrolment, self.workbench.person.email)
        self._show_parts(moving=True)
        self.tell(self.tr("The old phone works until the new one has shown its first code."))
        self.enroller.entry.begin()

    def _stop_move(self) -> None:
        self._enrolment = None
        self.tell("")
        self._show_parts()

    def _move(self, code: str) -> None:
        enrolment = self._enrolment
        if enrolment is None:
            return

        def work() -> None:
            self.service.replace_second_factor(enrolment, code)

        def done() -> None:
            self._enrolment = None
            self._show_parts(codes=enrolment.recovery_codes)
            self.tell(
                self.tr("The new phone is the second factor. The recovery codes are new too.")
            )

        self.act(work, done)

    def _hide_codes(self, kept: bool) -> None:
        if kept:
            self.codes.clear_clipboard()
            self.codes.show_codes(())
            self.tell("")
            self._show_parts()

    def _show_parts(self, *, moving: bool = False, codes: tuple[str, ...] = ()) -> None:
        quiet = not moving and not codes
        for part in (self.left, self.renew, self.move_phone):
            part.setVisible(quiet)
        self.enroller.setVisible(moving)
        self.stop.setVisible(moving)
        self.codes.setVisible(bool(codes))
        if codes:
            self.codes.show_codes(codes)
