"""What the users pane shows of one person: profile, sessions, rights, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.rights import Act, EffectiveRights, EntityRights, Reach, TableRight
from vln_desktop.domain.users import SecurityEvent, StaffAccess, StaffMember, StaffSession
from vln_desktop.services.directory import Directory
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import day, moment, words
from vln_desktop.ui.panes.security_words import told
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column, label
from vln_desktop.ui.widgets.detail import Facts, TimelineEvent
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable

_N = QT_TRANSLATE_NOOP
_REACHES = {
    Reach.EVERY: _N("Rights", "all rows"),
    Reach.AUDITS: _N("Rights", "of audits they work on"),
    Reach.TEAMS: _N("Rights", "of their teams"),
    Reach.PEOPLE: _N("Rights", "people of their teams"),
    Reach.OWN: _N("Rights", "their own"),
    Reach.PARENT: _N("Rights", "of records they see"),
    Reach.CONDITION: _N("Rights", "under a condition"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Rights", text)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with everything the role may see of them; None where it may not."""

    member: StaffMember
    sessions: tuple[StaffSession, ...] | None
    rights: EffectiveRights | None
    events: tuple[SecurityEvent, ...] | None
    history: tuple[ActivityEntry, ...] | None


class ProfileTab(QScrollArea):
    """Who it is, and how the account stands."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        page = QWidget()
        page.setProperty("kind", "clear")
        self._facts = Facts(page)
        body = column([self._facts, None], gap=GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        page.setLayout(body)
        self.setWidget(page)

    def show_person(self, member: StaffMember) -> None:
        """Show a person."""
        facts: list[tuple[str, str | QWidget]] = [
            (self.tr("E-mail"), member.email),
            (self.tr("Role"), look_of("staff_role", member.role).text),
            (self.tr("Teams"), ", ".join(member.teams)),
            (self.tr("Since"), day(member.created_at)),
        ]
        if member.access is not None:
            ends = day(member.access_ends_on) or self.tr("does not end")
            facts += [
                (self.tr("Access ends"), ends),
                (self.tr("Last sign-in"), moment(member.last_sign_in_at) or self.tr("never")),
                *self._standing(member, member.access),
            ]
        self._facts.show_facts(facts)

    def _standing(self, member: StaffMember, access: StaffAccess) -> list[tuple[str, str]]:
        if member.role is Role.WORKER:
            return [(self.tr("Second factor"), self.tr("none: this is a service’s login"))]
        password = self.tr("to be changed at the next sign-in")
        wrong = self.tr("{count} of 10").format(count=access.failures)
        if access.locked:
            wrong = self.tr("{count} of 10: locked").format(count=access.failures)
        return [
            (self.tr("Password"), password if access.password_change else self.tr("set")),
            (self.tr("Second factor"), self._second_factor(access)),
            (self.tr("Recovery codes"), self.tr("{n} left").format(n=access.recovery_codes)),
            (self.tr("Wrong codes"), wrong),
            (self.tr("Open sessions"), str(access.sessions)),
        ]

    def _second_factor(self, access: StaffAccess) -> str:
        if access.enrolled:
            return self.tr("set up")
        if access.invited_until is None or access.invited_until < datetime.now(UTC):
            return self.tr("not set up; the invitation has expired")
        return self.tr("not set up; invited until {when}").format(when=moment(access.invited_until))


class SessionsTab(QWidget):
    """Live sessions and what ends them; the pane puts its buttons into `buttons`."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        nobody = self.tr("Nobody is signed in with this account.")
        self.table = TextTable(theme, self.tr("Sessions"), self, empty=nobody)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(GAP)
        self.buttons.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        self.setLayout(column([self.table, self.buttons], gap=0))
        self._sessions: tuple[StaffSession, ...] = ()

    def show_sessions(self, sessions: tuple[StaffSession, ...]) -> None:
        """Show live sessions, newest first."""
        self._sessions = sessions
        mine = self.tr(" (this window)")
        self.table.show_rows(
            [
                TextColumn(self.tr("Device"), wide=True),
                TextColumn(self.tr("Since")),
                TextColumn(self.tr("Until")),
            ],
            [
                (one.device + (mine if one.mine else ""), moment(one.created_at),
                 moment(one.expires_at))
                for one in sessions
            ],
        )  # fmt: skip

    @property
    def sessions(self) -> tuple[StaffSession, ...]:
        """The sessions that are shown."""
        return self._sessions

    @property
    def selected(self) -> UUID | None:
        """The one selected session."""
        rows = self.table.selectionModel().selectedRows()
        return self._sessions[rows[0].row()].id if len(rows) == 1 else None


