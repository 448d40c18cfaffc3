"""An open window on a real server: locked, its session ended, its code asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from tests.firm import PASSWORD, TOTP_SECRET, Firm
from tests.ui.looks import flaws
from vln_desktop.config import Environment, Profile
from vln_desktop.db.session import Database
from vln_desktop.domain.sign_in import STEP_S, new_enrolment, totp
from vln_desktop.errors import ConfirmationNeeded, SessionEnded, UserError
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.dialogs.account import AccountPanel
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.frame import Frame
from vln_desktop.ui.main_window import MainWindow
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.session.cover import Reason
from vln_desktop.ui.session.guard import LOCK_MINUTES, DemoWays, SessionGuard
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Density, Mode, Theme
from vln_desktop.ui.workbench import Confirmation
from vln_desktop.ui.workspace import make_shell

PROFILE = Profile("vln-test", url="postgresql://unused/vln", environment=Environment.STAGING)
LOGIN = "auditor.a"


def code(at: float = 0) -> str:
    return totp(TOTP_SECRET, time.time() + at)


def covered(opened: Opened) -> bool:
    return opened.guard.covered


def end_sessions(firm: Firm) -> None:
    firm.owner.execute("UPDATE vln_priv.sessions SET revoked_at = now()")


class Opened:
    """A window with a person's shell and its guard."""

    def __init__(
        self,
        database: Database,
        theme: Theme,
        folder: Path,
        qapp: QApplication,
        demo: DemoWays | None,
    ) -> None:
        self.frame = Frame()
        self.messages = Messages()
        preferences = Preferences(folder)
        self.window = MainWindow(self.frame, theme, self.messages, preferences)
        self.desk: Desk = open_desk(database)
        self.tasks = InlineTaskRunner()
        self.shell: Shell = make_shell(
            self.desk, PROFILE, theme, self.tasks, self.messages, preferences, self.window
        )
        self.window.enter(self.shell, PROFILE.name)
        self.frame.show()
        self.guard = SessionGuard(self.window, self.shell, self.desk.account, qapp, demo)


Open = Callable[..., Opened]


