"""The start page: preparing a server, signing in, clear reasons, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vln_desktop.config import Environment, Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import Unavailable, UserError
from vln_desktop.ui.dialogs.sign_in import DemoRow, DemoSignIn, Prepared, SignInPage
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Theme

DEMO = Profile("demo", environment=Environment.DEMO, cluster="demo")
FAR = Profile("vln-prod", url="postgresql://db.vln.gg/vln")


class Gateway:
    """Lets in who types the right password; the server may be away."""

    def __init__(self) -> None:
        self.away = False
        self.meanwhile: Callable[[], None] | None = None
        self.asked: list[tuple[str, str, str]] = []

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        if self.meanwhile is not None:
            self.meanwhile()
        if self.away:
            raise Unavailable("The database did not start: the disk is full.")
        demo = (DemoSignIn("ana@vln.gg", "Ana Petrović", Role.ADMIN),) if profile is DEMO else ()
        return Prepared("" if demo else "marc@vln.gg", demo)

    def sign_in(self, profile: Profile, email: str, password: str, context: TaskContext) -> object:
        self.asked.append((profile.name, email, password))
        if self.away:
            raise Unavailable("The server does not answer.")
        if password not in {"", "right"}:
            raise UserError("The e-mail or the password is not right.", field="password")
        return email


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def page(gateway: Gateway, theme: Theme, qtbot: QtBot) -> SignInPage:
    made = SignInPage([DEMO, FAR], DEMO, gateway, theme, InlineTaskRunner(), Messages())
    qtbot.addWidget(made)
    made.show()
    made.prepare()
    return made


def test_one_click_signs_a_demo_person_in(page: SignInPage, qtbot: QtBot) -> None:
    (row,) = page.findChildren(DemoRow)
    with qtbot.waitSignal(page.signed_in) as signed_in:
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert signed_in.args == ["ana@vln.gg"]


def test_another_profile_has_no_demo_rows_and_offers_who_signed_in_last(page: SignInPage) -> None:
    page.profile.setCurrentIndex(1)
    assert not any(row.isVisible() for row in page.findChildren(DemoRow))
    assert page.email.text() == "marc@vln.gg"


def test_enter_signs_in_with_what_was_typed(
    page: SignInPage, gateway: Gateway, qtbot: QtBot
) -> None:
    page.email.setText("  Marc@VLN.gg ")
    page.password.setText("right")
    with qtbot.waitSignal(page.signed_in):
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert gateway.asked == [("demo", "marc@vln.gg", "right")]
    assert page.password.text() == ""


def test_a_wrong_password_is_told_beside_the_field_and_nothing_is_lost(page: SignInPage) -> None:
    page.email.setText("marc@vln.gg")
    page.password.setText("wrong")
    page.sign_in()
    assert page.fault == "The e-mail or the password is not right."
    assert page.password.property("invalid") is True
    assert page.email.text() == "marc@vln.gg"
    assert page.enter.isEnabled()


@pytest.mark.parametrize(("email", "field"), [("", "email"), ("marc@vln.gg", "password")])
def test_an_empty_field_is_asked_for_without_asking_the_server(
    page: SignInPage, gateway: Gateway, email: str, field: str
) -> None:
    page.email.setText(email)
    page.sign_in()
    assert getattr(page, field).property("invalid") is True
    assert gateway.asked == []


def test_one_types_while_the_server_starts_and_nothing_is_lost(
    page: SignInPage, gateway: Gateway
) -> None:
    def type_and_press_return() -> None:
        QTest.keyClicks(page.email, "ada@vln.gg")
        QTest.keyClicks(page.password, "right")
        QTest.keyClick(page.password, Qt.Key.Key_Return)

    gateway.meanwhile = type_and_press_return
    page.profile.setCurrentIndex(1)
    assert gateway.asked == []
    assert (page.email.text(), page.password.text()) == ("ada@vln.gg", "right")


def test_a_server_that_is_away_is_told_and_tried_again(
    page: SignInPage, gateway: Gateway, qtbot: QtBot
) -> None:
    gateway.away = True
    page.prepare()
    assert "the disk is full" in page.fault
    assert not page.enter.isEnabled()
    gateway.away = False
    page.retry.click()
    assert page.fault == ""
    assert page.enter.isEnabled()
