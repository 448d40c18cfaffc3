"""Access: requests, reviews and broken glass, and the commands of everybody who asks."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.access import AccessRequest, RequestKind, described
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.users import Invitation
from vln_desktop.services.access import BREAK_GLASS, ENTITY
from vln_desktop.services.access_reviews import ENTITY as REVIEWS
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.access_forms import BreakGlassPanel
from vln_desktop.ui.dialogs.access_request import RequestAccessPanel
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.dialogs.offboard import OffboardPanel
from vln_desktop.ui.dialogs.read_on_request import ReadOnRequestPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.access_reviews import ReviewsPage
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.break_glass import BreakGlassPage
from vln_desktop.ui.panes.formats import day, moment
from vln_desktop.ui.panes.leavers import LeaversPage
from vln_desktop.ui.panes.pages import FactsPage, PagesPane
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Access", text)


class RequestsPage(GridPane[AccessRequest]):
    """Who asks for what; who may decide it decides it here."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: AccessRequest | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        super().__init__(workbench, desk.access.requests, _layout(desk), names, parent)
        self.facts = FactsPage(self)
        self.detail.tabs.addTab(self.facts, _tr("Request"))

    def commands(self) -> list[Command]:
        """The grid's commands, and what becomes of a request."""
        group, decide = self.layout_data.title, Right.ACCESS_DECIDE
        return [
            *super().commands(),
            Command("access_requests.approve", _tr("Approve…"), self.approve, "A", Glyph.CHECK,
                    decide, self._may_decide, group),
            Command("access_requests.refuse", _tr("Refuse…"), self.refuse, "X", Glyph.REFUSED,
                    decide, self._may_decide, group),
            Command("access_requests.withdraw", _tr("Withdraw"), self.withdraw, "", Glyph.UNDO,
                    Right.ACCESS_ASK, self._may_withdraw, group),
        ]  # fmt: skip

    def fetch(self, id_: Any, _context: TaskContext) -> AccessRequest:
        """Fetch a request."""
        return self._desk.access.get(id_)

    def fill(self, detail: AccessRequest) -> None:
        """Show a request."""
        self._found = detail
        name = self._desk.directory.name_of
        title = described(detail.kind.value, detail.wish, name(detail.person_id))
        asked = _tr("{who}, {when}")
        below = asked.format(who=name(detail.requester_id), when=moment(detail.created_at))
        self.detail.show_record("", title, [look_of("request_status", detail.status)], below)
        self.facts.show_facts(
            [
                (_tr("Why"), detail.reason),
                (_tr("E-mail"), str(detail.wish.get("email", ""))),
                (_tr("Until"), moment(detail.valid_until)),
                (_tr("Decided by"), name(detail.approver_id)),
                (_tr("Decided"), moment(detail.decided_at)),
                (_tr("Remark"), detail.remark),
            ]
        )

    def approve(self) -> None:
        """Ask whether the shown request is to be granted, and grant it."""
        self.with_detail(self._ask_to_approve)

    def refuse(self) -> None:
        """Ask why the shown request is refused, and refuse it."""
        self.with_detail(self._ask_why_not)

    def withdraw(self) -> None:
        """Take back the shown request, which is one's own."""
        found = self._known()
        if found is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.access.withdraw(found.id)

        self.workbench.act(
            self, work, self.workbench.publish, self.workbench.messages.report,
            title=_tr("Withdrawing"),
        )  # fmt: skip

    def _known(self) -> AccessRequest | None:
        found = self._found
        return found if found is not None and self.selected == (found.id,) else None

    def _may_decide(self) -> str | None:
        found, me = self._known(), self.workbench.person
        if found is None:
            return self.need_one()
        if not found.open:
            return _tr("It is {status} already.").format(status=found.status.value)
        if me.user_id in {found.requester_id, found.person_id}:
            return _tr("Nobody decides about their own access or what they asked for.")
        if (found.kind is RequestKind.READ_FINDINGS) == self.workbench.may(Right.USERS_EDIT):
            return _tr("Managers decide who reads findings, admins decide the rest.")
        return None

    def _may_withdraw(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.requester_id != self.workbench.person.user_id:
            return _tr("Only who asked takes it back.")
        return None if found.open else _tr("It is decided already.")

    def _title_of(self, found: AccessRequest) -> str:
        name = self._desk.directory.name_of(found.person_id)
        return described(found.kind.value, found.wish, name)

    def _ask_to_approve(self) -> None:
        found = self._known()
        if found is None:
            return
        text = _tr("{what}. Asked by {who}: {reason} It is done at once when you approve.")
        question = Question(
            _tr("Approve this request?"),
            text.format(
                what=self._title_of(found), reason=found.reason,
                who=self._desk.directory.name_of(found.requester_id),
            ),
            _tr("Approve"),
        )  # fmt: skip
        ask(question, partial(self._approve, found), self.window())

    def _approve(self, found: AccessRequest, _reason: str) -> None:
        def work(_context: TaskContext) -> tuple[Invitation | None, Changes]:
            return self._desk.access.approve(found.id)

        def done(result: tuple[Invitation | None, Changes]) -> None:
            given, changes = result
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("Approved and done."))
            if given is not None:
                HandOverPanel(given, given.email, self.window()).open()

        self.workbench.act(self, work, done, title=_tr("Approving"))

    def _ask_why_not(self) -> None:
        found = self._known()
        if found is None:
            return
        question = Question(
            _tr("Refuse this request?"), self._title_of(found), _tr("Refuse"), danger=True,
            reason=_tr("Why not"),
        )  # fmt: skip
        ask(question, partial(self._refuse, found), self.window())

    def _refuse(self, found: AccessRequest, reason: str) -> None:
        def work(_context: TaskContext) -> Changes:
            return self._desk.access.refuse(found.id, reason)

        self.workbench.act(self, work, self.workbench.publish, title=_tr("Refusing"))


