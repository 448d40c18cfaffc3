"""Users, teams and security events in the window, over a real database, as those who use them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.db.refusal import ask, run
from tests.firm import TOTP_SECRET, Firm
from tests.ui.desks import Bench
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import totp
from vln_desktop.domain.teams import Duty
from vln_desktop.domain.users import Invitation
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.dialogs.staff import AccessEndPanel, InvitePanel, RenamePanel, RolePanel
from vln_desktop.ui.dialogs.team import PlacePanel, TeamNamePanel
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.security_words import facts, told
from vln_desktop.ui.panes.teams import TeamsPane
from vln_desktop.ui.panes.users import UsersPane
from vln_desktop.ui.secret_clipboard import SecretClipboard
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import Confirmation
from vln_desktop.ui.workspace import pane_specs


class Seat(Bench):
    """A bench that waits for what the window fetches."""

    wait: Callable[[Callable[[], bool]], None]

    def ask_for_code(self, confirmation: Confirmation) -> None:
        """Ask as the window's guard does."""
        ConfirmCodePanel(
            self.workbench, self.desk.database.confirm, confirmation, self.window
        ).open()

    def pane(self, name: str) -> GridPane[Any]:
        """Return a pane with rows that looks again after each change, as the shell lets it."""
        pane = self.open(name)
        self.workbench.changed.connect(lambda _changes: pane.reload())
        self.wait(lambda: pane.model.rowCount() > 0)
        return pane

    def select(self, pane: GridPane[Any], record: object) -> None:
        """Select a record and wait for its details."""
        pane.show_record(record)  # type: ignore[arg-type]
        self.wait(lambda: pane.selected == (record,) and pane.detail.tabs.isVisible())
        pane.with_detail(lambda: None)

    def users(self, firm: Firm, login: str) -> UsersPane:
        """Return the users pane with a person's details."""
        pane = self.pane("users")
        assert isinstance(pane, UsersPane)
        self.select(pane, firm.people[login].id)
        return pane


Open = Callable[[str], Seat]
Panel = TypeVar("Panel", bound=QWidget)


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    window = QWidget()
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    made: list[Seat] = []

    def make(login: str) -> Seat:
        made.append(Seat(firm, login, theme, tmp_path, window))
        made[-1].wait = qtbot.waitUntil
        made[-1].workbench.confirming.connect(made[-1].ask_for_code)
        return made[-1]

    yield make
    for one in made:
        one.desk.close()


def panel(desk: Seat, kind: type[Panel]) -> Panel:
    return desk.window.findChildren(kind)[-1]


def cells(table: TextTable) -> list[list[str]]:
    def text(row: int, at: int) -> str:
        item = table.item(row, at)
        return "" if item is None else item.text()

    return [[text(row, at) for at in range(table.columnCount())] for row in range(table.rowCount())]


def expire_confirmation(firm: Firm) -> None:
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")


