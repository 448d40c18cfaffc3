"""Security events: sign-ins, refused codes, who got or lost access, what left the database."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right
from vln_desktop.domain.users import SecurityEvent
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import SECURITY_EVENTS
from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import moment
from vln_desktop.ui.panes.security_words import facts, told
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.workbench import Pane, PaneSpec, RecordRef, Workbench

ENTITY = "security_events"


class SecurityEventsPane(GridPane[SecurityEvent]):
    """The grid of events and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: SecurityEvent | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        rows = GridSource(desk.database, SECURITY_EVENTS, desk.directory.find)
        super().__init__(workbench, rows, _layout(desk), names, parent)
        page = QWidget(self)
        self._facts = Facts(page)
        body = column([self._facts, None], gap=GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        page.setLayout(body)
        self.detail.tabs.addTab(page, self.tr("Event"))

    def commands(self) -> list[Command]:
        """The grid's commands, and the way to the person."""
        return [
            *super().commands(),
            Command("security_events.person", self.tr("Show the person"), self.show_person,
                    "Return", Glyph.PERSON, Right.USERS_EDIT, self.need_one,
                    self.layout_data.title),
        ]  # fmt: skip

    def fetch(self, id_: UUID, _context: TaskContext) -> SecurityEvent:
        """Fetch an event."""
        return self._desk.users.event(id_)

    def fill(self, detail: SecurityEvent) -> None:
        """Show an event."""
        self._found = detail
        name_of = self._desk.directory.name_of
        look = look_of("security_kind", detail.kind)
        whom = name_of(detail.person_id) or self.tr("Nobody")
        self.detail.show_record("", whom, [look], moment(detail.at))
        self._facts.show_facts(
            [
                (self.tr("What"), look.text),
                (self.tr("When"), moment(detail.at)),
                (self.tr("Whose account"), name_of(detail.person_id)),
                (self.tr("Done by"), name_of(detail.actor_id) or self.tr("the database")),
                *facts(detail.detail),
            ]
        )

    def show_person(self) -> None:
        """Show the person whose account it was."""

        def act() -> None:
            if self._found is not None and self._found.person_id is not None:
                self.workbench.open(RecordRef("users", self._found.person_id))

        self.with_detail(act)


def _layout(desk: Desk) -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Security", text)

    def who(actor: UUID | None) -> str:
        return desk.directory.name_of(actor) or tr("the database")

    return GridLayout(
        id="security_events",
        title=tr("Security events"),
        columns=(
            Column("at", tr("When"), 168, moment, style=Style.DIM, sort="at", newest_first=True),
            Column("kind", tr("What"), 168, chip="security_kind"),
            Column("person", tr("Whose account"), 140, desk.directory.name_of),
            Column("who", tr("Done by"), 140, who),
            Column("detail", tr("Details"), 320, told, style=Style.DIM, stretch=120),
        ),
        menu=("security_events.person", "security_events.copy"),
        empty_title=tr("No security events yet"),
        empty_text=tr("Sign-ins, refused codes, changes of access and exports appear here."),
        choose=tr("Select an event to see what is known of it."),
        one=tr("event"),
        many=tr("events"),
    )


def security_events_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return SecurityEventsPane(desk, workbench, parent)

    return PaneSpec(
        id="security_events",
        title=QCoreApplication.translate("Security", "Security"),
        icon=Glyph.SHIELD,
        needs=Right.SECURITY_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({"users", "teams"}),
    )
