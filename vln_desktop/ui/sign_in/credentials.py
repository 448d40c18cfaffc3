"""The first step: which database, who, and the password; on a demo database one click.

It is there before the server is: one types while an embedded server starts.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vln_desktop.config import Environment, Profile
from vln_desktop.errors import UserError
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.sign_in.gateway import DemoSignIn, Prepared, Remembrance
from vln_desktop.ui.theme import GAP, GRID, WIDE_GAP, Theme
from vln_desktop.ui.widgets.chip import Chip, look_of
from vln_desktop.ui.widgets.controls import IconLabel, button, column, label, line, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.header import role_name

_ROW_HEIGHT = 44
_ICON = 22


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


class CredentialsStep(QWidget):
    """Database, e-mail, password; says clearly why it did not work and keeps what was typed."""

    submitted = Signal(str, str)
    """Carries the e-mail and the password, which is empty for a remembered one."""
    demo_chosen = Signal(str)
    email_settled = Signal()
    """The e-mail was typed to its end, or another database chosen."""
    forget_asked = Signal()
    profiles_asked = Signal()
    """The connection profiles are wanted."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        chosen: Profile,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = ""
        self._profiles = list(profiles)
        self._theme = theme
        self._kept = False
        self._make_fields()
        self._make_memory()
        self._lay_out()
        self.profile.setCurrentIndex(self._profiles.index(chosen))
        self.email.returnPressed.connect(self._go_on)
        self.email.editingFinished.connect(self.email_settled)
        self.password.returnPressed.connect(self.submit)
        self.enter.clicked.connect(self.submit)
        self.forget.clicked.connect(self.forget_asked)

    @property
    def chosen(self) -> Profile:
        """The profile that is chosen now."""
        return self._profiles[self.profile.currentIndex()]

    @property
    def typed_email(self) -> str:
        """The e-mail as the server knows it."""
        return self.email.text().strip().lower()

    @property
    def fault(self) -> str:
        """Why it did not work, empty if nothing is wrong."""
        return next((text for text in (self._fault.text(), *self._faults()) if text), "")

    @property
    def wants_memory(self) -> bool:
        """Whether the password shall be remembered: offered and ticked."""
        return self.remember.isChecked() and not self.remember.isHidden()

    def submit(self) -> None:
        """Take what was typed; an empty field is asked for without asking the server."""
        if not self.enter.isEnabled():
            return
        if not self.typed_email:
            self.refuse(UserError(self.tr("Type your e-mail address."), field="email"))
        elif not self.password.text() and not self._kept:
            self.refuse(UserError(self.tr("Type your password."), field="password"))
        else:
            self.submitted.emit(self.typed_email, self.password.text())

    def begin(self) -> None:
        """Put the cursor where one types: after the e-mail comes the password."""
        if not (self.email.hasFocus() or self.password.hasFocus()):
            (self.password if self.email.text() else self.email).setFocus()

    def refuse(self, error: UserError) -> None:
        """Say what is wrong beside the field it belongs to; the password is typed anew."""
        field = self.fields.get(error.field or "")
        self.say("" if field is not None else str(error))
        if field is not None:
            field.show_fault(str(error))
            field.input.setFocus()
        self.password.selectAll()

    def say(self, text: str) -> None:
        """Say what is wrong with the whole; empty takes everything back."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        if not text:
            for field in self.fields.values():
                field.show_fault("")

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        self.set_starting(busy)
        for field in (self.email, self.password, self.profile):
            field.setEnabled(not busy)

    def set_starting(self, starting: bool) -> None:
        """Let one type, but not go on, while the server starts."""
        for part in (self.enter, self._demo):
            part.setEnabled(not starting)
        for field in (self.email, self.password, self.profile):
            field.setEnabled(True)

    def show_profile(self) -> None:
        """Show what is known of the chosen profile before its server answers."""
        environment = self.chosen.environment
        self._environment.show_look(look_of("environment", environment.value))
        self._demo.hide()
        while (item := self._demo_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.show_memory(None)

    def show_prepared(self, prepared: Prepared) -> None:
        """Show who signed in last, and the demo's people."""
        if prepared.last_email and not self.email.text():
            self.email.setText(prepared.last_email)
            self.password.setFocus()
        for person in prepared.demo:
            demo_row = DemoRow(person, self._theme, self._demo)
            demo_row.chosen.connect(self.demo_chosen)
            self._demo_rows.addWidget(demo_row)
        self._demo.setVisible(bool(prepared.demo))
        self.begin()

    def show_memory(self, remembrance: Remembrance | None) -> None:
        """Show whether the password is remembered, or why none can be; None: not known yet."""
        self._kept = remembrance is not None and remembrance.kept
        fault = remembrance.fault if remembrance is not None else ""
        self.remember.setVisible(remembrance is not None and not self._kept and not fault)
        self._no_memory.setText(fault)
        self._no_memory.setVisible(bool(fault))
        self.forget.setVisible(self._kept)
        self.password.setPlaceholderText(
            self.tr("Remembered on this machine: press Enter") if self._kept else ""
        )

    def _faults(self) -> list[str]:
        return [field.fault for field in self.fields.values()]

    def _go_on(self) -> None:
        self.password.setFocus()

    def _make_fields(self) -> None:
        self.profile = QComboBox(self)
        self.profile.addItems([profile_title(profile) for profile in self._profiles])
        self.profile.setAccessibleName(self.tr("Database"))
        self.profile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.profiles_link = button(self.tr("Connection profiles…"), "link", parent=self)
        self.profiles_link.clicked.connect(self.profiles_asked)
        self.email = QLineEdit(self)
        self.email.setPlaceholderText("name@vln.gg")
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.fields = {
            "email": Field(self.tr("E-mail"), self.email, self),
            "password": Field(self.tr("Password"), self.password, self),
        }
        self.enter = button(self.tr("Sign in"), "primary", parent=self)
        self._fault = label("", "error", wrap=True, parent=self)
        self._fault.hide()
        self._environment = Chip(
            self._theme, look_of("environment", Environment.PRODUCTION.value), self
        )

    def _make_memory(self) -> None:
        self.remember = QCheckBox(self.tr("Remember my password on this machine"), self)
        self.forget = button(self.tr("Forget the remembered password"), "link", parent=self)
        self._no_memory = label("", "small", wrap=True, parent=self)
        for part in (self.remember, self.forget, self._no_memory):
            part.hide()

    def _lay_out(self) -> None:
        self._demo = QWidget(self)
        self._demo_rows = QVBoxLayout()
        self._demo_rows.setSpacing(0)
        heading = label(self.tr("Demo sign-ins: one click, no password"), "small")
        self._demo.setLayout(column([GAP, line(), GAP, heading, self._demo_rows], gap=GRID))
        self._demo.hide()
        self.setLayout(
            column(
                [
                    label(self.tr("Database"), "small"),
                    row([self.profile, self._environment]),
                    row([self.profiles_link, None]),
                    GRID,
                    self.fields["email"],
                    GRID,
                    self.fields["password"],
                    self.remember,
                    row([self.forget, None]),
                    self._no_memory,
                    self._fault,
                    GAP,
                    self.enter,
                    self._demo,
                ],
                gap=GRID,
            )
        )


def profile_title(profile: Profile) -> str:
    """Return a profile as people call it."""
    return profile.name.replace("-", " ").replace("_", " ").capitalize()
