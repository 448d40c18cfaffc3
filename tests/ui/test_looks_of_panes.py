"""Nothing is clipped in panes with rows and in dialogs with a record: light, dark, large."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.looks import Flaw, flaws
from vln_desktop.config import Environment
from vln_desktop.domain.access import RequestKind
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.cvss import CvssVersion
from vln_desktop.domain.paging import START, Query
from vln_desktop.domain.reverts import RevertPlan, RevertStep
from vln_desktop.domain.teams import Duty
from vln_desktop.domain.users import Invitation
from vln_desktop.errors import Conflict, FieldConflict
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.connection import Health
from vln_desktop.ui.dialogs.access_forms import (
    BreakGlassPanel,
    DecideReviewPanel,
    StartReviewPanel,
)
from vln_desktop.ui.dialogs.access_request import RequestAccessPanel
from vln_desktop.ui.dialogs.add_person import AddPersonPanel
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.cvss import CvssPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.finding_form import open_finding
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.dialogs.go_to_date import GoToDatePanel
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.dialogs.import_scans import ImportPanel
from vln_desktop.ui.dialogs.offboard import OffboardPanel
from vln_desktop.ui.dialogs.read_on_request import ReadOnRequestPanel
from vln_desktop.ui.dialogs.revert import RevertPanel
from vln_desktop.ui.dialogs.staff import AccessEndPanel, InvitePanel, RenamePanel, RolePanel
from vln_desktop.ui.dialogs.team import PlacePanel, TeamNamePanel
from vln_desktop.ui.dialogs.time_machine import TimeMachine
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.panes.pages import PagesPane
from vln_desktop.ui.panes.time_machine import reverting_of, show_record
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode, Theme
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.workbench import Workbench
from vln_desktop.ui.workspace import pane_specs

LOOKS = [(Mode.LIGHT, 13), (Mode.DARK, 13), (Mode.LIGHT, 18)]
SMALL, LARGE = (1024, 700), (1440, 900)
SCANS = Path(__file__).parents[1] / "formats" / "fixtures"


class Place:
    """One person's shell over real rows."""

    def __init__(self, firm: Firm, login: str, look: Theme, folder: Path, qtbot: QtBot) -> None:
        self.firm, self.qtbot = firm, qtbot
        self.desk: Desk = open_desk(firm.sign_in(login))
        self.bench = Workbench(
            self.desk.person, look, InlineTaskRunner(), Messages(), Preferences(folder)
        )
        self.shell = Shell(
            self.bench,
            pane_specs(self.desk),
            "vln-prod",
            Environment.PRODUCTION,
            probe=lambda _context: Health(4, 2, 20),
        )
        qtbot.addWidget(self.shell)
        self.shell.resize(*(SMALL if look.base_size == DEFAULT_FONT else LARGE))
        self.shell.show()

    def flaws_of_panes(self) -> list[Flaw]:
        found: list[Flaw] = []
        for name in self.shell.specs:
            self.shell.open_pane(name)
            pane = self.shell.pane(name)
            if isinstance(pane, PagesPane):
                for at, page in enumerate(pane.pages):
                    pane.tabs.setCurrentIndex(at)
                    found += self._flaws_of(page)
            else:
                assert isinstance(pane, GridPane)
                found += self._flaws_of(pane)
        return found

    def _flaws_of(self, pane: GridPane[Any]) -> list[Flaw]:
        self.qtbot.waitUntil(partial(_knows_its_rows, pane.grid))
        found = flaws(self.shell)
        if pane.grid.grid_model.rowCount() == 0:
            return found
        pane.grid.go_to_row(0)
        pane.with_detail(self._nothing)
        tabs = pane.detail.tabs
        for at in range(tabs.count()):
            if tabs.isTabVisible(at):
                tabs.setCurrentIndex(at)
                found += flaws(self.shell)
        return found

    def _nothing(self) -> None:
        """Only to have the details fetched."""


def _knows_its_rows(grid: Grid) -> bool:
    return grid.grid_model.count.exact


@pytest.fixture(params=LOOKS, ids=["light", "dark", "large"])
def look(request: pytest.FixtureRequest, theme: Theme) -> Theme:
    mode, size = request.param
    theme.set_look(mode, Density.COMPACT, size)
    return theme


Open = Callable[[str], Place]


@pytest.fixture
def place(shared_firm: Firm, look: Theme, tmp_path: Path, qtbot: QtBot) -> Open:
    def opened(login: str) -> Place:
        return Place(shared_firm, login, look, tmp_path, qtbot)

    return opened


@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "finance", "admin", "readonly"])
def test_every_pane_of_a_role(place: Open, login: str) -> None:
    assert place(login).flaws_of_panes() == []


