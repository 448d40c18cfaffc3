"""Teams: who belongs to which, as what and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.domain.teams import Duty, TeamDetail, TeamPerson
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import TEAMS
from vln_desktop.services.teams import ENTITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.team import PlacePanel, TeamNamePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, RecordRef, Workbench

TeamView = tuple[TeamDetail, tuple[ActivityEntry, ...] | None]


class TeamsPane(GridPane[TeamView]):
    """The grid of teams and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: TeamDetail | None = None
        super().__init__(workbench, GridSource(desk.database, TEAMS), _layout(), (), parent)
        page = QWidget(self)
        self.people = TextTable(
            workbench.theme, self.tr("Members"), page,
            empty=self.tr("Nobody is in this team yet."),
        )  # fmt: skip
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GAP)
        self._buttons.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        page.setLayout(column([self.people, self._buttons], gap=0))
        self._history = Timeline(workbench.theme, self)
        self.detail.tabs.addTab(page, self.tr("Members"))
        self.detail.tabs.addTab(self._history, self.tr("History"))
        self.people.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self) -> list[Command]:
        """The grid's commands, and what an admin does with teams."""
        tr, edit, group = self.tr, Right.TEAMS_EDIT, self.layout_data.title
        need = self.need_one
        return [
            *super().commands(),
            Command("teams.new", tr("New team…"), self.make, "Ctrl+N", Glyph.ADD, edit,
                    group=group, primary=True),
            self._command("rename", tr("Rename…"), self.rename, "F2", Glyph.EDIT, need),
            self._command("add", tr("Add…"), self.add, "A", Glyph.PERSON,
                          partial(self._can_archive, live=True)),
            self._command("place", tr("Change…"), self.change_place, "E",
                          Glyph.CALENDAR, self._need_person),
            self._command("end", tr("Take out…"), self.end, "Del", Glyph.CLOSE,
                          self._need_person),
            self._command("archive", tr("Archive…"), self.archive, "", Glyph.LOCK,
                          partial(self._can_archive, live=True)),
            self._command("restore", tr("Restore"), self.restore, "", Glyph.UNDO,
                          partial(self._can_archive, live=False)),
            Command("teams.person", tr("Show the person"), self.show_person, "Return",
                    Glyph.PERSON, Right.USERS_READ, self._need_person, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the commands on members under their table, too."""
        super().equip()
        ids = ("teams.add", "teams.place", "teams.end")
        for button in self.workbench.commands.buttons(ids, self):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)

    def fetch(self, id_: UUID, _context: TaskContext) -> TeamView:
        """Fetch a team with its people."""
        team = self._desk.teams.get(id_)
        admin = self.workbench.may(Right.TEAMS_EDIT)
        return team, self._desk.activity.history(id_) if admin else None

    def fill(self, detail: TeamView) -> None:
        """Show a team."""
        team, history = detail
        self._found = team
        looks = [look_of("team_state", "archived" if team.archived else "live")]
        below = self.tr("{members} members  ·  {audits} open audits  ·  since {day}")
        told = below.format(
            members=len(team.live), audits=team.open_audits, day=day(team.created_at)
        )
        self.detail.show_record("", team.name, looks, told)
        self.people.show_rows(
            [
                TextColumn(self.tr("Name"), wide=True),
                TextColumn(self.tr("Role")),
                TextColumn(self.tr("Duty")),
                TextColumn(self.tr("Since")),
                TextColumn(self.tr("Until")),
            ],
            [self._row(person) for person in team.people],
        )
        self.detail.tabs.setTabVisible(1, history is not None)
        self._history.show_events(history_events(history or (), self._desk.directory))

    def make(self) -> None:
        """Ask for a new team's name."""

        def done(changes: Changes) -> None:
            self._done(self.tr("The team is made."), changes)
            for team in changes.ids:
                self.show_record(team)

        create = self._desk.teams.create
        TeamNamePanel(self.workbench, "", create, done, self.window()).open()

    def rename(self) -> None:
        """Ask for another name."""
        team = self._team
        work = partial(self._desk.teams.rename, team)
        done = partial(self._done, self.tr("The team is renamed."))
        TeamNamePanel(self.workbench, team.name, work, done, self.window()).open()

    def add(self) -> None:
        """Ask who joins the shown team."""
        team = self._team
        known = {person.user_id for person in team.live}
        people = [
            (colleague.id, colleague.name)
            for colleague in self._desk.directory.active(Role.MANAGER, Role.AUDITOR)
            if colleague.id not in known
        ]
        done = partial(self._done, self.tr("The person is in the team."))
        self._place(people, done).open()

    def change_place(self) -> None:
        """Ask for duty and last day of the selected person."""
        person = self._person
        if person is not None:
            people = [(person.user_id, self._desk.directory.name_of(person.user_id))]
            done = partial(self._done, self.tr("The place in the team is saved."))
            self._place(people, done, person).open()

    def end(self) -> None:
        """Ask, then take the selected person out of the team."""
        team, person = self._team, self._person
        if person is None:
            return
        text = self.tr(
            "{name} no longer sees the team’s confidential records, from this moment on. The list "
            "keeps who was in it until when."
        )
        name = self._desk.directory.name_of(person.user_id)
        question = Question(
            self.tr("Take {name} out of {team}?").format(name=name, team=team.name),
            text.format(name=name), self.tr("Take out"), danger=True,
        )  # fmt: skip
        work = partial(self._desk.teams.end, team.id, person.user_id)
        said = self.tr("{name} is not in the team any more.").format(name=name)
        ask(question, lambda _reason: self.act(work, said), self.window())

    def archive(self) -> None:
        """Ask, then archive the shown team."""
        team = self._team
        text = self.tr(
            "It is offered for no new audit and nobody can join it. Its people still see what they "
            "worked on. It can be restored."
        )
        question = Question(
            self.tr("Archive {team}?").format(team=team.name), text, self.tr("Archive"), danger=True
        )
        work = partial(self._desk.teams.archive, team)
        ask(question, lambda _reason: self.act(work, self.tr("The team is archived.")),
            self.window())  # fmt: skip

    def restore(self) -> None:
        """Put the shown team back."""
        self.act(partial(self._desk.teams.restore, self._team), self.tr("The team is restored."))

    def show_person(self) -> None:
        """Show the selected member in the users pane."""
        person = self._person
        if person is not None:
            self.workbench.open(RecordRef("users", person.user_id))

    def act(self, work: Callable[[], Changes], said: str) -> None:
        """Do something sensitive; where the database wants a code again, it is asked for."""
        title, report = self.tr("Changing the team"), self.workbench.messages.report
        self.workbench.act(
            self, lambda _context: work(), partial(self._done, said), report, title=title
        )

    def _place(
        self,
        people: list[tuple[UUID, str]],
        done: Callable[[Changes], None],
        known: TeamPerson | None = None,
    ) -> PlacePanel:
        team = self._team

        def work(person: UUID, duty: Duty, last: date | None) -> Changes:
            return self._desk.teams.put(team.id, person, duty, last)

        return PlacePanel(self.workbench, team.name, people, work, done, self.window(), known)

    def _done(self, said: str, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(said)

    def _row(self, person: TeamPerson) -> tuple[str, ...]:
        found = self._desk.directory.colleague(person.user_id)
        role = look_of("staff_role", found.role).text if found is not None else ""
        until = day(person.valid_until)
        if person.ended:
            until = self.tr("left on {day}").format(day=until)
        duty = look_of("team_duty", person.duty).text
        name = self._desk.directory.name_of(person.user_id)
        return (name, role, duty, day(person.since), until)

    @property
    def _team(self) -> TeamDetail:
        """The team that is shown: acts run by `with_detail`."""
        if self._found is None:
            raise LookupError("no team is shown")
        return self._found

    @property
    def _person(self) -> TeamPerson | None:
        rows = self.people.selectionModel().selectedRows()
        if self._found is None or len(rows) != 1:
            return None
        return self._found.people[rows[0].row()]

    def _command(
        self, name: str, text: str, handler: Callable[[], None], key: str, icon: Glyph,
        enabled: Callable[[], str | None], words: str = "",
    ) -> Command:  # fmt: skip
        return Command(
            f"teams.{name}", text, partial(self.with_detail, handler), key, icon,
            Right.TEAMS_EDIT, enabled, self.layout_data.title, words,
        )  # fmt: skip

    def _need_person(self) -> str | None:
        if self._person is None:
            return self.tr("Select somebody on the Members tab first.")
        return None

    def _can_archive(self, *, live: bool) -> str | None:
        reason = self.need_one()
        found = self._found
        if reason is not None or found is None or found.id != self.selected[0]:
            return reason
        if found.archived is live:
            return self.tr("It is archived.") if live else self.tr("It is not archived.")
        return None


def _layout() -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Teams", text)

    return GridLayout(
        id="teams",
        title=tr("Teams"),
        columns=(
            Column("name", tr("Name"), 240, sort="name", stretch=140),
            Column("members", tr("Members"), 88, style=Style.FIGURES, right=True),
            Column("archived", tr("State"), 112, _state, chip="team_state"),
            Column("created", tr("Since"), 104, day, style=Style.DIM),
        ),
        toolbar=("teams.new",),
        menu=(
            "teams.rename", "teams.add", SEPARATOR, "teams.archive", "teams.restore", SEPARATOR,
            "teams.copy", "teams.export_list",
        ),
        empty_title=tr("No teams yet"),
        empty_text=tr("Audits belong to teams; who is in a team sees them."),
        choose=tr("Select a team to see who belongs to it."),
        one=tr("team"),
        many=tr("teams"),
        shares=(50, 50),
    )  # fmt: skip


def _state(archived: object) -> str:
    return "archived" if archived else "live"


def teams_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return TeamsPane(desk, workbench, parent)

    return PaneSpec(
        id="teams",
        title=QCoreApplication.translate("Teams", "Teams"),
        icon=Glyph.ASSIGN,
        needs=Right.TEAMS_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, "users", "audits"}),
    )