def test_inviting_shows_the_secrets_once(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.pane("users")
    desk.run("users.invite")
    form = panel(desk, InvitePanel)
    form.send()
    assert form.fields["name"].fault
    form.name.setText("Nora Ek")
    form.email.setText("no address")
    form.send()
    assert form.fields["email"].fault
    form.email.setText("nora@test.vln.gg")
    form.role.setCurrentIndex(form.role.findData(Role.FINANCE))
    form.send()

    shown = panel(desk, HandOverPanel)
    secrets = dict(shown.secrets())
    assert set(secrets) == {"E-mail", "Password", "Invitation"}
    assert firm.knock("nora@test.vln.gg", secrets["Password"]).state.role is Role.FINANCE
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert shown.isVisible()
    invited = desk.desk.users.find("nora@test.vln.gg")
    desk.wait(lambda: pane.selected == (invited,))
    assert desk.desk.directory.name_of(invited) == "Nora Ek"


def test_an_address_that_is_taken_is_said_beside_the_field(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    desk.pane("users")
    desk.run("users.invite")
    form = panel(desk, InvitePanel)
    form.name.setText("Somebody")
    form.email.setText(firm.people["finance"].email)
    form.send()
    assert "already" in form.fields["email"].fault
    assert form.name.text() == "Somebody"


def test_a_code_is_asked_for_and_the_act_is_repeated(bench: Open, firm: Firm) -> None:
    expire_confirmation(firm)
    desk = bench("admin")
    desk.users(firm, "auditor.n")
    desk.run("users.disable")
    panel(desk, ConfirmPanel).yes.click()
    code = panel(desk, ConfirmCodePanel)
    code.entry.digits.setText("000000")
    assert "not right" in code.entry.fault
    assert desk.desk.users.get(firm.people["auditor.n"].id).active
    code.entry.digits.setText(totp(TOTP_SECRET, time.time()))

    assert not desk.desk.users.get(firm.people["auditor.n"].id).active
    assert desk.told == ["Auditor N can no longer sign in."]
    run(firm.owner, "SELECT vln.enable_staff(%s)", firm.people["auditor.n"].id)


def test_who_closes_the_question_has_changed_nothing(bench: Open, firm: Firm) -> None:
    expire_confirmation(firm)
    desk = bench("admin")
    desk.users(firm, "auditor.n")
    desk.run("users.rename")
    form = panel(desk, RenamePanel)
    form.name.setText("Other Name")
    form.send()
    QTest.keyClick(panel(desk, ConfirmCodePanel), Qt.Key.Key_Escape)

    assert form.isVisible()
    assert form.name.text() == "Other Name"
    assert "asks for the code" in form.fault.text()
    assert desk.desk.users.get(firm.people["auditor.n"].id).name == firm.people["auditor.n"].name


def test_a_role_and_a_last_day_are_set(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.users(firm, "auditor.n")
    desk.run("users.role")
    form = panel(desk, RolePanel)
    form.send()
    assert form.fields["role"].fault == "Choose a role."
    assert form.role.findData(Role.AUDITOR) < 0  # what they are already is no change
    form.role.setCurrentIndex(form.role.findData(Role.READONLY))
    form.send()
    desk.run("users.access_end")
    day = panel(desk, AccessEndPanel)
    day.day.setText("some day")
    day.send()
    assert day.fields["day"].fault
    day.day.setText("2040-01-31")
    day.send()

    member = desk.desk.users.get(pane.selected[0])
    assert (member.role, str(member.access_ends_on)) == (Role.READONLY, "2040-01-31")
    run(firm.owner, "SELECT vln.change_role(%s, 'auditor')", member.id)


def test_a_reset_hands_over_a_new_password(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    desk.users(firm, "auditor.b")
    desk.run("users.reset_password")
    question = panel(desk, ConfirmPanel)
    question.yes.click()
    shown = panel(desk, HandOverPanel)
    assert set(dict(shown.secrets())) == {"E-mail", "Password"}
    with firm.database.connect() as superuser:  # roles belong to the cluster
        superuser.execute(
            f'ALTER ROLE "{firm.people["auditor.b"].email}"'
            " PASSWORD 'correct horse battery staple'".encode()
        )


def test_sessions_are_shown_and_ended(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.users(firm, "finance")
    assert cells(pane.sessions.table)[0][0] == "test"
    desk.run("users.end_sessions")
    panel(desk, ConfirmPanel).yes.click()

    assert not ask(firm.psql("finance"), "SELECT vln.session_ok()")
    assert pane.sessions.table.rowCount() == 0


def test_one_does_nothing_to_oneself_but_ends_other_sessions(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.users(firm, "admin")
    for name in ("disable", "role", "reset_password", "unlock", "rename"):
        action = desk.workbench.commands.action(f"users.{name}")
        assert action is not None
        assert not action.isEnabled()
        assert "ask another admin" in action.toolTip()
    assert "(this window)" in cells(pane.sessions.table)[0][0]
    end = desk.workbench.commands.action("users.end_sessions")
    assert end is not None
    assert end.toolTip() == "There is no session to end."


def test_rights_are_a_table(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.users(firm, "auditor.a")
    lines = {line[0]: line[1:] for line in cells(pane.rights.table)}

    assert lines["Finding locations"] == ["all", "part", "–", "all", "of records they see"]
    assert lines["Clients"][:4] == ["part", "–", "–", "–"]
    assert "invoices" not in {name.lower() for name in lines}
    assert "open session" in pane.rights._deeds.text()


@pytest.mark.parametrize("login", ["auditor.a", "finance", "readonly"])
def test_who_has_no_pane(bench: Open, login: str) -> None:
    desk = bench(login)
    names = [spec.id for spec in pane_specs(desk.desk) if desk.workbench.may(spec.needs)]
    assert "users" not in names
    assert "teams" not in names
    assert "security_events" in names


def test_a_manager_reads_the_people_of_the_teams_only(bench: Open, firm: Firm) -> None:
    desk = bench("manager.a")
    pane = desk.users(firm, "auditor.a")

    assert desk.workbench.commands.action("users.disable") is None
    assert desk.workbench.commands.action("users.invite") is None
    assert [pane.detail.tabs.isTabVisible(at) for at in range(5)] == [True] + [False] * 4
    desk.select(pane, firm.people["manager.a"].id)
    assert [pane.detail.tabs.isTabVisible(at) for at in range(5)] == [True] * 4 + [False]


def test_a_team_is_made_and_somebody_joins_and_leaves(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    pane = desk.pane("teams")
    assert isinstance(pane, TeamsPane)
    desk.run("teams.new")
    form = panel(desk, TeamNamePanel)
    form.send()
    assert form.fields["name"].fault
    form.name.setText("Proofs")
    form.send()
    desk.wait(lambda: bool(pane.selected) and pane.detail.tabs.isVisible())
    desk.run("teams.add")
    place = panel(desk, PlacePanel)
    place.send()
    assert place.fields["person"].fault
    place.person.choose(firm.people["manager.n"].id)
    place.duty.setCurrentIndex(place.duty.findData(Duty.LEAD))
    place.day.setText("2040-01-31")
    place.send()
    ((name, role, duty, _since, until),) = cells(pane.people)
    assert (name, role, duty, until) == ("Manager N", "Manager", "Lead", "31 Jan 2040")


def test_a_place_changes_and_ends_and_a_team_is_archived(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    (team,) = desk.desk.teams.create("Proofs").ids
    desk.desk.teams.put(team, firm.people["manager.n"].id, Duty.LEAD)
    pane = desk.pane("teams")
    assert isinstance(pane, TeamsPane)
    desk.select(pane, team)
    pane.people.selectRow(0)
    desk.run("teams.place")
    known = panel(desk, PlacePanel)
    assert not known.person.isEnabled()
    known.day.setText("2040-01-31")
    known.send()
    assert cells(pane.people)[0][-1] == "31 Jan 2040"
    pane.people.selectRow(0)
    desk.run("teams.end")
    panel(desk, ConfirmPanel).yes.click()
    assert "left on" in cells(pane.people)[0][-1]
    desk.run("teams.archive")
    panel(desk, ConfirmPanel).yes.click()
    assert desk.desk.teams.get(pane.selected[0]).archived
    desk.run("teams.restore")
    assert not desk.desk.teams.get(pane.selected[0]).archived


def test_security_events_lead_to_the_person(bench: Open, firm: Firm) -> None:
    desk = bench("admin")
    asked: list[Any] = []
    desk.workbench.opening.connect(asked.append)
    run(firm.owner, "INSERT INTO vln.security_events (kind, person_id) VALUES ('locked', %s)",
        firm.people["finance"].id)  # fmt: skip
    pane = desk.pane("security_events")
    pane.filter_bar.set_text("kind:locked")
    desk.wait(lambda: pane.model.rowCount() == 1)
    pane.grid.go_to_row(0)
    desk.wait(pane.detail.tabs.isVisible)
    desk.run("security_events.person")
    assert asked[0].id == firm.people["finance"].id


def test_others_see_their_own_events_only(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    for login in ("admin", "finance"):
        run(firm.owner, "INSERT INTO vln.security_events (kind, person_id) VALUES ('locked', %s)",
            firm.people[login].id)  # fmt: skip
    pane = bench("finance").pane("security_events")
    pane.filter_bar.set_text("kind:locked")
    qtbot.waitUntil(lambda: pane.model.count.exact)
    assert pane.model.rowCount() == 1


def test_secrets_leave_the_clipboard(qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    secrets = SecretClipboard(kept_ms=0)
    secrets.copy("hush")
    assert clipboard.text() == "hush"
    qtbot.waitUntil(lambda: clipboard.text() == "")
    secrets.copy("hush")
    clipboard.setText("mine")
    secrets.forget()
    assert clipboard.text() == "mine"


def test_each_secret_is_printed_on_a_sheet_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    given = Invitation("a@test.vln.gg", "pass-word-text", "INVI-TATI-ON")
    shown = HandOverPanel(given, "<b>Ana</b>", window)
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "sheets.pdf"))
    shown.print_on(printer)

    with pypdfium2.PdfDocument(tmp_path / "sheets.pdf") as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) == 2
    assert "pass-word-text" in texts[0]
    assert "INVI" not in texts[0]
    assert "INVI-TATI-ON" in texts[1]
    assert "<b>Ana</b>" in texts[1]


def test_details_of_events_are_words() -> None:
    assert told({"role": ["auditor", "finance"]}) == "auditor → finance"
    assert told({"reason": "wrong"}) == "wrong code"
    assert told({"what": "findings", "rows": 1200, "filtered": True}) == (
        "findings  ·  rows 1,200  ·  filtered"
    )
    assert told({"last_day": [None, "2026-01-31"]}) == "– → 2026-01-31"
    assert told(None) == ""
    assert facts({"last_day": "2026-01-31"}) == [("Last day", "2026-01-31")]