def test_the_form_of_a_finding_and_its_conflict(place: Open) -> None:
    here = place("auditor.a")
    service = here.desk.findings
    detail = service.get(here.firm.a.id("findings"))
    opened = open_finding(detail, service.scheme(detail.audit_id))
    editor = FindingEditor(here.bench, editor_services(here.desk), opened, here.shell)
    editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    editor.show()
    assert flaws(editor) == []

    calculator = CvssPanel("", CvssVersion.V4_0, editor)
    calculator.open()
    assert flaws(editor) == []
    calculator.close_panel()
    clash = FieldConflict("title", "Before", "Mine, which is longer", "Theirs")
    panel = ConflictPanel(Conflict("", (clash,), 2), {"title": "Title"}, print, editor)
    panel.open()
    assert flaws(editor) == []


@pytest.mark.parametrize(("login", "entity"), [("auditor.a", "findings"), ("admin", "users")])
def test_the_time_machine(place: Open, login: str, entity: str) -> None:
    here = place(login)
    record = here.firm.a.id(entity)
    show_record(here.desk, here.bench, entity, record, here.shell)
    machine = here.shell.findChildren(TimeMachine)[-1]
    assert flaws(machine) == []
    machine.against.setCurrentIndex(1)
    machine.whole.setChecked(True)
    machine.moment.setText("nonsense")
    machine.show_moment()
    assert flaws(machine) == []


def test_the_preview_of_a_revert_and_the_date_to_go_to(place: Open) -> None:
    here = place("auditor.a")
    steps = (
        RevertStep("title", "Given", "A title as it was before", "Given"),
        RevertStep("proof", "Given", "A long text.\n" * 40, "Theirs\n" * 4),
    )
    left = (("status", "This field is not edited by hand."),)
    plan = RevertPlan("findings", here.firm.a.id("findings"), "ACME-7-F03", steps, left)
    panel = RevertPanel(reverting_of(here.desk, here.bench), plan, here.shell)
    panel.open()
    assert flaws(here.shell) == []
    panel.close_panel()

    GoToDatePanel(print, here.shell).open()
    assert flaws(here.shell) == []


def test_the_panel_that_adds_a_person(place: Open) -> None:
    here = place("manager.a")
    people = [(person.id, person.name) for person in here.firm.people.values()]
    AddPersonPanel(people, print, here.shell).open()
    assert flaws(here.shell) == []


def test_the_forms_of_people_and_teams(place: Open) -> None:
    here = place("admin")
    shell, bench, member = here.shell, here.bench, here.desk.users.get(
        here.firm.people["auditor.a"].id
    )  # fmt: skip
    people = [(person.id, person.name) for person in here.firm.people.values()]
    given = Invitation("a-rather-long.address@test.vln.gg", "abcd-efgh-ijkl-mnop", "ABCD-EFGH")
    for panel in (
        InvitePanel(bench, print, print, shell),
        RenamePanel(bench, member, print, print, shell),
        RolePanel(bench, member, print, print, shell),
        AccessEndPanel(bench, member, print, print, shell),
        TeamNamePanel(bench, "", here.desk.teams.create, print, shell),
        PlacePanel(bench, "Contracts", people, _unsent, print, shell),
        HandOverPanel(given, "Ana Ferreira", shell),
    ):
        panel.open()
        if isinstance(panel, FormPanel) and not isinstance(panel, RenamePanel | AccessEndPanel):
            panel.send()  # says what is missing
        assert flaws(shell) == []
        panel.close_panel()


def _unsent(_person: UUID, _duty: Duty, _last: date | None) -> Changes:
    raise AssertionError("nothing was filled in")


def test_the_import_before_and_after_files_are_chosen(place: Open) -> None:
    here = place("auditor.a")
    panel = ImportPanel(
        here.bench, here.desk.imports, here.firm.a.id("audit_requests"), "ACME-7", here.shell
    )
    panel.open()
    assert flaws(here.shell) == []
    panel.add_files([SCANS / "vault.sarif", SCANS / "vault.slither.json"])
    assert flaws(here.shell) == []


def test_the_panels_of_access(place: Open) -> None:
    here = place("admin")
    desk, bench, shell = here.desk, here.bench, here.shell
    review = desk.reviews.rows.page(Query(desk.reviews.rows.default_sort), START)
    key = review.rows[0][0]
    assert isinstance(key, UUID)
    item = desk.reviews.item(key)
    panels = (
        *(RequestAccessPanel(desk, bench, shell, kind=kind) for kind in RequestKind),
        BreakGlassPanel(desk, bench, print, shell),
        StartReviewPanel(desk, bench, shell),
        DecideReviewPanel(desk, bench, item, bench.messages.connected, shell),
        OffboardPanel(desk, bench, shell, here.firm.people["auditor.a"].id),
        ReadOnRequestPanel(desk, bench, shell),
    )
    for panel in panels:
        panel.open()
        assert flaws(shell) == [], type(panel)
        panel.close_panel()


def test_a_flaw_in_a_pane_is_found(place: Open) -> None:
    here = place("auditor.a")
    pane = here.shell.pane(here.shell.current)
    assert isinstance(pane, GridPane)
    pane.filter_bar.count.setFixedWidth(4)
    found = here.flaws_of_panes()
    assert {flaw.kind for flaw in found} == {"clipped"}
