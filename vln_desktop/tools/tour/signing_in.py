"""The tour's way through the sign-in: every step, the cover, the code asked again, the account."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtWidgets import QWidget
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from vln_desktop.db.engine import owner_engine
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import STEP_S, invite_hash, new_invite, new_password, totp
from vln_desktop.errors import UserError
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.dialogs.account import AccountPanel
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.session.cover import Cover, Reason
from vln_desktop.ui.sign_in.page import SignInPage
from vln_desktop.ui.sign_in.steps import CodeStep, EnrolStep, NewPasswordStep, RecoveryStep
from vln_desktop.ui.workbench import Confirmation

W = TypeVar("W", bound=QWidget)

_NAME, _EMAIL = "Nina Neumann", "nina.neumann@vln.demo"
_CHOSEN = "seven quiet herons by the mill"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who was invited and never signed in."""

    email: str
    password: str
    invite: str


def invite_newcomer(owner_url: str) -> Newcomer:
    """Let the demo's owner make an account, as an admin does."""
    newcomer = Newcomer(_EMAIL, new_password(), new_invite())
    made = func.vln.create_staff(
        uuid7(), newcomer.email, _NAME, _NAME.lower(), Role.AUDITOR.value, newcomer.password,
        invite_hash(newcomer.invite),
    )  # fmt: skip
    with owner_engine(owner_url).begin() as connection:
        connection.execute(select(made))
    return newcomer


def walk_sign_in(stage: Stage, tour: Tour, newcomer: Newcomer) -> None:
    """Sign in for the first time and again, with a picture of each step."""
    _knock(stage, newcomer.email, newcomer.password)
    password = _step(stage, NewPasswordStep)
    password.pair.first.setText(_CHOSEN)
    password.pair.second.setText(_CHOSEN)
    stage.wait(lambda: bool(password.pair.strength), "the strength of a password")
    _picture(stage, tour, "sign-in-new-password")
    password.submit()
    enrol = _step(stage, EnrolStep)
    _picture(stage, tour, "sign-in-enrolment")
    enrolment = enrol.enroller.enrolment
    if enrolment is None:
        raise RuntimeError("the step shows no second factor")
    enrol.invite.setText(newcomer.invite)
    enrol.entry.digits.setText(totp(enrolment.secret, time.time()))
    recovery = _step(stage, RecoveryStep)
    _picture(stage, tour, "sign-in-recovery-codes")
    recovery.codes.box.click()
    recovery.go.click()
    stage.wait(lambda: stage.program.window.shell is not None, "the newcomer's window")
    stage.light_up()
    stage.sign_out()
    _again(stage, tour, newcomer.email, totp(enrolment.secret, time.time() + STEP_S))
    _inside(stage, tour)
    stage.sign_out()


def _again(stage: Stage, tour: Tour, email: str, code: str) -> None:
    _knock(stage, email, _CHOSEN)
    step = _step(stage, CodeStep)
    _picture(stage, tour, "sign-in-code")
    step.entry.digits.setText("000000" if code != "000000" else "111111")
    stage.wait(lambda: bool(step.entry.fault), "the refusal of a wrong code")
    _picture(stage, tour, "sign-in-wrong-code")
    step.entry.digits.setText(code)
    stage.wait(lambda: stage.program.window.shell is not None, "the window once more")
    stage.light_up()
    stage.rest()


def _inside(stage: Stage, tour: Tour) -> None:
    """What guards a window, and one's own account."""
    theme = stage.program.theme
    for reason in Reason:
        cover = Cover(_NAME, theme)
        cover.resize(stage.frame.size())
        cover.show_reason(reason, 0)
        with tour.making(f"cover-{reason.name.lower()}.png") as path:
            cover.show()
            stage.picture(path, cover)
        cover.close()
    bench = stage.shell.workbench
    bench.confirming.emit(Confirmation(stage.shell, _nothing, _nothing))
    confirm = stage.frame.findChildren(ConfirmCodePanel)[-1]
    _picture(stage, tour, "confirm-code")
    confirm.close_panel()
    stage.shell.account_asked.emit()
    account = stage.frame.findChildren(AccountPanel)[-1]
    for at in range(account.tabs.count()):
        account.tabs.setCurrentIndex(at)
        _picture(stage, tour, f"account-{account.tabs.tabText(at).replace(' ', '-').lower()}")
    account.tabs.setCurrentWidget(account.factor)
    account.factor.move_phone.click()
    _picture(stage, tour, "account-another-phone")
    account.factor.stop.click()
    account.factor.renew.click()
    stage.wait(account.factor.codes.isVisible, "new recovery codes")
    _picture(stage, tour, "account-recovery-codes")
    account.factor.codes.box.click()
    account.close_panel()


def _nothing() -> None:
    """Leave the act of the picture undone."""


def _knock(stage: Stage, email: str, password: str) -> None:
    stage.wait(lambda: _page(stage).ready, "the start page")
    first = _page(stage).first
    first.email.setText(email)
    first.password.setText(password)
    first.submit()


def _page(stage: Stage) -> SignInPage:
    page = stage.program.page
    if page is None:
        raise UserError("Somebody is signed in already.")
    return page


def _step(stage: Stage, kind: type[W]) -> W:
    stage.wait(lambda: isinstance(_page(stage).step, kind), f"the step {kind.__name__}")
    step = _page(stage).step
    if not isinstance(step, kind):
        raise TypeError(f"the step is no {kind.__name__}")
    return step


def _picture(stage: Stage, tour: Tour, name: str) -> None:
    with tour.making(f"{name}.png") as path:
        stage.picture(path)
