"""The start page: choose a profile, sign in; on a demo database with one click.

It is there before the server is: an embedded server starts as a task whose progress shows here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vln_desktop.config import Environment, Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError, VlnError
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, WIDE_GAP, Theme
from vln_desktop.ui.widgets.chip import Chip, look_of
from vln_desktop.ui.widgets.controls import (
    IconLabel,
    button,
    column,
    label,
    line,
    row,
    set_style_property,
)
from vln_desktop.ui.widgets.header import Brand, role_name

_WIDTH = 432
_ROW_HEIGHT = 44
_ICON = 22


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One person of the demo database; the password stays with the gateway."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Prepared:
    """A profile whose server runs: who signed in last, and the demo's people if it is one."""

    last_email: str = ""
    demo: tuple[DemoSignIn, ...] = ()


class Gateway(Protocol):
    """What the page asks of the layers below; both calls run on a thread."""

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        """Start the profile's server if it is an embedded one, telling progress."""

    def sign_in(self, profile: Profile, email: str, password: str, context: TaskContext) -> object:
        """Open the database as a person; an empty password takes the demo's own.

        Raises UserError with `field` "email" or "password", or Unavailable.
        """


class DemoRow(QPushButton):
    """One click signs in as this person."""

    chosen = Signal(str)

    def __init__(self, person: DemoSignIn, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._email = person.email
        self.setProperty("kind", "row")
        self.setAutoDefault(False)
        self.setFixedHeight(_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{person.name}, {role_name(person.role)}")
        icon = IconLabel(theme, Glyph.PERSON, _ICON, parent=self)
        name = label(person.name, parent=self)
        email = label(person.email, "small", parent=self)
        role = label(role_name(person.role), "small", parent=self)
        layout = row([icon, column([name, email], gap=0), None, role], gap=WIDE_GAP)
        layout.setContentsMargins(GAP, 0, GAP, 0)
        self.setLayout(layout)
        for part in (icon, name, email, role):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self._email)


class SignInPage(QWidget):
    """Profile, e-mail, password; says clearly why it did not work and keeps what was typed."""

    signed_in = Signal(object)
    """Carries what the gateway returned."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        chosen: Profile,
        gateway: Gateway,
        theme: Theme,
        tasks: TaskRunner,
        messages: Messages,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._profiles = list(profiles)
        self._gateway = gateway
        self._theme = theme
        self._tasks = tasks
        self._messages = messages
        self._task: Task[Prepared] | Task[object] | None = None
        self._make_fields()
        self._make_progress()
        self._lay_out()
        self.profile.setCurrentIndex(self._profiles.index(chosen))
        self.profile.currentIndexChanged.connect(self.prepare)
        self.email.returnPressed.connect(self._go_on)
        self.password.returnPressed.connect(self.sign_in)
        self.enter.clicked.connect(self.sign_in)
        self._stop.clicked.connect(self._cancel)
        self.retry.clicked.connect(self.prepare)

    @property
    def chosen(self) -> Profile:
        """The profile that is chosen now."""
        return self._profiles[self.profile.currentIndex()]

    @property
    def fault(self) -> str:
        """Why it did not work, empty if nothing is wrong."""
        return self._error.text()

    def prepare(self) -> None:
        """Get the chosen profile's server ready; while it starts, progress shows and one types."""
        if self._task is not None:
            self._task.cancel()
        profile = self.chosen
        self._show_environment(profile)
        self._clear_demo()
        self._say("")
        self._show_busy(
            self.tr("Starting the database…") if profile.embedded else self.tr("Getting ready…"),
            typing=True,
        )

        def work(context: TaskContext) -> Prepared:
            return self._gateway.prepare(profile, context)

        self._task = self._tasks.run(
            self, work, self._prepared, self._not_prepared, title=self.tr("Starting")
        )

    def sign_in(self) -> None:
        """Sign in with what was typed, once the server is ready."""
        if not self.enter.isEnabled():
            return
        email, password = self.email.text().strip().lower(), self.password.text()
        if not email:
            self._say(self.tr("Type your e-mail address."), "email")
        elif not password:
            self._say(self.tr("Type your password."), "password")
        else:
            self._sign_in(email, password)

    def sign_in_as(self, email: str) -> None:
        """Sign in as one of the demo's people."""
        self._sign_in(email, "")

    def _sign_in(self, email: str, password: str) -> None:
        profile = self.chosen
        self._say("")
        self._show_busy(self.tr("Signing in…"))

        def work(context: TaskContext) -> object:
            return self._gateway.sign_in(profile, email, password, context)

        self._task = self._tasks.run(self, work, self._done, self._refused)

    def _done(self, session: object) -> None:
        self._task = None
        self.password.clear()
        self.signed_in.emit(session)

    def _refused(self, error: Exception) -> None:
        self._show_form()
        if isinstance(error, UserError):
            self._say(str(error), error.field or "")
            self.password.selectAll()
        elif isinstance(error, VlnError):
            self._say(str(error))
        else:
            self._messages.report(error)

    def _prepared(self, prepared: Prepared) -> None:
        self._show_form()
        if prepared.last_email and not self.email.text():
            self.email.setText(prepared.last_email)
            self.password.setFocus()
        for person in prepared.demo:
            demo_row = DemoRow(person, self._theme, self._demo)
            demo_row.chosen.connect(self.sign_in_as)
            self._demo_rows.addWidget(demo_row)
        self._demo.setVisible(bool(prepared.demo))
        if not (self.email.hasFocus() or self.password.hasFocus()):
            (self.password if self.email.text() else self.email).setFocus()

    def _not_prepared(self, error: Exception) -> None:
        self._show_form()
        self.enter.setEnabled(False)
        self.retry.show()
        if isinstance(error, VlnError):
            self._say(str(error))
        else:
            self._say(self.tr("The database could not be started."))
            self._messages.report(error)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show_form()
        self._say(self.tr("Stopped."))
        self.retry.show()

    def _go_on(self) -> None:
        self.password.setFocus()

    def _show_busy(self, text: str, *, typing: bool = False) -> None:
        self._busy_text.setText(text)
        self._bar.setRange(0, 0)
        self._busy.show()
        self.retry.hide()
        for part in (self.enter, self._demo):
            part.setEnabled(False)
        for field in (self.email, self.password):
            field.setEnabled(typing)
        self._tasks.changed.connect(self._show_progress, Qt.ConnectionType.UniqueConnection)

    def _show_progress(self) -> None:
        if self._task is None or not self._task.running:
            return
        progress = self._task.progress
        if progress.text:
            self._busy_text.setText(progress.text)
        if progress.fraction is not None:
            self._bar.setRange(0, 100)
            self._bar.setValue(round(progress.fraction * 100))

    def _show_form(self) -> None:
        self._busy.hide()
        for part in (self.email, self.password, self.enter, self._demo):
            part.setEnabled(True)

    def _say(self, text: str, field: str = "") -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        fields = {"email": self.email, "password": self.password}
        for name, edit in fields.items():
            set_style_property(edit, "invalid", name == field)
        if field in fields:
            fields[field].setFocus()

    def _show_environment(self, profile: Profile) -> None:
        self._environment.show_look(look_of("environment", profile.environment.value))
        self._demo.hide()

    def _clear_demo(self) -> None:
        while (item := self._demo_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _make_fields(self) -> None:
        self.profile = QComboBox(self)
        self.profile.addItems([profile_title(profile) for profile in self._profiles])
        self.profile.setAccessibleName(self.tr("Database"))
        self.email = QLineEdit(self)
        self.email.setPlaceholderText("name@vln.gg")
        self.email.setAccessibleName(self.tr("E-mail"))
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(self.tr("Password"))
        self.enter = button(self.tr("Sign in"), "primary", parent=self)
        self._error = label("", "error", wrap=True, parent=self)
        self._error.hide()
        self.retry = button(self.tr("Try again"), parent=self)
        self.retry.hide()
        self._environment = Chip(
            self._theme, look_of("environment", Environment.PRODUCTION.value), self
        )

    def _make_progress(self) -> None:
        self._busy = QWidget(self)
        self._busy_text = label("", "small", parent=self._busy)
        self._bar = QProgressBar(self._busy)
        self._bar.setTextVisible(False)
        self._stop = button(self.tr("Stop"), "link", parent=self._busy)
        self._busy.setLayout(
            column([row([self._busy_text, None, self._stop]), self._bar], gap=GRID)
        )
        self._busy.hide()

    def _lay_out(self) -> None:
        card = QFrame(self)
        card.setProperty("kind", "card")
        card.setFixedWidth(_WIDTH)
        self._demo = QWidget(card)
        self._demo_rows = QVBoxLayout()
        self._demo_rows.setSpacing(0)
        heading = label(self.tr("Demo sign-ins: one click, no password"), "small")
        self._demo.setLayout(column([line(), GAP, heading, self._demo_rows], gap=GRID))
        self._demo.hide()
        form = column(
            [
                label(self.tr("Database"), "small"),
                row([self.profile, self._environment]),
                GRID,
                label(self.tr("E-mail"), "small"),
                self.email,
                GRID,
                label(self.tr("Password"), "small"),
                self.password,
                self._error,
                GAP,
                self.enter,
                self.retry,
                self._busy,
                GRID,
                self._demo,
            ],
            gap=GRID,
            margins=2 * PAGE_GAP - GAP,
        )
        self.profile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        card.setLayout(form)
        brand = Brand(self._theme, self)
        brand.setFixedWidth(_WIDTH)
        middle = column([None, brand, card, None], gap=GAP)
        self.setLayout(row([None, middle, None], gap=0, margins=PAGE_GAP))


def profile_title(profile: Profile) -> str:
    """Return a profile as people call it."""
    return profile.name.replace("-", " ").replace("_", " ").capitalize()