def _layout(desk: Desk) -> GridLayout:
    name = desk.directory.name_of

    def what(kind: str, wish: dict[str, Any], person: Any) -> str:
        return described(kind, wish, name(person))

    return GridLayout(
        id="access_requests",
        title=_tr("Requests for access"),
        columns=(
            Column("status", _tr("Status"), 112, chip="request_status", sort="waiting",
                   newest_first=True),
            Column("kind", _tr("What"), 260, what, ("kind", "wish", "person"), stretch=220),
            Column("requester", _tr("Asked by"), 128, name),
            Column("created", _tr("Asked"), 104, day, style=Style.DIM, sort="created",
                   newest_first=True),
            Column("until", _tr("Until"), 104, day, style=Style.DIM),
            Column("approver", _tr("Decided by"), 136, name, hidden=True),
            Column("decided", _tr("Decided"), 104, day, style=Style.DIM, hidden=True),
        ),
        toolbar=("access_requests.withdraw", "access_requests.refuse", "access_requests.approve",
                 "access.request"),
        menu=("access_requests.approve", "access_requests.refuse", "access_requests.withdraw",
              SEPARATOR, "access_requests.copy"),
        empty_title=_tr("Nobody has asked for access"),
        empty_text=_tr("Who needs a login, a role, a team or to read findings asks for it here."),
        choose=_tr("Select a request to see who wants what and why."),
        one=_tr("request"),
        many=_tr("requests"),
        shares=(64, 36),
    )  # fmt: skip


def access_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk; the number beside it: what waits for their decision."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        pages: list[tuple[str, GridPane[Any]]] = [
            (_tr("Requests"), RequestsPage(desk, workbench, parent))
        ]
        if workbench.may(Right.ACCESS_DECIDE):
            pages += [
                (_tr("Reviews"), ReviewsPage(desk, workbench, parent)),
                (_tr("Break-glass"), BreakGlassPage(desk, workbench, parent)),
            ]
        if workbench.may(Right.USERS_EDIT):
            pages.append((_tr("Leavers"), LeaversPage(desk, workbench, parent)))
        return PagesPane(workbench, pages, parent)

    def waiting(_context: TaskContext) -> int:
        return desk.access.count_waiting()

    return PaneSpec(
        id="access",
        title=_tr("Access"),
        icon=Glyph.SHIELD,
        needs=Right.ACCESS_ASK,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, REVIEWS, BREAK_GLASS, "users"}),
        count=waiting,
    )


def access_commands(desk: Desk, workbench: Workbench, window: QWidget) -> list[Command]:
    """Return what can be done from everywhere: ask, read on request, break the glass, offboard."""

    def request() -> None:
        RequestAccessPanel(desk, workbench, window).open()

    def read() -> None:
        ReadOnRequestPanel(desk, workbench, window).open()

    def broken(changes: Changes) -> None:
        workbench.publish(changes)
        read()

    def break_glass() -> None:
        BreakGlassPanel(desk, workbench, broken, window).open()

    def offboard() -> None:
        OffboardPanel(desk, workbench, window).open()

    group = _tr("Access")
    return [
        Command("access.request", _tr("Request access…"), request, "", Glyph.ADD,
                Right.ACCESS_ASK, group=group, words="role team login read findings",
                primary=True),
        Command("access.read", _tr("Findings on request…"), read, "", Glyph.VIEW,
                Right.ACCESS_READ, group=group, words="read grant audit"),
        Command("access.break_glass", _tr("Break the glass…"), break_glass, "", Glyph.WARNING,
                Right.ACCESS_DECIDE, group=group, words="emergency urgent findings"),
        Command("access.offboard", _tr("Offboard…"), offboard, "", Glyph.SIGN_OUT,
                Right.USERS_EDIT, group=group, words="leaver leave disable successor"),
    ]  # fmt: skip
