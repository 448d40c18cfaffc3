"""Asks for access: a login, a role, a place in a team, or to read an audit's findings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.access import (
    DUTIES,
    GIVEN_ROLES,
    LONGEST_READING,
    RequestKind,
    Wish,
    wish_for_role,
    wish_for_team,
    wish_to_create,
    wish_to_read,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.errors import UserError
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import PersonPicker
from vln_desktop.ui.widgets.fields import DayEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

_N = QT_TRANSLATE_NOOP
_KINDS = {
    RequestKind.READ_FINDINGS: _N("RequestAccess", "Read an audit's findings for a while"),
    RequestKind.TEAM: _N("RequestAccess", "A place in a team"),
    RequestKind.ROLE: _N("RequestAccess", "Another role"),
    RequestKind.CREATE: _N("RequestAccess", "A login for a new colleague"),
}
_SHOWN = {
    RequestKind.READ_FINDINGS: {"audit", "valid_until"},
    RequestKind.TEAM: {"person", "team", "duty", "valid_until"},
    RequestKind.ROLE: {"person", "role"},
    RequestKind.CREATE: {"email", "name", "role", "valid_until"},
}
_USUAL_DAYS = 2


def _tr(text: str) -> str:
    return QCoreApplication.translate("RequestAccess", text)


class RequestAccessPanel(FormPanel):
    """One request; which fields it has follows from its kind."""

    def __init__(
        self,
        desk: Desk,
        workbench: Workbench,
        window: QWidget,
        *,
        kind: RequestKind | None = None,
        person: UUID | None = None,
    ) -> None:
        told = _tr(
            "Somebody else decides: an admin, or for findings a manager of the audit's team."
        )
        super().__init__(workbench, _tr("Request access"), told, _tr("Send the request"), window)
        self._desk = desk
        self.kind = QComboBox(self.panel)
        for each, text in _KINDS.items():
            if each is not RequestKind.READ_FINDINGS or workbench.may(Right.ACCESS_READ):
                self.kind.addItem(_tr(str(text)), each)
        people = [(c.id, c.name) for c in desk.directory.colleagues if c.active]
        self.person = PersonPicker(people, parent=self.panel)
        self.person.choose(person or desk.person.user_id)
        self.email, self.name = QLineEdit(self.panel), QLineEdit(self.panel)
        self.role, self.duty = QComboBox(self.panel), QComboBox(self.panel)
        for role in GIVEN_ROLES:
            self.role.addItem(role.value.capitalize(), role)
        self.role.setCurrentIndex(GIVEN_ROLES.index(Role.AUDITOR))
        self.duty.addItems([duty.capitalize() for duty in DUTIES])
        self.team, self.audit = QLineEdit(self.panel), QLineEdit(self.panel)
        self.audit.setPlaceholderText("ACME-7")
        self.until, self.reason = DayEdit(self.panel), text_box(self.panel)
        self._build_fields()
        if kind is not None:
            self.kind.setCurrentIndex(self.kind.findData(kind))
        self.kind.currentIndexChanged.connect(self._fit)
        self._fit()

    @property
    def chosen(self) -> RequestKind:
        """What sort of request it is."""
        return RequestKind(self.kind.currentData())

    def open(self) -> None:
        """Show the form; the kind is chosen first."""
        super().open()
        self.kind.setFocus()

    def send(self) -> None:
        """Send the request."""
        self.clear_faults()
        try:
            wish = self._wish()
        except UserError as error:
            self.refuse(error)
            return
        reason = self.reason.toPlainText()

        def work(_context: TaskContext) -> Changes:
            return self._desk.access.ask(wish, reason)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The request is sent."))

        self.save(work, done, _tr("Sending the request"))

    def _build_fields(self) -> None:
        inputs: tuple[tuple[str, str, QWidget], ...] = (
            ("kind", _tr("What"), self.kind),
            ("person", _tr("For whom"), self.person),
            ("email", _tr("E-mail"), self.email),
            ("name", _tr("Name"), self.name),
            ("role", _tr("Role"), self.role),
            ("team", _tr("Team"), self.team),
            ("duty", _tr("Duty"), self.duty),
            ("audit", _tr("Audit"), self.audit),
            ("valid_until", _tr("Until the end of"), self.until),
            ("reason", _tr("Why"), self.reason),
        )
        self.build({key: Field(name, input_, self.panel) for key, name, input_ in inputs})

    def _fit(self) -> None:
        shown = _SHOWN[self.chosen]
        for key, field in self.fields.items():
            field.setVisible(key in shown or key in {"kind", "reason"})
        reading = self.chosen is RequestKind.READ_FINDINGS
        usual = datetime.now().astimezone().date() + timedelta(days=_USUAL_DAYS)
        self.until.set_day(usual if reading else None)
        self.clear_faults()
        if self.isVisible():
            self._place()

    def _wish(self) -> Wish:
        role = Role(self.role.currentData())
        match self.chosen:
            case RequestKind.CREATE:
                wish = wish_to_create(uuid7(), self.email.text(), self.name.text(), role)
                return Wish(wish.kind, wish.what, None, self._until())
            case RequestKind.ROLE:
                return wish_for_role(self._person(), role)
            case RequestKind.TEAM:
                duty = DUTIES[self.duty.currentIndex()]
                return wish_for_team(self._person(), self.team.text(), duty, self._until())
            case RequestKind.READ_FINDINGS:
                now = datetime.now(UTC)
                until = self._until()
                if until is None:
                    raise UserError(_tr("Reading ends on a day."), field="valid_until")
                last = now + LONGEST_READING
                if until.date() == last.astimezone().date():
                    until = min(until, last)  # the seventh day ends when the seven days do
                return wish_to_read(self._desk.person.user_id, self.audit.text(), until, now)

    def _person(self) -> UUID:
        person = self.person.person
        if person is None:
            raise UserError(_tr("Choose a colleague."), field="person")
        return person

    def _until(self) -> datetime | None:
        """Return the last moment of the typed day, here; raises UserError for no day."""
        try:
            last: date | None = self.until.day
        except UserError as error:
            raise UserError(str(error), field="valid_until") from error
        return None if last is None else datetime.combine(last, time(23, 59, 59)).astimezone()
