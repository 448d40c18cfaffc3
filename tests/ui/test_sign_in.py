"""The start page: each step by keyboard, reasons beside their field, nothing typed is lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vln_desktop.config import Environment, Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import Enrolment, Refusal, SignInState, refusal_error, totp
from vln_desktop.errors import Unavailable, UserError
from vln_desktop.services.account import save_codes
from vln_desktop.services.connections import Remembrance
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.sign_in.credentials import DemoRow
from vln_desktop.ui.sign_in.gateway import DemoSignIn, Prepared
from vln_desktop.ui.sign_in.page import SignInPage
from vln_desktop.ui.sign_in.steps import CodeStep, EnrolStep, NewPasswordStep, RecoveryStep
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.qr_code import QUIET_ZONE

DEMO = Profile("demo", environment=Environment.DEMO, cluster="demo")
FAR = Profile("vln-prod", url="postgresql://db.vln.gg/vln")
PASSWORD = "first of all words"
NEW_PASSWORD = "a longer way to say battery"
INVITE = "ABCD-EFGH-JKLM-NPQR"
CODE = "246810"
MARC = SignInState(uuid4(), "marc@vln.gg", "Marc Olive", Role.AUDITOR, True, False, True, False)


class Door:
    """Opens as the state says; a new password changes it."""

    def __init__(self, state: SignInState) -> None:
        self.state = state
        self.closed = False
        self.refused: UserError | None = None

    def change_password(self, new: str) -> None:
        if self.refused is not None:
            raise self.refused
        self.state = replace(self.state, password_change=False)

    def close(self) -> None:
        self.closed = True


@dataclass
class Gateway:
    """Lets in who knows the password and the code; the server may be away."""

    away: bool = False
    state: SignInState = MARC
    meanwhile: Callable[[], None] | None = None
    memory: Remembrance = field(default_factory=Remembrance)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    remembered: list[object] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        if self.meanwhile is not None:
            self.meanwhile()
        if self.away:
            raise Unavailable("The database did not start: the disk is full.")
        demo = (DemoSignIn("ana@vln.gg", "Ana Petrović", Role.ADMIN),) if profile is DEMO else ()
        return Prepared("" if demo else "marc@vln.gg", demo)

    def knock(self, profile: Profile, email: str, password: str, context: TaskContext) -> Door:
        self.asked.append((profile.name, email, password))
        if self.away:
            raise Unavailable("The server does not answer.")
        if password != PASSWORD and not (password == "" and self.memory.kept):
            raise UserError("E-mail or password is wrong.", field="password")
        self.doors.append(Door(self.state))
        return self.doors[-1]

    def open(self, profile: Profile, door: object, code: str, context: TaskContext) -> object:
        if code not in {CODE, INVITE}:
            raise refusal_error(Refusal.WRONG)
        return "desk"

    def enrol(
        self, profile: Profile, door: object, enrolment: Enrolment, invite: str, code: str,
        context: TaskContext,
    ) -> object:  # fmt: skip
        self.enrolments.append(enrolment)
        if invite != INVITE:
            raise refusal_error(Refusal.INVITE)
        if code != totp(enrolment.secret, time.time()):
            raise refusal_error(Refusal.WRONG)
        return "desk"

    def sign_in_demo(self, profile: Profile, email: str, context: TaskContext) -> object:
        return email

    def save_codes(self, path: Path, text: str) -> None:
        save_codes(path, text)

    def remembrance(self, profile: Profile, email: str) -> Remembrance:
        return self.memory

    def remember(self, profile: Profile, opened: object) -> None:
        self.remembered.append(opened)
        if self.memory.fault:
            raise UserError(self.memory.fault)

    def forget(self, profile: Profile, email: str) -> None:
        self.forgotten.append(email)
        self.memory = Remembrance()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def page(gateway: Gateway, theme: Theme, messages: Messages, qtbot: QtBot) -> SignInPage:
    made = SignInPage([DEMO, FAR], DEMO, gateway, theme, InlineTaskRunner(), messages)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.prepare()
    return made


def knock(page: SignInPage, password: str = PASSWORD) -> None:
    """Type e-mail and password at the far profile."""
    if page.chosen is not FAR:
        page.first.profile.setCurrentIndex(1)
    page.first.password.setText(password)
    QTest.keyClick(page.first.password, Qt.Key.Key_Return)


class TestCredentials:
    def test_one_click_signs_a_demo_person_in(self, page: SignInPage, qtbot: QtBot) -> None:
        (row,) = page.findChildren(DemoRow)
        with qtbot.waitSignal(page.signed_in) as signed_in:
            QTest.mouseClick(row, Qt.MouseButton.LeftButton)
        assert signed_in.args == ["ana@vln.gg"]

    def test_another_profile_has_no_demo_rows_and_offers_who_signed_in_last(
        self, page: SignInPage
    ) -> None:
        page.first.profile.setCurrentIndex(1)
        assert not any(row.isVisible() for row in page.findChildren(DemoRow))
        assert page.first.email.text() == "marc@vln.gg"

    def test_a_wrong_password_is_told_beside_the_field_and_nothing_is_lost(
        self, page: SignInPage
    ) -> None:
        knock(page, "wrong")
        assert page.first.fields["password"].fault == "E-mail or password is wrong."
        assert page.first.password.property("invalid") is True
        assert page.first.password.hasFocus()
        assert page.first.email.text() == "marc@vln.gg"
        assert page.ready

    @pytest.mark.parametrize(("email", "field"), [("", "email"), ("marc@vln.gg", "password")])
    def test_an_empty_field_is_asked_for_without_asking_the_server(
        self, page: SignInPage, gateway: Gateway, email: str, field: str
    ) -> None:
        page.first.email.setText(email)
        page.first.submit()
        assert getattr(page.first, field).property("invalid") is True
        assert gateway.asked == []

    def test_one_types_while_the_server_starts_and_nothing_is_lost(
        self, page: SignInPage, gateway: Gateway
    ) -> None:
        def type_and_press_return() -> None:
            QTest.keyClicks(page.first.email, "ada@vln.gg")
            QTest.keyClicks(page.first.password, "right")
            QTest.keyClick(page.first.password, Qt.Key.Key_Return)

        gateway.meanwhile = type_and_press_return
        page.first.profile.setCurrentIndex(1)
        assert gateway.asked == []
        assert page.first.email.text() == "ada@vln.gg"
        assert page.first.password.text() == "right"

    def test_a_server_that_is_away_is_told_and_tried_again(
        self, page: SignInPage, gateway: Gateway
    ) -> None:
        gateway.away = True
        page.prepare()
        assert "the disk is full" in page.fault
        assert not page.ready
        gateway.away = False
        page.retry.click()
        assert page.fault == ""
        assert page.ready

    def test_a_service_login_is_sent_to_the_command_line(
        self, page: SignInPage, gateway: Gateway
    ) -> None:
        gateway.state = replace(MARC, second_factor=False, role=Role.WORKER)
        knock(page)
        assert "command line" in page.fault
        assert gateway.doors[0].closed

    def test_a_locked_account_says_who_unlocks_it(self, page: SignInPage, gateway: Gateway) -> None:
        gateway.state = replace(MARC, locked=True)
        knock(page)
        assert "admin unlocks" in page.fault
        assert page.step is page.first
        assert gateway.doors[0].closed


class TestCode:
    @pytest.fixture
    def step(self, page: SignInPage) -> CodeStep:
        knock(page)
        assert isinstance(page.step, CodeStep)
        return page.step

    def test_six_digits_send_themselves(
        self, page: SignInPage, step: CodeStep, gateway: Gateway, qtbot: QtBot
    ) -> None:
        assert step.entry.digits.hasFocus()
        with qtbot.waitSignal(page.signed_in) as signed_in:
            QTest.keyClicks(step.entry.digits, CODE)
        assert signed_in.args == ["desk"]
        assert gateway.asked == [("vln-prod", "marc@vln.gg", PASSWORD)]
        assert page.first.password.text() == ""
        assert not gateway.doors[0].closed

    def test_a_pasted_code_may_have_blanks(
        self, page: SignInPage, step: CodeStep, qtbot: QtBot
    ) -> None:
        QGuiApplication.clipboard().setText(" 246 810\n")
        with qtbot.waitSignal(page.signed_in):
            QTest.keyClick(step.entry.digits, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def test_a_wrong_code_stays_to_be_typed_over(
        self, page: SignInPage, step: CodeStep, qtbot: QtBot
    ) -> None:
        QTest.keyClicks(step.entry.digits, "111111")
        assert "clock of your phone" in page.fault
        assert step.entry.digits.hasFocus()
        with qtbot.waitSignal(page.signed_in):
            QTest.keyClicks(step.entry.digits, CODE)

    @pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６"])
    def test_what_is_no_code_is_not_sent(
        self, page: SignInPage, step: CodeStep, typed: str
    ) -> None:
        step.entry.digits.setText(typed)
        QTest.keyClick(step.entry.digits, Qt.Key.Key_Return)
        assert page.fault == "The code has six digits."

    def test_a_recovery_code_does_too(self, page: SignInPage, step: CodeStep, qtbot: QtBot) -> None:
        QTest.keyClick(step.entry._switch, Qt.Key.Key_Space)
        assert step.entry.recovery.hasFocus()
        QTest.keyClick(step.entry.recovery, Qt.Key.Key_Return)
        assert page.fault == "Type one of your recovery codes."
        step.entry.recovery.setText(INVITE)
        with qtbot.waitSignal(page.signed_in):
            QTest.keyClick(step.entry.recovery, Qt.Key.Key_Return)

    def test_back_keeps_what_was_typed_and_closes_the_door(
        self, page: SignInPage, step: CodeStep, gateway: Gateway
    ) -> None:
        QTest.keyClick(step.back, Qt.Key.Key_Space)
        assert page.step is page.first
        assert page.first.password.text() == PASSWORD
        assert gateway.doors[0].closed
        knock(page)
        assert step.isVisible()

    def test_leaving_closes_the_door(
        self, page: SignInPage, step: CodeStep, gateway: Gateway
    ) -> None:
        page.leave()
        page.leave()
        assert gateway.doors[0].closed

    def test_the_window_is_told_which_step_shows(
        self, page: SignInPage, step: CodeStep, qtbot: QtBot
    ) -> None:
        with qtbot.waitSignal(page.titled) as told:
            step.back.click()
        assert told.args == [""]
        with qtbot.waitSignal(page.titled) as told:
            knock(page)
        assert told.args == ["Second factor"]


class TestFirstSignIn:
    @pytest.fixture
    def at_password(self, page: SignInPage, gateway: Gateway) -> NewPasswordStep:
        gateway.state = replace(MARC, password_change=True, enrolled=False)
        knock(page)
        assert isinstance(page.step, NewPasswordStep)
        return page.step

    @pytest.fixture
    def at_enrolment(self, page: SignInPage, at_password: NewPasswordStep) -> EnrolStep:
        self.choose(at_password)
        assert isinstance(page.step, EnrolStep)
        return page.step

    def choose(
        self, step: NewPasswordStep, first: str = NEW_PASSWORD, second: str = NEW_PASSWORD
    ) -> None:
        step.pair.first.setText(first)
        QTest.keyClick(step.pair.first, Qt.Key.Key_Return)
        assert step.pair.second.hasFocus()
        step.pair.second.setText(second)
        QTest.keyClick(step.pair.second, Qt.Key.Key_Return)

    @pytest.mark.parametrize(
        ("first", "second", "field", "words"),
        [
            ("short", "short", "new_password", "at least 12"),
            (NEW_PASSWORD, "another", "again", "not the same"),
            ("marc marc marc", "marc marc marc", "new_password", "easy to guess"),
        ],
    )
    def test_a_poor_password_is_told_beside_its_field(
        self, page: SignInPage, at_password: NewPasswordStep, first: str, second: str, field: str,
        words: str,
    ) -> None:  # fmt: skip
        self.choose(at_password, first, second)
        assert words in at_password.fields[field].fault
        assert page.step is at_password

    def test_what_the_server_has_against_it_is_told_there_too(
        self, page: SignInPage, gateway: Gateway, at_password: NewPasswordStep
    ) -> None:
        text = "The new password is the old one."
        gateway.doors[0].refused = UserError(text, field="new_password")
        self.choose(at_password)
        assert at_password.fields["new_password"].fault == text

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("short", "Too short"),
            ("passwordpassword", "Weak"),
            ("correct horse battery staple", "Strong"),
            ("correct horse battery staple " * 400, "Strong"),
            ("", ""),
        ],
    )
    def test_its_strength_is_said_in_words(
        self, at_password: NewPasswordStep, qtbot: QtBot, password: str, words: str
    ) -> None:
        at_password.pair.first.setText("something else")
        qtbot.waitUntil(lambda: at_password.pair.strength != "")
        at_password.pair.first.setText(password)

        def said() -> bool:
            strength = at_password.pair.strength
            return strength.startswith(words) and bool(strength) is bool(words)

        qtbot.waitUntil(said)

    def test_the_whole_way(
        self, page: SignInPage, gateway: Gateway, at_enrolment: EnrolStep, qtbot: QtBot
    ) -> None:
        assert at_enrolment.invite.hasFocus()
        QTest.keyClicks(at_enrolment.invite, INVITE)
        QTest.keyClick(at_enrolment.invite, Qt.Key.Key_Return)
        enrolment = at_enrolment.enroller.enrolment
        assert enrolment is not None
        assert at_enrolment.enroller.secret.text().replace(" ", "") == enrolment.typed_secret
        QTest.keyClicks(at_enrolment.entry.digits, totp(enrolment.secret, time.time()))

        step = page.step
        assert isinstance(step, RecoveryStep)
        assert all(code in step.codes.text for code in enrolment.recovery_codes)
        assert not step.go.isEnabled()
        QTest.keyClick(step.codes.box, Qt.Key.Key_Space)
        with qtbot.waitSignal(page.signed_in) as signed_in:
            QTest.keyClick(step.go, Qt.Key.Key_Space)
        assert signed_in.args == ["desk"]

    def test_a_wrong_invitation_and_a_wrong_code_stand_beside_their_fields(
        self, page: SignInPage, at_enrolment: EnrolStep
    ) -> None:
        at_enrolment.entry.digits.setText("123456")
        assert "invitation" in at_enrolment.fields["invite"].fault
        assert at_enrolment.invite.hasFocus()
        at_enrolment.invite.setText("AAAA")
        at_enrolment.submit()
        assert "expired" in at_enrolment.fields["invite"].fault
        at_enrolment.invite.setText(INVITE)
        at_enrolment.submit()
        assert "not right" in at_enrolment.entry.fault
        assert at_enrolment.fields["invite"].fault == ""

    def test_back_and_on_again_shows_the_same_secret(
        self, page: SignInPage, gateway: Gateway, at_enrolment: EnrolStep
    ) -> None:
        at_enrolment.invite.setText(INVITE)
        before = at_enrolment.enroller.enrolment
        at_enrolment.back.click()
        gateway.state = replace(MARC, enrolled=False)
        knock(page)
        assert page.step is at_enrolment
        assert at_enrolment.enroller.enrolment == before
        assert at_enrolment.invite.text() == INVITE

    def test_another_person_gets_another_secret(
        self, page: SignInPage, gateway: Gateway, at_enrolment: EnrolStep
    ) -> None:
        before = at_enrolment.enroller.enrolment
        at_enrolment.back.click()
        gateway.state = replace(MARC, enrolled=False)
        page.first.email.setText("ada@vln.gg")
        knock(page)
        step = page.step
        assert isinstance(step, EnrolStep)
        assert step.enroller.enrolment != before
        assert step.invite.text() == ""

    def test_the_qr_code_has_its_quiet_zone_and_whole_modules(
        self, at_enrolment: EnrolStep
    ) -> None:
        qr = at_enrolment.enroller.qr
        image = qr.grab().toImage()
        modules = len(qr._rows) + 2 * QUIET_ZONE
        assert image.width() == image.height()
        assert image.width() % modules == 0
        side = image.width() // modules
        colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in (0, 5, 90)}
        assert colours == {"#000000", "#ffffff"}
        edge = QUIET_ZONE * side
        assert image.pixelColor(edge - 1, edge + 3).name() == "#ffffff"
        assert image.pixelColor(edge, edge + 3).name() == "#000000"


class TestRecoveryCodes:
    @pytest.fixture
    def step(self, theme: Theme, qtbot: QtBot) -> RecoveryStep:
        made = RecoveryStep(InlineTaskRunner(), save_codes, "marc@vln.gg")
        qtbot.addWidget(made)
        made.codes.show_codes(("AAAA-BBBB", "CCCC-DDDD"))
        return made

    def test_the_file_is_for_its_owner_alone(self, step: RecoveryStep, tmp_path: Path) -> None:
        path = tmp_path / "codes.txt"
        step.codes.save_to(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert "AAAA-BBBB" in path.read_text()

    def test_a_file_that_cannot_be_written_is_said(self, step: RecoveryStep) -> None:
        step.codes.save_to(Path("/proc/none/codes.txt"))
        assert "cannot be written" in step.codes._told.text()

    def test_they_are_printed_on_a_page_of_their_own(
        self, step: RecoveryStep, tmp_path: Path
    ) -> None:
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "codes.pdf"))
        step.codes.print_on(printer)
        printed = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / "codes.pdf"), "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert "AAAA-BBBB" in printed
        assert "marc@vln.gg" in printed

    def test_the_clipboard_forgets_them(self, step: RecoveryStep) -> None:
        clipboard = QGuiApplication.clipboard()
        step.codes.copy.click()
        assert "CCCC-DDDD" in clipboard.text()
        step.codes.clear_clipboard()
        assert clipboard.text() == ""
        clipboard.setText("something else")
        step.codes.clear_clipboard()
        assert clipboard.text() == "something else"


class TestMemory:
    def test_it_is_offered_where_there_is_a_keyring(
        self, page: SignInPage, gateway: Gateway, qtbot: QtBot
    ) -> None:
        page.first.profile.setCurrentIndex(1)
        assert page.first.remember.isVisible()
        page.first.remember.setChecked(True)
        knock(page)
        page.step.entry.digits.setText(CODE)  # type: ignore[union-attr]
        assert gateway.remembered == ["desk"]

    def test_without_a_tick_nothing_is_kept(self, page: SignInPage, gateway: Gateway) -> None:
        knock(page)
        page.step.entry.digits.setText(CODE)  # type: ignore[union-attr]
        assert gateway.remembered == []

    def test_without_a_keyring_it_says_why(self, page: SignInPage, gateway: Gateway) -> None:
        gateway.memory = Remembrance(fault="This machine has no keyring.")
        page.first.profile.setCurrentIndex(1)
        assert not page.first.remember.isVisible()
        assert page.first._no_memory.text() == "This machine has no keyring."

    def test_a_remembered_password_needs_only_enter(
        self, page: SignInPage, gateway: Gateway
    ) -> None:
        gateway.memory = Remembrance(kept=True)
        page.first.profile.setCurrentIndex(1)
        assert "Remembered" in page.first.password.placeholderText()
        QTest.keyClick(page.first.password, Qt.Key.Key_Return)
        assert isinstance(page.step, CodeStep)
        assert gateway.asked == [("vln-prod", "marc@vln.gg", "")]

    def test_forget_forgets(self, page: SignInPage, gateway: Gateway) -> None:
        gateway.memory = Remembrance(kept=True)
        page.first.profile.setCurrentIndex(1)
        QTest.keyClick(page.first.forget, Qt.Key.Key_Space)
        assert gateway.forgotten == ["marc@vln.gg"]
        assert page.first.remember.isVisible()
        QTest.keyClick(page.first.password, Qt.Key.Key_Return)
        assert page.fault == "Type your password."

    def test_a_keyring_that_refuses_to_keep_is_a_notice_and_no_obstacle(
        self, page: SignInPage, gateway: Gateway, messages: Messages, qtbot: QtBot
    ) -> None:
        knock(page)
        page.first.remember.setChecked(True)
        gateway.memory = Remembrance(fault="The keyring is locked.")
        notices: list[Notice] = []
        messages.noticed.connect(notices.append)
        with qtbot.waitSignal(page.signed_in):
            page.step.entry.digits.setText(CODE)  # type: ignore[union-attr]
        assert notices[0].text == "The password is not remembered. The keyring is locked."

    def test_nobody_is_asked_about_a_demo(self, page: SignInPage) -> None:
        assert not page.first.remember.isVisible()