class RightsTab(QWidget):
    """What the database lets a person do, from its own catalogue."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._told = label("", "small", wrap=True, parent=self)
        self.table = TextTable(
            theme, self.tr("Rights"), self, empty=self.tr("This account has no rights.")
        )
        self._deeds = label("", "small", wrap=True, parent=self)
        head, foot = column([self._told]), column([self._deeds])
        for part in (head, foot):
            part.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        self.setLayout(column([head, self.table, foot], gap=0))

    def show_rights(self, rights: EffectiveRights) -> None:
        """Show one line per table, and below what is done by the database's functions."""
        self._told.setText(self._scope(rights))
        titles = (self.tr("Read"), self.tr("Add"), self.tr("Change"), self.tr("Delete"))
        deeds = ", ".join(words(name).lower() for name in rights.functions)
        self._deeds.setText(self.tr("By functions of the database: {deeds}.").format(deeds=deeds))
        self._deeds.setVisible(bool(deeds))
        self.table.show_rows(
            [
                TextColumn(self.tr("Records")),
                *(TextColumn(title) for title in titles),
                TextColumn(self.tr("Which rows"), wide=True),
            ],
            [_line(entity) for entity in rights.entities],
        )
        for at, entity in enumerate(rights.entities):
            self._explain(at, entity)

    def _explain(self, at: int, entity: EntityRights) -> None:
        """Tell columns and the server's own predicate in the tips."""
        for place, act in enumerate(Act, start=1):
            item, right = self.table.item(at, place), entity.acts.get(act)
            if item is not None and right is not None and right.columns is not None:
                item.setToolTip(", ".join(right.columns))
        item = self.table.item(at, 1 + len(Act))
        if item is not None:
            item.setToolTip(
                "\n\n".join(f"{act.value}: {right.predicate}" for act, right in entity.acts.items())
            )

    def _scope(self, rights: EffectiveRights) -> str:
        names = ", ".join(
            f"{place.name} ({look_of('team_duty', place.duty).text.lower()})"
            for place in rights.teams
        )
        told = [self.tr("As the database grants it now.")]
        if names:
            told.append(self.tr("Teams: {names}.").format(names=names))
        if rights.audits:
            told.append(self.tr("Audits in reach: {count}.").format(count=rights.audits))
        return " ".join(told)


def _line(entity: EntityRights) -> tuple[str, ...]:
    acts = [_extent(entity.acts.get(act)) for act in Act]
    return (words(entity.entity), *acts, _rows(entity))


def _extent(right: TableRight | None) -> str:
    if right is None:
        return "–"
    return _tr("all") if right.columns is None else _tr("part")


def _rows(entity: EntityRights) -> str:
    """Say which rows: once if it is the same for every act, else per act."""
    by_text: dict[str, list[str]] = {}
    for act, right in entity.acts.items():
        by_text.setdefault(_reach(right), []).append(str(_ACTS[act]))
    if len(by_text) == 1:
        return next(iter(by_text))
    lines = (f"{', '.join(_tr(act) for act in acts)}: {text}" for text, acts in by_text.items())
    return "\n".join(lines)


_ACTS = {
    Act.READ: _N("Rights", "read"),
    Act.INSERT: _N("Rights", "add"),
    Act.UPDATE: _N("Rights", "change"),
    Act.DELETE: _N("Rights", "delete"),
}


def _reach(right: TableRight) -> str:
    glue = _tr(" or ") if right.any_is_enough else _tr(" and ")
    return glue.join(_tr(str(_REACHES[reach])) for reach in right.reaches)


def security_events(events: Sequence[SecurityEvent], directory: Directory) -> list[TimelineEvent]:
    """Return one event per entry, as given."""
    shown = []
    for event in events:
        look = look_of("security_kind", event.kind)
        detail = told(event.detail)
        text = f"{look.text}: {detail}" if detail else look.text
        who = directory.name_of(event.actor_id)
        shown.append(TimelineEvent(event.at, who, text, Glyph.SHIELD, look.tone))
    return shown