@pytest.fixture
def open_window(
    firm: Firm, theme: Theme, tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> Iterator[Open]:
    made: list[Opened] = []

    def opened(login: str = LOGIN, demo: DemoWays | None = None) -> Opened:
        window = Opened(firm.sign_in(login), theme, tmp_path, qapp, demo)
        made.append(window)
        window.frame.activateWindow()
        qtbot.waitUntil(window.frame.isActiveWindow)
        return window

    yield opened
    for window in made:
        if window.shell.watch is not None:
            window.shell.watch.stop()
        window.guard.leave()
        window.tasks.shutdown()
        window.desk.press.close()
        window.frame.deleteLater()


class TestLock:
    def test_the_key_covers_everything_and_a_code_gives_it_back(self, open_window: Open) -> None:
        opened = open_window()
        form = QDialog(opened.frame)
        field = QLineEdit("half a sentence", form)
        form.show()
        panel = Overlay(opened.frame, 300)
        panel.open()

        QTest.keyClick(opened.shell, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)

        assert covered(opened)
        assert not opened.shell.isVisible()
        assert not form.isVisible()
        assert not panel.isVisible()
        QTest.keyClicks(opened.guard.cover.entry.digits, code())
        assert not covered(opened)
        assert opened.shell.isVisible()
        assert form.isVisible()
        assert panel.isVisible()
        assert field.text() == "half a sentence"
        form.close()

    def test_the_password_does_too_and_a_wrong_one_does_not(self, open_window: Open) -> None:
        opened = open_window()
        cover = opened.guard.cover
        opened.guard.lock()
        cover.switch.click()
        cover.password.setText("not this one")
        QTest.keyClick(cover.password, Qt.Key.Key_Return)
        assert cover.fault == "This is not your password."
        assert covered(opened)
        cover.password.setText(PASSWORD)
        QTest.keyClick(cover.password, Qt.Key.Key_Return)
        assert not covered(opened)

    def test_a_wrong_code_leaves_it_locked(self, open_window: Open) -> None:
        opened = open_window()
        opened.guard.lock()
        QTest.keyClicks(opened.guard.cover.entry.digits, code(at=900))
        assert "not right" in opened.guard.cover.fault
        assert covered(opened)

    def test_no_shortcut_reaches_what_is_covered(self, open_window: Open) -> None:
        opened = open_window()
        before = opened.shell.current
        opened.guard.lock()
        QTest.keyClick(opened.guard.cover, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(opened.guard.cover, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        assert opened.shell.current == before
        assert not opened.shell.palette_panel.isVisible()

    def test_what_opens_meanwhile_waits_behind_the_cover(
        self, open_window: Open, qtbot: QtBot
    ) -> None:
        opened = open_window()
        opened.guard.lock()
        late = QDialog(opened.frame)
        late.show()
        qtbot.waitUntil(lambda: not late.isVisible())
        opened.messages.say("The finding “Reentrancy” is saved.")
        assert not opened.window.notices.isVisible()
        QTest.keyClicks(opened.guard.cover.entry.digits, code())
        assert late.isVisible()
        assert opened.window.notices.isVisible()
        late.close()

    def test_signing_out_warns_once_of_what_is_not_saved(
        self, open_window: Open, qtbot: QtBot
    ) -> None:
        opened = open_window()
        form = QDialog(opened.frame)
        form.show()
        opened.guard.lock()
        with qtbot.assertNotEmitted(opened.guard.sign_out_asked):
            opened.guard.cover.sign_out.click()
        assert "not saved" in opened.guard.cover.fault
        with qtbot.waitSignal(opened.guard.sign_out_asked):
            opened.guard.cover.sign_out.click()

    def test_minutes_of_rest_lock_and_input_begins_them_anew(
        self, open_window: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = open_window()
        idle = opened.guard.idle
        assert opened.guard.minutes == 10
        assert idle._timer.isActive()
        clocks = idle._now()
        monkeypatch.setattr(idle, "_now", lambda: (clocks[0] + 595, clocks[1] + 595))
        idle.look()
        assert not covered(opened)
        window = opened.frame.windowHandle()
        idle.watch(window)
        key = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(window, key)
        monkeypatch.setattr(idle, "_now", lambda: (clocks[0] + 700, clocks[1] + 700))
        idle.look()
        assert not covered(opened)
        # asleep: one clock stood still meanwhile
        monkeypatch.setattr(idle, "_now", lambda: (clocks[0] + 701, clocks[1] + 9000))
        idle.look()
        assert covered(opened)
        assert not idle._timer.isActive()

    def test_never_is_a_choice(self, open_window: Open) -> None:
        opened = open_window()
        opened.shell.workbench.preferences.set(LOCK_MINUTES, 0)
        opened.guard.read_preferences()
        assert not opened.guard.idle._timer.isActive()

    def test_a_demo_does_not_lock_itself_and_one_click_unlocks(self, open_window: Open) -> None:
        opened = open_window(demo=DemoWays(print, str))
        assert opened.guard.minutes == 0
        opened.guard.lock()
        opened.guard.cover.go.click()
        assert not covered(opened)


class TestSessionEnd:
    def test_the_window_goes_on_where_it_was(self, open_window: Open, firm: Firm) -> None:
        opened = open_window()
        form = QDialog(opened.frame)
        form.show()
        end_sessions(firm)
        assert opened.shell.watch is not None
        opened.shell.watch.look()

        assert covered(opened)
        assert opened.guard.cover.reason is Reason.ENDED
        assert not form.isVisible()
        QTest.keyClicks(opened.guard.cover.entry.digits, code())
        assert not covered(opened)
        assert form.isVisible()
        assert opened.desk.database.ping() > 0
        assert not opened.shell.watch.down
        form.close()

    def test_any_task_that_finds_it_covers_the_window(self, open_window: Open, firm: Firm) -> None:
        opened = open_window()
        end_sessions(firm)
        errors: list[Exception] = []

        def work(_context: TaskContext) -> None:
            opened.desk.account.end_sessions(opened.desk.person.user_id)

        opened.tasks.run(opened.shell, work, None, errors.append)

        assert "ended" in str(errors[0])
        assert opened.guard.cover.reason is Reason.ENDED

    def test_the_end_of_an_earlier_session_is_nothing_to_this_window(
        self, open_window: Open
    ) -> None:
        opened = open_window()

        def work(_context: TaskContext) -> None:
            raise SessionEnded("Your session has ended.", object())

        opened.tasks.run(opened.shell, work, None)

        assert not covered(opened)

    def test_a_locked_window_whose_session_ended_asks_for_the_code_again(
        self, open_window: Open, firm: Firm
    ) -> None:
        opened = open_window()
        opened.guard.lock()
        end_sessions(firm)
        QTest.keyClicks(opened.guard.cover.entry.digits, code())
        assert opened.guard.cover.reason is Reason.ENDED
        QTest.keyClicks(opened.guard.cover.entry.digits, code())
        assert not covered(opened)

    def test_a_wrong_code_is_told_and_the_server_away_too(
        self, open_window: Open, firm: Firm
    ) -> None:
        opened = open_window()
        end_sessions(firm)
        opened.guard.end_session()
        QTest.keyClicks(opened.guard.cover.entry.digits, code(at=900))
        assert "not right" in opened.guard.cover.fault
        opened.guard.cover.say("The server cannot be reached; try again in a moment.")
        assert opened.guard.cover.go.isEnabled()

    def test_a_covered_window_does_not_throw_away_what_is_not_saved(
        self, open_window: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = open_window()
        monkeypatch.setattr(opened.shell, "unsaved", lambda: ["A finding is not saved."])
        opened.guard.end_session()
        assert not opened.window.may_close()


class TestAskingAgain:
    def confirm_panel(self, opened: Opened) -> ConfirmCodePanel:
        panels = opened.frame.findChildren(ConfirmCodePanel)
        assert panels
        return panels[-1]

    def sensitive(self, opened: Opened, done: list[str], errors: list[Exception]) -> None:
        codes = new_enrolment().recovery_codes

        def work(_context: TaskContext) -> str:
            opened.desk.account.renew_recovery_codes(codes)
            return codes[0]

        opened.shell.workbench.act(opened.shell, work, done.append, errors.append)

    @pytest.fixture
    def opened(self, open_window: Open, firm: Firm) -> Opened:
        firm.owner.execute(
            "UPDATE vln_priv.sessions"
            " SET created_at = now() - interval '6 min', confirmed_at = NULL"
        )
        return open_window()

    def test_a_code_repeats_the_act(self, opened: Opened) -> None:
        done: list[str] = []
        errors: list[Exception] = []
        self.sensitive(opened, done, errors)
        assert done == []
        QTest.keyClicks(self.confirm_panel(opened).entry.digits, code())
        assert len(done) == 1
        self.sensitive(opened, done, errors)
        assert len(done) == 2
        assert errors == []

    def test_a_wrong_code_asks_on_and_giving_up_tells_the_act(self, opened: Opened) -> None:
        done: list[str] = []
        errors: list[Exception] = []
        self.sensitive(opened, done, errors)
        panel = self.confirm_panel(opened)
        QTest.keyClicks(panel.entry.digits, code(at=900))
        assert "not right" in panel.entry.fault
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        assert done == []
        assert [type(error) for error in errors] == [ConfirmationNeeded]

    def test_other_errors_go_their_way(self, opened: Opened) -> None:
        errors: list[Exception] = []

        def work(_context: TaskContext) -> None:
            raise UserError("No.")

        opened.shell.workbench.act(opened.shell, work, None, errors.append)
        assert str(errors[0]) == "No."


class TestAccount:
    @pytest.fixture
    def opened(self, open_window: Open) -> Opened:
        return open_window()

    def panel(self, opened: Opened) -> AccountPanel:
        made = AccountPanel(opened.shell.workbench, opened.desk.account, 10, opened.frame)
        made.open()
        return made

    def test_sessions_are_listed_and_the_others_ended(self, opened: Opened) -> None:
        panel = self.panel(opened)
        assert panel.sessions.table.rowCount() == 2
        assert panel.sessions.end_others.isEnabled()
        panel.sessions.end_others.click()
        assert panel.sessions.table.rowCount() == 1
        assert not panel.sessions.end_others.isEnabled()
        assert panel.events.rowCount() > 0

    @pytest.mark.parametrize("size", [13, 18])
    def test_nothing_of_it_is_clipped(self, opened: Opened, theme: Theme, size: int) -> None:
        theme.set_look(Mode.LIGHT, Density.COMPACT, size)
        opened.frame.resize(1000, 760)
        panel = self.panel(opened)
        for at in range(panel.tabs.count()):
            panel.tabs.setCurrentIndex(at)
            assert flaws(panel) == []
        panel.tabs.setCurrentWidget(panel.factor)
        panel.factor.move_phone.click()
        assert flaws(panel) == []
        panel.factor.stop.click()
        panel.factor.renew.click()
        assert flaws(panel) == []
        panel.factor.codes.box.click()
        panel.close_panel()
        opened.shell.workbench.confirming.emit(Confirmation(opened.shell, print, print))
        assert flaws(opened.frame.findChildren(ConfirmCodePanel)[-1]) == []

    def test_mine_is_ended_by_signing_out_only(self, opened: Opened) -> None:
        page = self.panel(opened).sessions
        page.table.selectRow(0)
        assert not page.end.isEnabled()
        page.table.selectRow(1)
        assert page.end.isEnabled()

    def test_the_minutes_are_kept(self, opened: Opened, qtbot: QtBot) -> None:
        panel = self.panel(opened)
        assert panel.sessions.minutes.currentData() == 10
        panel.sessions.minutes.setCurrentIndex(1)
        with qtbot.waitSignal(panel.lock_changed):
            panel.sessions.minutes.activated.emit(1)
        assert opened.guard.minutes == 5

    def test_a_wrong_old_password_is_told_beside_it(self, opened: Opened) -> None:
        page = self.panel(opened).password
        page.old.setText("not this one")
        page.pair.first.setText("a longer way to say battery")
        page.pair.second.setText("a longer way to say battery")
        page.go.click()
        assert page.fields["old_password"].fault == "This is not your password."

    def test_new_recovery_codes_are_shown_once(self, opened: Opened) -> None:
        panel = self.panel(opened)
        page = panel.factor
        page.renew.click()
        assert not page.codes.isHidden()
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        assert panel.isVisible()
        assert page.codes.text.count("-") == 30
        page.codes.box.click()
        assert page.codes.isHidden()
        assert "10 of ten" in page.left.text()
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        assert not panel.isVisible()

    def test_another_phone_is_proved_by_its_first_code(self, opened: Opened, firm: Firm) -> None:
        page = self.panel(opened).factor
        page.move_phone.click()
        enrolment = page.enroller.enrolment
        assert enrolment is not None
        QTest.keyClicks(page.enroller.entry.digits, "000000")
        assert page.enroller.entry.fault
        QTest.keyClicks(page.enroller.entry.digits, totp(enrolment.secret, time.time()))
        assert not page.codes.isHidden()
        door = firm.knock(opened.desk.person.email)
        door.open(totp(enrolment.secret, time.time() + STEP_S), "x").dispose()
