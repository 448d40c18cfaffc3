"""Users: the staff with their accounts; an admin invites, changes and disables people here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.domain.users import Invitation, StaffMember, StaffState
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import USERS
from vln_desktop.services.users import ENTITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.dialogs.staff import AccessEndPanel, InvitePanel, RenamePanel, RolePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.user_questions import (
    disable_question,
    end_question,
    end_sessions_question,
    reset_question,
    unlock_question,
)
from vln_desktop.ui.panes.user_tabs import (
    PersonView,
    ProfileTab,
    RightsTab,
    SessionsTab,
    security_events,
)
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.detail import Timeline, local_time
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

R = TypeVar("R")


class UsersPane(GridPane[PersonView]):
    """The grid of people and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: PersonView | None = None
        rows = GridSource(desk.database, USERS, desk.directory.find)
        manages = workbench.may(Right.USERS_EDIT)
        super().__init__(workbench, rows, _layout(manages=manages), (), parent)
        self._profile = ProfileTab(self)
        self.sessions = SessionsTab(workbench.theme, self)
        self.rights = RightsTab(workbench.theme, self)
        self._events = Timeline(workbench.theme, self)
        self._history = Timeline(workbench.theme, self)
        for widget, name in (
            (self._profile, self.tr("Profile")), (self.sessions, self.tr("Sessions")),
            (self.rights, self.tr("Rights")), (self._events, self.tr("Security events")),
            (self._history, self.tr("History")),
        ):  # fmt: skip
            self.detail.tabs.addTab(widget, name)
        self.sessions.table.itemSelectionChanged.connect(self.workbench.commands.refresh)

    def commands(self) -> list[Command]:
        """The grid's commands, and what an admin does with people."""
        tr, edit, group = self.tr, Right.USERS_EDIT, self.layout_data.title
        return [
            *super().commands(),
            Command("users.invite", tr("Invite…"), self.invite, "Ctrl+N", Glyph.ADD, edit,
                    group=group, words="new person add user", primary=True),
            self._command("rename", tr("Rename…"), self.rename, "F2", Glyph.EDIT),
            self._command("role", tr("Change role…"), self.change_role, "R", Glyph.ASSIGN,
                          self._can_have_role),
            self._command("access_end", tr("Access ends on…"), self.set_access_end, "A",
                          Glyph.CALENDAR),
            self._command("unlock", tr("Unlock…"), self.unlock, "U", Glyph.DONE,
                          self._can_unlock),
            self._command("reset_password", tr("Reset password…"),
                          partial(self.reset, second_factor=False), "P", Glyph.RELOAD),
            self._command("reset_second_factor", tr("Reset second factor…"),
                          partial(self.reset, second_factor=True), "Shift+P", Glyph.SHIELD,
                          self._can_have_role),
            self._command("disable", tr("Disable…"), self.disable, "D", Glyph.LOCK,
                          partial(self._can_switch, live=False)),
            self._command("enable", tr("Enable"), self.enable, "E", Glyph.CHECK,
                          partial(self._can_switch, live=True)),
            Command("users.end_session", tr("End this session…"), self.end_session, "",
                    Glyph.CLOSE, edit, self._can_end, group),
            Command("users.end_sessions", tr("End all sessions…"),
                    partial(self.with_detail, self.end_sessions), "X", Glyph.SIGN_OUT, edit,
                    self._can_end_all, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the session commands under their table, too."""
        super().equip()
        ids = ("users.end_session", "users.end_sessions")
        for button in self.workbench.commands.buttons(ids, self.sessions):
            self.sessions.buttons.addWidget(button)
        self.sessions.buttons.addStretch(1)

    def fetch(self, id_: UUID, _context: TaskContext) -> PersonView:
        """Fetch a person as far as the role may see them."""
        users = self._desk.users
        member = users.get(id_)
        if member.access is None:
            return PersonView(member, None, None, None, None)
        history = self._desk.activity.history(id_) if self._manages else None
        return PersonView(
            member, users.sessions(id_), users.rights(id_), users.events(id_), history
        )

    def fill(self, detail: PersonView) -> None:
        """Show a person."""
        self._found = detail
        member = detail.member
        looks = [look_of("staff_role", member.role), look_of("staff_state", _state(member))]
        self.detail.show_record("", member.name, looks, member.email)
        self._profile.show_person(member)
        tabs = self.detail.tabs
        for at, known in enumerate((detail.sessions, detail.rights, detail.events, detail.history)):
            tabs.setTabVisible(at + 1, known is not None)
        if detail.sessions is not None:
            self.sessions.show_sessions(detail.sessions)
        if detail.rights is not None:
            self.rights.show_rights(detail.rights)
        if detail.events is not None:
            self._events.show_events(security_events(detail.events, self._desk.directory))
        if detail.history is not None:
            self._history.show_events(history_events(detail.history, self._desk.directory))

    def invite(self) -> None:
        """Ask for a new person's name, address and role."""

        def work(email: str, name: str, role: Role) -> tuple[Invitation, Changes]:
            return self._known_anew(self._desk.users.invite(email, name, role))

        def done(result: tuple[Invitation, Changes]) -> None:
            given, changes = result
            self.workbench.publish(changes)
            self._hand_over(given, given.email)
            for person in changes.ids:
                self.show_record(person)

        InvitePanel(self.workbench, work, done, self.window()).open()

    def rename(self) -> None:
        """Ask for another name or address."""
        member = self._member

        def work(email: str, name: str) -> Changes:
            return self._known_anew(self._desk.users.rename(member.id, email, name))

        done = partial(self._done, self.tr("The person is renamed."))
        RenamePanel(self.workbench, member, work, done, self.window()).open()

    def change_role(self) -> None:
        """Ask for another role."""
        member = self._member

        def work(role: Role) -> Changes:
            return self._known_anew(self._desk.users.change_role(member.id, role))

        done = partial(self._done, self.tr("{name} has another role now."))
        RolePanel(self.workbench, member, work, done, self.window()).open()

    def set_access_end(self) -> None:
        """Ask for the last day."""
        member = self._member
        work = partial(self._desk.users.set_access_end, member.id)
        done = partial(self._done, self.tr("The last day of {name} is set."))
        AccessEndPanel(self.workbench, member, work, done, self.window()).open()

    def disable(self) -> None:
        """Ask, then take a person's access away."""
        member = self._member
        self._ask(
            disable_question(member), partial(self._desk.users.disable, member.id),
            self.tr("{name} can no longer sign in."),
        )  # fmt: skip

    def enable(self) -> None:
        """Give a disabled person access again."""
        work = partial(self._desk.users.enable, self._member.id)
        self.act(work, partial(self._done, self.tr("{name} can sign in again.")))

    def unlock(self) -> None:
        """Ask, then let a person try codes again."""
        member = self._member
        self._ask(
            unlock_question(member), partial(self._desk.users.unlock, member.id),
            self.tr("{name} can try again."),
        )  # fmt: skip

    def reset(self, *, second_factor: bool) -> None:
        """Ask, then give a new first password and, if the phone is gone, an invitation."""
        member = self._member
        work = partial(self._desk.users.reset, member.id, second_factor=second_factor)

        def done(result: tuple[Invitation, Changes]) -> None:
            given, changes = result
            self.workbench.publish(changes)
            self._hand_over(given, member.name)

        question = reset_question(member, second_factor=second_factor)
        ask(question, lambda _reason: self.act(work, done), self.window())

    def end_session(self) -> None:
        """Ask, then end the selected session."""
        member, session = self._member, self.sessions.selected
        if session is not None:
            self._ask(
                end_question(member), partial(self._desk.users.revoke, member.id, session),
                self.tr("The session has ended."),
            )  # fmt: skip

    def end_sessions(self) -> None:
        """Ask, then end all sessions that are shown, but not the one of this window."""
        member = self._member
        ends = [one.id for one in self.sessions.sessions if not one.mine]

        def work() -> Changes:
            for one in ends:
                self._desk.users.revoke(member.id, one)
            return Changes(ENTITY, frozenset({member.id}))

        self._ask(
            end_sessions_question(member, len(ends)), work, self.tr("The sessions have ended.")
        )

    def act(self, work: Callable[[], R], done: Callable[[R], None]) -> None:
        """Do something sensitive; where the database wants a code again, it is asked for."""
        title = self.tr("Changing the account")
        self.workbench.act(self, lambda _context: work(), done, title=title)

    def _ask(self, question: Question, work: Callable[[], Changes], said: str) -> None:
        ask(question, lambda _reason: self.act(work, partial(self._done, said)), self.window())

    def _done(self, said: str, changes: Changes) -> None:
        name = self._found.member.name if self._found is not None else ""
        self.workbench.publish(changes)
        self.workbench.messages.saved(said.format(name=name))

    def _known_anew(self, result: R) -> R:
        """Read the names again, on the thread of the act that changed them."""
        self._desk.directory.reload(self._desk.database)
        return result

    def _hand_over(self, given: Invitation, name: str) -> None:
        HandOverPanel(given, name, self.window()).open()

    @property
    def _manages(self) -> bool:
        return self.workbench.may(Right.USERS_EDIT)

    @property
    def _member(self) -> StaffMember:
        """The person whose details are shown: acts run by `with_detail`."""
        if self._found is None:
            raise LookupError("nobody is shown")
        return self._found.member

    def _command(
        self, name: str, text: str, handler: Callable[[], None], key: str, icon: Glyph,
        enabled: Callable[[], str | None] | None = None,
    ) -> Command:  # fmt: skip
        """Return a command on the one selected person, which nobody does to themselves."""

        def possible() -> str | None:
            reason = self.need_one()
            if reason is None and self.selected[0] == self.workbench.person.user_id:
                return self.tr("Nobody does this to their own account; ask another admin.")
            return reason or (enabled() if enabled is not None else None)

        return Command(
            f"users.{name}", text, partial(self.with_detail, handler), key, icon,
            Right.USERS_EDIT, possible, self.layout_data.title,
        )  # fmt: skip

    def _shown_member(self) -> StaffMember | None:
        """The selected person, if the details are there already."""
        found = self._found
        return found.member if found is not None and [found.member.id] == [*self.selected] else None

    def _can_switch(self, *, live: bool) -> str | None:
        member = self._shown_member()
        if member is None or member.active is not live:
            return None
        return self.tr("This account is enabled.") if live else self.tr("It is disabled already.")

    def _can_unlock(self) -> str | None:
        member = self._shown_member()
        if member is None or member.access is None or member.access.failures:
            return None
        return self.tr("No wrong code was typed since the last right one.")

    def _can_have_role(self) -> str | None:
        member = self._shown_member()
        if member is not None and member.role is Role.WORKER:
            return self.tr("This is a service’s login: it keeps its role and has no codes.")
        return None

    def _can_end(self) -> str | None:
        if self.sessions.selected is None:
            return self.tr("Select a session on the Sessions tab first.")
        return None

    def _can_end_all(self) -> str | None:
        reason = self.need_one()
        member = self._shown_member()
        if reason is None and member is not None and not any(
            not one.mine for one in self.sessions.sessions
        ):  # fmt: skip
            return self.tr("There is no session to end.")
        return reason


def _state(member: StaffMember) -> StaffState:
    """Return how an account stands as far as one may know it."""
    return member.state or (StaffState.ACTIVE if member.active else StaffState.DISABLED)


def _minute(at: datetime | None) -> str:
    return "" if at is None else local_time(at)


def _switch(active: object) -> str:
    return (StaffState.ACTIVE if active else StaffState.DISABLED).value


def _layout(*, manages: bool) -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Users", text)

    state = (
        Column("state", tr("State"), 130, chip="staff_state")
        if manages
        else Column("active", tr("State"), 130, _switch, chip="staff_state")
    )
    return GridLayout(
        id="users",
        title=tr("Users"),
        columns=(
            Column("name", tr("Name"), 136, sort="name"),
            Column("email", tr("E-mail"), 180, style=Style.DIM, stretch=110),
            Column("role", tr("Role"), 104, chip="staff_role", sort="role"),
            state,
            Column("access_ends", tr("Access ends"), 98, day),
            Column("last_sign_in", tr("Last sign-in"), 148, _minute, style=Style.DIM),
            Column("created", tr("Since"), 96, day, style=Style.DIM, hidden=True),
        ),
        toolbar=("users.invite",),
        menu=(
            "users.rename", "users.role", "users.access_end", SEPARATOR, "users.unlock",
            "users.reset_password", "users.reset_second_factor", "users.end_sessions", SEPARATOR,
            "users.disable", "users.enable", SEPARATOR, "users.copy", "users.export_list",
        ),
        empty_title=tr("Nobody here"),
        empty_text=tr("The people of your teams appear here."),
        choose=tr("Select a person to see how the account stands and what it may do."),
        one=tr("person"),
        many=tr("people"),
        shares=(58, 42),
    )  # fmt: skip


def users_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return UsersPane(desk, workbench, parent)

    return PaneSpec(
        id="users",
        title=QCoreApplication.translate("Users", "Users"),
        icon=Glyph.PEOPLE,
        needs=Right.USERS_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, "teams"}),
    )
