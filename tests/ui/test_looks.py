"""Nothing is clipped, out of its frame or without a glyph: every window, light and dark, large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import test_sign_in as sign_in
from tests.ui.looks import flaws
from tests.ui.people import PANES, Somebody
from vln_desktop.config import Environment, Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import Refusal, SignInState, new_enrolment, refusal_error
from vln_desktop.errors import UserError
from vln_desktop.services.account import save_codes
from vln_desktop.ui.connection import Health
from vln_desktop.ui.dialogs.confirm import ConfirmPanel, Question
from vln_desktop.ui.dialogs.crash import CrashDialog
from vln_desktop.ui.messages import Messages, Notice, NoticeAction, Outage, crash_of
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.session.cover import Cover, Reason
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.sign_in.gateway import DemoSignIn, Prepared
from vln_desktop.ui.sign_in.page import SignInPage
from vln_desktop.ui.sign_in.step import WIDE
from vln_desktop.ui.sign_in.steps import RecoveryStep
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Density, Mode, Theme, Tone
from vln_desktop.ui.widgets.notices import NoticeStack
from vln_desktop.ui.widgets.states import StatePage
from vln_desktop.ui.workbench import Workbench

LOOKS = [(Mode.LIGHT, 13), (Mode.DARK, 13), (Mode.LIGHT, 18)]
Keep = Callable[[QWidget], QWidget]


class Gateway(sign_in.Gateway):
    """A demo database with everybody in it."""

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        people = [DemoSignIn(f"{role}@vln.gg", f"Somebody {role}", role) for role in Role]
        return Prepared("ana@vln.gg", tuple(people))

    def knock(
        self, profile: Profile, email: str, password: str, context: TaskContext
    ) -> sign_in.Door:
        return sign_in.Door(self.state)


@pytest.fixture(params=LOOKS, ids=["light", "dark", "large"])
def look(request: pytest.FixtureRequest, theme: Theme) -> Theme:
    mode, size = request.param
    theme.set_look(mode, Density.COMPACT, size)
    return theme


@pytest.fixture
def shown(qtbot: QtBot) -> Keep:
    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


@pytest.fixture
def shell(look: Theme, tmp_path: Path, qtbot: QtBot) -> Shell:
    bench = Workbench(
        Somebody(Role.FINANCE), look, InlineTaskRunner(), Messages(), Preferences(tmp_path)
    )
    made = Shell(
        bench, PANES, "vln-prod", Environment.PRODUCTION, probe=lambda _c: Health(4, 2, 20)
    )
    made.resize(960, 600)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_smallest_shell(shell: Shell) -> None:
    assert flaws(shell) == []


def test_the_palette_and_the_shortcut_sheet(shell: Shell) -> None:
    for panel in (shell.palette_panel, shell.shortcut_sheet, shell.about_panel):
        panel.open()
        assert flaws(shell) == []
        panel.close_panel()


def test_the_banner(shell: Shell) -> None:
    shell.banner.show_outage(Outage("The server at db.vln.gg does not answer.", print))
    assert flaws(shell) == []


def test_notices(look: Theme, shown: Keep) -> None:
    window = QWidget()
    window.resize(960, 600)
    stack = NoticeStack(look, window)
    long = "The due date 2026-01-03 is before the issue date 2026-02-01, so it cannot be. " * 3
    stack.show_notice(Notice(long, Tone.WARNING))
    stack.show_notice(Notice("Assigned.", Tone.SUCCESS, NoticeAction("Undo", print)))
    assert flaws(shown(window)) == []


def test_the_start_page_with_demo_sign_ins(look: Theme, shown: Keep) -> None:
    profile = Profile("demo", environment=Environment.DEMO)
    page = SignInPage([profile], profile, Gateway(), look, InlineTaskRunner(), Messages())
    page.resize(960, 720)
    page.prepare()
    assert flaws(shown(page)) == []


@pytest.mark.parametrize(
    "state",
    [
        sign_in.MARC,
        replace(sign_in.MARC, enrolled=False),
        replace(sign_in.MARC, enrolled=False, password_change=True),
    ],
    ids=["code", "enrolment", "password"],
)
def test_each_later_step(look: Theme, shown: Keep, state: SignInState) -> None:
    profile = Profile("vln-prod", url="postgresql://db.vln.gg/vln")
    page = SignInPage(
        [profile], profile, Gateway(state=state), look, InlineTaskRunner(), Messages()
    )
    page.resize(960, 720)
    page.prepare()
    page.first.password.setText("right")
    page.first.submit()
    assert page.step is not page.first
    page.step.refuse(refusal_error(Refusal.WRONG))
    assert flaws(shown(page)) == []


def test_the_recovery_codes(look: Theme, shown: Keep) -> None:
    step = RecoveryStep(InlineTaskRunner(), save_codes, "ana@vln.gg")
    step.codes.show_codes(new_enrolment().recovery_codes)
    step.codes.copy.click()
    step.resize(WIDE, 500)
    assert flaws(shown(step)) == []


@pytest.mark.parametrize("reason", list(Reason))
def test_the_cover(look: Theme, shown: Keep, reason: Reason) -> None:
    cover = Cover("Ana Petrović", look)
    cover.resize(960, 600)
    cover.show_reason(reason, 1)
    cover.refuse(UserError("This is not your password.", field="password"))
    cover.sign_out.click()
    assert flaws(shown(cover)) == []


def test_a_question_with_a_reason(look: Theme, shown: Keep) -> None:
    window = QWidget()
    window.resize(960, 600)
    question = Question(
        "Void invoice INV-2026-0042?", "A full credit note is issued. " * 4, "Void", True, "Why?"
    )
    panel = ConfirmPanel(question, print, window)
    shown(window)
    panel.open()
    assert flaws(window) == []


def test_the_crash_dialog(look: Theme, shown: Keep) -> None:
    dialog = CrashDialog(look)
    dialog.show_crash(crash_of(ValueError("a message that is rather long " * 8)))
    assert flaws(shown(dialog)) == []


def test_a_state_page(look: Theme, shown: Keep) -> None:
    page = StatePage(look)
    page.resize(600, 400)
    page.failed("The server took longer than five seconds, so the search was stopped. " * 3, print)
    assert flaws(shown(page)) == []


def test_a_clipped_label_is_found(theme: Theme, shown: Keep) -> None:
    window = QWidget()
    label = QLabel("This text is far too long for its place", window)
    label.setFixedWidth(40)
    QHBoxLayout(window).addWidget(label)
    assert [flaw.kind for flaw in flaws(shown(window))] == ["clipped"]


def test_a_squeezed_paragraph_is_found(theme: Theme, shown: Keep) -> None:
    window = QWidget()
    label = QLabel("Several words that need more than one line in here", window)
    label.setWordWrap(True)
    label.setFixedSize(100, 16)
    QHBoxLayout(window).addWidget(label)
    assert [flaw.kind for flaw in flaws(shown(window))] == ["clipped"]


def test_a_clipped_button_is_found(theme: Theme, shown: Keep) -> None:
    window = QWidget()
    button = QPushButton("Issue the invoice", window)
    button.setFixedWidth(50)
    QVBoxLayout(window).addWidget(button)
    assert [flaw.kind for flaw in flaws(shown(window))] == ["clipped"]


def test_a_text_out_of_its_frame_is_found(theme: Theme, shown: Keep) -> None:
    window = QWidget()
    window.resize(200, 100)
    label = QLabel("Half of me is outside", window)
    label.adjustSize()
    label.move(150, 40)
    assert [flaw.kind for flaw in flaws(shown(window))] == ["out of frame"]


def test_a_missing_glyph_is_found(theme: Theme, shown: Keep) -> None:
    label = QLabel("審計")
    assert [flaw.kind for flaw in flaws(shown(label))] == ["missing glyph"]
