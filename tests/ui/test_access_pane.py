"""The access pane over a real database: asking, deciding with a code, reading, reviews, leaving."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.db.refusal import ask, run
from tests.firm import TOTP_SECRET, Firm
from vln_desktop.domain.access import RequestKind, RequestStatus, wish_for_role, wish_to_read
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import totp
from vln_desktop.services.access import AccessService
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.dialogs.access_forms import (
    BreakGlassPanel,
    DecideReviewPanel,
    ReviewUsePanel,
    StartReviewPanel,
)
from vln_desktop.ui.dialogs.access_request import RequestAccessPanel
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.dialogs.handout import HandoutPanel
from vln_desktop.ui.dialogs.offboard import OffboardPanel
from vln_desktop.ui.dialogs.read_on_request import ReadOnRequestPanel
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.panes.access import access_commands, access_pane
from vln_desktop.ui.panes.leavers import LeaversPage
from vln_desktop.ui.panes.pages import PagesPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Confirmation, Workbench

WHY = "The client asked us a question."
W = TypeVar("W", bound=QWidget)


class Place:
    """One person's access pane; work is done at once."""

    def __init__(
        self,
        firm: Firm,
        login: str,
        theme: Theme,
        folder: Path,
        window: QWidget,
        qtbot: QtBot,
    ) -> None:
        self.firm, self.window, self.qtbot = firm, window, qtbot
        self.desk: Desk = open_desk(firm.sign_in(login))
        self.notices: list[Notice] = []
        messages = Messages(window)
        messages.noticed.connect(self.notices.append)
        self.bench = Workbench(
            self.desk.person, theme, InlineTaskRunner(window), messages,
            Preferences(folder / login, window), window,
        )  # fmt: skip
        self.bench.commands.add(access_commands(self.desk, self.bench, window), window, window=True)
        pane = access_pane(self.desk).factory(self.bench, window)
        assert isinstance(pane, PagesPane)
        pane.equip()
        self.bench.changed.connect(pane.reload)
        self.bench.confirming.connect(self.ask_for_code)
        pane.resize(1280, 800)
        pane.show()
        self.pane = pane

    def ask_for_code(self, confirmation: Confirmation) -> None:
        """Ask as the window's guard does."""
        confirm = self.desk.database.confirm
        ConfirmCodePanel(self.bench, confirm, confirmation, self.window).open()

    def run(self, command: str) -> None:
        action = self.bench.commands.action(command)
        assert action is not None
        action.refresh()
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    def tip(self, command: str) -> str:
        action = self.bench.commands.action(command)
        assert action is not None
        action.refresh()
        assert not action.isEnabled()
        return action.toolTip()

    def panel(self, kind: type[W]) -> W:
        """Return the panel of a kind that is open now."""
        (found,) = [one for one in self.window.findChildren(kind) if one.isVisible()]
        return found

    def show(self, id_: UUID, page: int = 0) -> None:
        self.pane.tabs.setCurrentIndex(page)
        shown = self.pane.pages[page]
        self.qtbot.waitUntil(lambda: shown.model.count.exact and shown.model.rowCount() > 0)
        shown.show_record(id_)
        self.qtbot.waitUntil(lambda: shown.selected == (id_,))
        self.qtbot.waitUntil(shown.detail.tabs.isVisible)
        shown.with_detail(self.bench.commands.refresh)


Open = Callable[[str], Place]


