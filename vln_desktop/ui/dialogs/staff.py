"""The small forms by which an admin manages people: invite, rename, role, last day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.permissions import Role
from vln_desktop.domain.users import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    StaffMember,
    clean_address,
    clean_name,
)
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench

R = TypeVar("R")

PEOPLE_ROLES = tuple(role for role in Role if role is not Role.WORKER)
"""Roles of people; the worker is a service's login."""


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Staff", text)


class ActForm(FormPanel):
    """A form that begins in its first field."""

    def open(self) -> None:
        """Show the form with the focus in its first field."""
        super().open()
        inputs = [field.input for field in self.fields.values()]
        first = next((one for one in inputs if one.isEnabled()), inputs[0])
        first.setFocus()
        if isinstance(first, QLineEdit):
            first.selectAll()


class InvitePanel(ActForm):
    """A new person; `send_it(email, name, role)` runs on a thread."""

    def __init__(
        self,
        workbench: Workbench,
        send_it: Callable[[str, str, Role], R],
        done: Callable[[R], None],
        window: QWidget,
    ) -> None:
        told = tr("Makes a login. The first password and the invitation are shown once, to be "
                  "handed over in two different ways; they end in seven days.")  # fmt: skip
        texts = (tr("Invite a person"), told, tr("Invite"))
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        self.name = QLineEdit(self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.email = QLineEdit(self.panel)
        self.email.setMaxLength(LONGEST_ADDRESS)
        self.role = role_box(PEOPLE_ROLES, self.panel)
        self.role.setCurrentIndex(self.role.findData(Role.AUDITOR))
        self.build(
            {
                "name": Field(tr("Name"), self.name, self.panel),
                "email": Field(tr("E-mail"), self.email, self.panel),
                "role": Field(tr("Role"), self.role, self.panel),
            }
        )

    def send(self) -> None:
        """Invite."""
        self.clear_faults()
        try:
            name, email = clean_name(self.name.text()), clean_address(self.email.text())
        except UserError as error:
            self.refuse(error)
            return
        role = Role(self.role.currentData())
        self.save(lambda _context: self._send_it(email, name, role), self._done, tr("Inviting"))


class RenamePanel(ActForm):
    """Another name or address of a person."""

    def __init__(
        self,
        workbench: Workbench,
        person: StaffMember,
        send_it: Callable[[str, str], R],
        done: Callable[[R], None],
        window: QWidget,
    ) -> None:
        told = tr("The address is the name of the login: from the next sign-in on, the new one "
                  "is typed. The password and open sessions stay.")  # fmt: skip
        texts = (tr("Rename {name}").format(name=person.name), told, tr("Rename"))
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        self.name = QLineEdit(person.name, self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.email = QLineEdit(person.email, self.panel)
        self.email.setMaxLength(LONGEST_ADDRESS)
        self.build(
            {
                "name": Field(tr("Name"), self.name, self.panel),
                "email": Field(tr("E-mail"), self.email, self.panel),
            }
        )

    def send(self) -> None:
        """Rename."""
        self.clear_faults()
        try:
            name, email = clean_name(self.name.text()), clean_address(self.email.text())
        except UserError as error:
            self.refuse(error)
            return
        self.save(lambda _context: self._send_it(email, name), self._done, tr("Renaming"))


class RolePanel(ActForm):
    """Another role of a person."""

    def __init__(
        self,
        workbench: Workbench,
        person: StaffMember,
        send_it: Callable[[Role], R],
        done: Callable[[R], None],
        window: QWidget,
    ) -> None:
        told = tr("{name} is {role} now. Open sessions end at once, what is unsaved there is lost, "
                  "and the next sign-in sees what the new role sees.")  # fmt: skip
        word = look_of("staff_role", person.role).text.lower()
        texts = (
            tr("Change the role of {name}").format(name=person.name),
            told.format(name=person.name, role=word),
            tr("Change role"),
        )
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        others = [role for role in PEOPLE_ROLES if role is not person.role]
        self.role = role_box(others, self.panel)
        self.role.setPlaceholderText(tr("Choose a role"))
        self.role.setCurrentIndex(-1)  # nobody becomes an admin by pressing Enter
        self.build({"role": Field(tr("New role"), self.role, self.panel)})

    def send(self) -> None:
        """Change the role."""
        self.clear_faults()
        if self.role.currentIndex() < 0:
            self.refuse(UserError(tr("Choose a role."), field="role"))
            return
        role = Role(self.role.currentData())
        self.save(lambda _context: self._send_it(role), self._done, tr("Changing the role"))


class AccessEndPanel(ActForm):
    """The last day on which a person has access; an empty field: for good."""

    def __init__(
        self,
        workbench: Workbench,
        person: StaffMember,
        send_it: Callable[[date | None], R],
        done: Callable[[R], None],
        window: QWidget,
    ) -> None:
        told = tr("{name} keeps access through this day (UTC); after it every session ends by "
                  "itself. Leave it empty for access that does not end.")  # fmt: skip
        texts = (tr("When access ends"), told.format(name=person.name), tr("Set the last day"))
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        self.day = DayEdit(self.panel)
        self.day.set_day(person.access_ends_on)
        self.build({"day": Field(tr("Last day"), self.day, self.panel)})

    def send(self) -> None:
        """Set the day."""
        self.clear_faults()
        try:
            day = self.day.day
        except UserError as error:
            self.refuse(UserError(str(error), field="day"))
            return
        self.save(lambda _context: self._send_it(day), self._done, tr("Setting the last day"))


def role_box(roles: Sequence[Role], parent: QWidget) -> QComboBox:
    """Return a choice of roles by the words that people know."""
    box = QComboBox(parent)
    for role in roles:
        box.addItem(look_of("staff_role", role).text, role)
    return box