@pytest.fixture
def place(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    window = QWidget()
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    opened: list[Place] = []

    def make(login: str) -> Place:
        opened.append(Place(firm, login, theme, tmp_path, window, qtbot))
        return opened[-1]

    yield make
    for one in opened:
        one.desk.close()


def number(firm: Firm) -> str:
    found = ask(firm.owner, "SELECT number FROM vln.audit_requests WHERE id = %s",
                firm.a.id("audit_requests"))  # fmt: skip
    assert isinstance(found, str)
    return found


def role_request(firm: Firm, login: str) -> UUID:
    service = AccessService(firm.sign_in(login))
    (request,) = service.ask(wish_for_role(firm.people[login].id, Role.FINANCE), WHY).ids
    return request


def test_an_auditor_asks_to_read_and_takes_it_back(place: Open, firm: Firm) -> None:
    here = place("auditor.b")
    assert len(here.pane.pages) == 1
    here.run("access.request")
    form = here.panel(RequestAccessPanel)
    form.send()
    assert form.fields["audit"].fault
    form.audit.setText(f" {number(firm).lower()} ")
    form.until.setText("tomorrow")
    form.send()
    assert "no day" in form.fields["valid_until"].fault
    form.until.set_day(datetime.now().astimezone().date() + timedelta(days=7))
    form.send()
    assert form.fields["reason"].fault
    form.reason.setPlainText(WHY)
    form.send()
    assert not form.isVisible()

    request = ask(firm.owner, "SELECT id FROM vln.access_requests WHERE requester_id = %s"
                  " AND kind = 'read_findings'", firm.people["auditor.b"].id)  # fmt: skip
    here.show(request)
    here.run("access_requests.withdraw")
    assert here.desk.access.get(request).status is RequestStatus.WITHDRAWN
    assert "decided already" in here.tip("access_requests.withdraw")


def test_the_kind_decides_which_fields_there_are(place: Open) -> None:
    here = place("readonly")
    here.run("access.request")
    form = here.panel(RequestAccessPanel)
    kinds = [form.kind.itemData(at) for at in range(form.kind.count())]
    assert RequestKind.READ_FINDINGS not in kinds
    form.kind.setCurrentIndex(form.kind.findData(RequestKind.CREATE))
    shown = {key for key, field in form.fields.items() if field.isVisible()}
    assert shown == {"kind", "email", "name", "role", "valid_until", "reason"}


def test_an_admin_approves_with_a_fresh_code(place: Open, firm: Firm) -> None:
    login = firm.hire(Role.READONLY)
    request = role_request(firm, login)
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")
    here = place("admin")
    here.show(request)
    here.run("access_requests.approve")
    here.panel(ConfirmPanel).yes.click()

    code = here.panel(ConfirmCodePanel)
    code.entry.digits.setText("000000")
    assert "not right" in code.entry.fault
    code.entry.digits.setText(totp(TOTP_SECRET, time.time()))

    assert here.desk.access.get(request).status is RequestStatus.APPROVED
    assert "approved already" in here.tip("access_requests.approve")


def test_whoever_gives_up_the_code_has_done_nothing(place: Open, firm: Firm) -> None:
    request = role_request(firm, "auditor.n")
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")
    here = place("admin")
    here.show(request)
    here.run("access_requests.approve")
    here.panel(ConfirmPanel).yes.click()
    here.panel(ConfirmCodePanel).close_panel()
    assert here.desk.access.get(request).open
    assert "asks for the code" in here.notices[-1].text


def test_a_refusal_asks_why(place: Open, firm: Firm) -> None:
    request = role_request(firm, "auditor.n")
    here = place("admin")
    here.show(request)
    here.run("access_requests.refuse")
    question = here.panel(ConfirmPanel)
    assert not question.yes.isEnabled()
    question.reason.setPlainText("Not this year.")
    question.yes.click()
    assert here.desk.access.get(request).remark == "Not this year."


def test_a_new_login_is_shown_once(place: Open, firm: Firm) -> None:
    asker = place("manager.a")
    asker.run("access.request")
    form = asker.panel(RequestAccessPanel)
    form.kind.setCurrentIndex(form.kind.findData(RequestKind.CREATE))
    email = f"new.{time.monotonic_ns()}@test.vln.gg"
    form.email.setText(email)
    form.name.setText("Nora Ek")
    form.reason.setPlainText(WHY)
    form.send()
    request = ask(firm.owner, "SELECT id FROM vln.access_requests WHERE kind = 'create'")
    assert "asked for" in shown_tip(asker, request)

    here = place("admin")
    here.show(request)
    here.run("access_requests.approve")
    here.panel(ConfirmPanel).yes.click()
    assert dict(here.panel(HandOverPanel).secrets())["E-mail"] == email


def shown_tip(here: Place, request: UUID) -> str:
    here.show(request)
    return here.tip("access_requests.approve")


def test_a_broken_glass_is_read_and_reviewed(place: Open, firm: Firm) -> None:
    here = place("manager.b")
    here.run("access.break_glass")
    form = here.panel(BreakGlassPanel)
    form.audit.setText(number(firm))
    form.reason.setPlainText("urgent")
    form.send()
    assert "20 characters" in form.fields["reason"].fault
    form.reason.setPlainText("Money of the client is moving at this moment.")
    form.send()

    reading = here.panel(ReadOnRequestPanel)
    assert number(firm) in reading.audits.currentText()
    assert "vault.zip" in reading.text.toPlainText()
    reading.findings.setCurrentRow(0)
    assert "The confidential text of half a." in reading.text.toPlainText()
    reading.close_panel()
    use = ask(firm.owner, "SELECT id FROM vln.break_glass_uses WHERE user_id = %s",
              firm.people["manager.b"].id)  # fmt: skip
    here.show(use, 2)
    assert "Somebody else" in here.tip("break_glass.review")

    other = place("manager.a")
    other.show(use, 2)
    other.run("break_glass.review")
    review = other.panel(ReviewUsePanel)
    review.send()
    assert review.fields["remark"].fault
    review.remark.setPlainText("It was urgent.")
    review.send()
    assert other.desk.access.use(use).remark == "It was urgent."


def test_without_leave_there_is_nothing_to_read(place: Open) -> None:
    here = place("finance")
    here.run("access.read")
    panel = here.panel(ReadOnRequestPanel)
    assert "ask for it first" in panel.told.text()
    assert not panel.findings.isVisible()


def test_leave_that_ends_while_one_reads(place: Open, firm: Firm) -> None:
    now = datetime.now(UTC)
    wish = wish_to_read(firm.people["auditor.b"].id, number(firm), now + timedelta(days=1), now)
    (request,) = AccessService(firm.sign_in("auditor.b")).ask(wish, WHY).ids
    AccessService(firm.sign_in("manager.a")).approve(request)
    here = place("auditor.b")
    here.run("access.read")
    panel = here.panel(ReadOnRequestPanel)
    run(firm.owner, "ALTER TABLE vln.access_requests DISABLE TRIGGER b_keep")
    run(firm.owner, "UPDATE vln.access_requests SET valid_until = now() WHERE id = %s", request)
    panel.findings.setCurrentRow(0)
    assert "no leave" in panel.told.text()
    assert panel.text.toPlainText().strip() == ""


def test_a_review_is_started_and_decided(place: Open, firm: Firm) -> None:
    run(firm.owner, "UPDATE vln.access_review_items SET decision = 'keep', decided_at = now(),"
        " reviewer_id = %s", firm.people["manager.n"].id)  # fmt: skip
    run(firm.owner, "UPDATE vln.access_reviews SET status = 'finished', finished_at = now()")
    here = place("admin")
    here.pane.tabs.setCurrentIndex(1)
    here.run("access_reviews.start")
    form = here.panel(StartReviewPanel)
    form.due.setText("")
    form.send()
    assert form.fields["due_on"].fault
    form.due.set_day(datetime.now(UTC).date())
    form.send()
    assert "0 of 10 decided" in here.pane.pages[1].progress.text()  # type: ignore[attr-defined]
    assert "not decided yet" in here.tip("access_reviews.finish")

    item = ask(firm.owner, "SELECT i.id FROM vln.access_review_items i JOIN vln.access_reviews r"
               " ON r.id = i.review_id WHERE r.status = 'open' AND person_id = %s",
               firm.people["auditor.n"].id)  # fmt: skip
    here.show(item, 1)
    here.run("access_reviews.decide")
    panel = here.panel(DecideReviewPanel)
    panel.decision.setCurrentIndex(1)
    panel.send()
    assert panel.fields["remark"].fault
    panel.remark.setPlainText("Becomes a manager.")
    panel.send()
    wanted = here.panel(RequestAccessPanel)
    assert wanted.person.person == firm.people["auditor.n"].id
    assert wanted.chosen is RequestKind.ROLE


def test_somebody_leaves(place: Open, firm: Firm) -> None:
    login = firm.hire(Role.AUDITOR)
    run(firm.owner, "INSERT INTO vln.audit_assignments (id, audit_id, user_id, duty)"
        " VALUES (gen_random_uuid(), %s, %s, 'lead')", firm.a.id("audit_requests"),
        firm.people[login].id)  # fmt: skip
    here = place("admin")
    here.run("access.offboard")
    form = here.panel(OffboardPanel)
    form.person.setCurrentIndex(-1)
    form.send()
    assert form.fields["person"].fault
    form.person.choose(firm.people[login].id)
    form.successor.choose(firm.people["auditor.a"].id)
    form.look()
    form.preview.selectAll()
    assert f"The lead of {number(firm)}" in form.preview.selected_text()
    form.reason.setPlainText("The contract ends.")
    form.send()

    checklist = here.panel(HandoutPanel).text.toPlainText()
    assert f"[handed over] The lead of {number(firm)}" in checklist
    assert "[to do] Rotate" in checklist
    assert not ask(firm.owner, "SELECT active FROM vln.users WHERE id = %s",
                   firm.people[login].id)  # fmt: skip
    here.panel(HandoutPanel).close_panel()

    left = ask(firm.owner, "SELECT id FROM vln.offboardings WHERE person_id = %s",
               firm.people[login].id)  # fmt: skip
    here.show(left, 3)
    page = here.pane.pages[3]
    assert isinstance(page, LeaversPage)
    page.list.selectRow(0)
    assert "done already" in here.tip("offboardings.tick")
    page.list.selectRow(page.list.rowCount() - 1)
    here.run("offboardings.tick")
    question = here.panel(ConfirmPanel)
    question.reason.setPlainText("Laptop and badge are back.")
    question.yes.click()
    assert "Laptop and badge are back." in ask(
        firm.owner, "SELECT string_agg(remark, '') FROM vln.offboarding_items"
        " WHERE offboarding_id = %s", left)  # fmt: skip
