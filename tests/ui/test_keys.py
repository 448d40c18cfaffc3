"""Encryption in the window: secret comments, credentials, and the dialog of the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.db.refusal import ask, run
from tests.firm import Firm
from tests.services.keys import Drawer, clear_keys, let_in, set_up, sign_in
from vln_desktop.domain.audits import CredentialDraft
from vln_desktop.domain.keys import MyKey
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.clipboard import CopiedSecret
from vln_desktop.ui.dialogs.add_credential import AddCredentialPanel
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.keys import KeysPanel
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.dialogs.recovery_key import NewRecoveryPanel, TypeRecoveryPanel
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench
from vln_desktop.ui.workspace import keys_command, pane_specs

T = TypeVar("T", bound=Overlay)
STAGING = CredentialDraft("Staging host", "vln", "s3cret-of-the-client", "")


class Window:
    """One person's window at a machine with a drawer for their private key."""

    def __init__(self, firm: Firm, login: str, drawer: Drawer, theme: Theme, folder: Path) -> None:
        self.widget = QWidget()
        self.widget.resize(1280, 800)
        self.desk: Desk = open_desk(firm.sign_in(login), private_keys=drawer)
        self.notices: list[Notice] = []
        messages = Messages(self.widget)
        messages.noticed.connect(self.notices.append)
        self.workbench = Workbench(
            self.desk.person, theme, InlineTaskRunner(self.widget), messages,
            Preferences(folder / login, self.widget), self.widget,
        )  # fmt: skip
        command = keys_command(self.workbench, self.desk, self.widget)
        self.workbench.commands.add([command], self.widget, window=True)
        self.widget.show()

    def pane(self, name: str, qtbot: QtBot) -> GridPane[object]:
        spec = next(spec for spec in pane_specs(self.desk) if spec.id == name)
        pane = spec.factory(self.workbench, self.widget)
        assert isinstance(pane, GridPane)
        self.workbench.commands.add(pane.commands(), pane)
        pane.equip()
        pane.resize(1280, 800)
        pane.show()
        self.workbench.changed.connect(lambda _changes: pane.reload())
        qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
        pane.grid.go_to_row(0)
        qtbot.waitUntil(pane.detail.tabs.isVisible)
        return pane

    def run(self, command: str) -> None:
        action = self.workbench.commands.action(command)
        assert action is not None
        action.refresh()
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    def panel(self, kind: type[T]) -> T:
        """Return the newest open panel of a kind."""
        return next(p for p in reversed(self.widget.findChildren(kind)) if p.isVisible())

    @property
    def told(self) -> list[str]:
        return [notice.text for notice in self.notices]


Open = Callable[[str, Drawer], Window]


@pytest.fixture
def window(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    opened: list[Window] = []

    def make(login: str, drawer: Drawer) -> Window:
        opened.append(Window(firm, login, drawer, theme, tmp_path))
        qtbot.addWidget(opened[-1].widget)
        return opened[-1]

    yield make
    for one in opened:
        one.desk.close()


def texts(pane: QWidget) -> str:
    return "\n".join(str(label.property("text")) for label in pane.findChildren(QWidget))


def test_a_secret_comment_is_written_and_read(firm: Firm, window: Open, qtbot: QtBot) -> None:
    founder, _paper = set_up(firm)
    pane = window("manager.a", founder.drawer).pane("findings", qtbot)
    assert isinstance(pane, FindingsPane)

    pane.discussion.text.setPlainText("the key is in the glove box")
    pane.discussion.secret.setChecked(True)
    pane.discussion.send()

    assert pane.discussion.text.toPlainText() == ""
    assert not pane.discussion.secret.isChecked()
    qtbot.waitUntil(lambda: "the key is in the glove box" in texts(pane.discussion))
    assert (
        ask(firm.owner, "SELECT count(*) FROM vln.finding_comments WHERE body LIKE '%glove%'") == 0
    )


def test_a_locked_comment_says_why_and_what_was_typed_stays(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    founder, _paper = set_up(firm)
    founder.findings.comment(firm.a.id("findings"), "hidden from you", secret=True)
    desk = window("auditor.a", Drawer())
    pane = desk.pane("findings", qtbot)
    assert isinstance(pane, FindingsPane)

    assert "Locked. No private key of yours is on this machine" in texts(pane.discussion)
    assert "hidden from you" not in texts(pane.discussion)
    pane.discussion.text.setPlainText("typed with care")
    pane.discussion.secret.setChecked(True)
    pane.discussion.send()

    assert "No private key" in desk.told[-1]
    assert pane.discussion.text.toPlainText() == "typed with care"


def copy_and_wait(desk: Window) -> None:
    """Copy the selected secret and let its half minute pass."""
    desk.run("audits.copy_secret")
    assert QGuiApplication.clipboard().text() == "s3cret-of-the-client"
    application = QGuiApplication.instance()
    assert application is not None
    copied = application.findChildren(CopiedSecret)[-1]
    assert copied.timer.isActive()
    copied.timer.timeout.emit()
    assert QGuiApplication.clipboard().text() == ""


def test_a_credential_is_added_shown_copied_and_deleted(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    founder, _paper = set_up(firm)
    desk = window("manager.a", founder.drawer)
    pane = desk.pane("audits", qtbot)
    assert isinstance(pane, AuditsPane)
    tab = pane.credentials
    pane.detail.tabs.setCurrentWidget(tab)

    desk.run("audits.add_credential")
    form = desk.panel(AddCredentialPanel)
    form.send()
    assert form.fields["label"].fault != ""
    form.label.setText("Staging host")
    form.secret.setPlainText("s3cret-of-the-client")
    form.send()
    qtbot.waitUntil(lambda: tab.table.rowCount() == 1)
    assert "s3cret-of-the-client" not in texts(tab)

    tab.table.selectRow(0)
    desk.run("audits.reveal")
    assert tab.shown.toPlainText() == "s3cret-of-the-client"
    qtbot.waitUntil(lambda: "Manager A" in tab.table.selected_text())
    assert tab.shown.toPlainText() == "s3cret-of-the-client"  # the list was read again meanwhile
    assert tab.timer.isActive()
    tab.timer.timeout.emit()
    assert (tab.shown.toPlainText(), tab.shown.isVisible()) == ("", False)

    copy_and_wait(desk)
    noted = "SELECT count(*) FROM vln.credential_reveals WHERE user_id = %s"
    assert ask(firm.owner, noted, firm.people["manager.a"].id) == 2

    desk.run("audits.delete_credential")
    desk.panel(ConfirmPanel).yes.click()
    qtbot.waitUntil(lambda: tab.table.rowCount() == 0)


def test_a_shown_secret_goes_with_the_selection(firm: Firm, window: Open, qtbot: QtBot) -> None:
    founder, _paper = set_up(firm)
    audit = firm.a.id("audit_requests")
    for _ in range(2):
        founder.credentials.add(audit, STAGING)
    desk = window("manager.a", founder.drawer)
    pane = desk.pane("audits", qtbot)
    assert isinstance(pane, AuditsPane)
    tab = pane.credentials
    pane.detail.tabs.setCurrentWidget(tab)
    tab.table.selectRow(0)
    desk.run("audits.reveal")
    assert tab.shown.toPlainText() == "s3cret-of-the-client"

    tab.table.selectRow(1)

    assert tab.shown.toPlainText() == ""


@pytest.mark.parametrize("login", ["finance", "admin", "readonly"])
def test_roles_without_texts_have_no_credentials_tab(
    firm: Firm, window: Open, qtbot: QtBot, login: str
) -> None:
    desk = window(login, Drawer())
    pane = desk.pane("audits", qtbot)
    assert isinstance(pane, AuditsPane)

    assert pane.detail.tabs.indexOf(pane.credentials) == -1
    assert desk.workbench.commands.action("audits.reveal") is None


@pytest.mark.usefixtures("qapp")
def test_what_somebody_copied_since_stays_on_the_clipboard() -> None:
    copied = CopiedSecret("secret")
    QGuiApplication.clipboard().setText("something else")
    copied.clear()

    assert QGuiApplication.clipboard().text() == "something else"


def test_a_rotation_goes_on_when_its_panel_is_closed(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    founder, _paper = set_up(firm)
    desk = window("manager.a", founder.drawer)
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(panel.rotate.isVisible)
    rotate = panel._rotated

    panel.close_panel()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(panel)
    rotate(founder.keys.rotate())

    assert desk.told[-1] == "Key 2 is in use; 0 values were encrypted anew."


def test_set_up_asks_for_the_end_of_the_recovery_key(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    clear_keys(firm)
    desk = window("admin", Drawer())
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(lambda: panel.status is not None)

    panel.set_up.click()
    shown = desk.panel(NewRecoveryPanel)
    shown.typed.setText("AAAA BBBB")
    shown.send()
    assert shown.fields["recovery"].fault == "That is not how it ends."
    assert ask(firm.owner, "SELECT count(*) FROM vln.data_keys") == 0
    groups = shown._recovery.split("-")
    shown.typed.setText(f"{groups[-2]} {groups[-1].lower()}")
    shown.send()

    qtbot.waitUntil(lambda: panel.status is not None and panel.status.mine is MyKey.HOLDER)
    assert panel.rotate.isVisible()
    assert not panel.set_up.isVisible()


def test_somebody_is_let_in_after_the_fingerprint_was_compared(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    founder, _paper = set_up(firm)
    newcomer = sign_in(firm, "auditor.a")
    newcomer.keys.publish()
    desk = window("manager.a", founder.drawer)
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(lambda: panel.chosen is not None)

    panel.let_in.click()
    question = desk.panel(ConfirmPanel)
    assert newcomer.status.fingerprint in texts(question)
    question.yes.click()

    qtbot.waitUntil(lambda: newcomer.stands() is MyKey.HOLDER)
    assert "Auditor A holds the team's key now." in desk.told


def test_a_rotation_from_the_window(firm: Firm, window: Open, qtbot: QtBot) -> None:
    founder, _paper = set_up(firm)
    let_in(firm, founder, "auditor.a")
    run(firm.owner, "UPDATE vln.users SET active = false WHERE id = %s",
        firm.people["auditor.a"].id)  # fmt: skip
    desk = window("manager.a", founder.drawer)
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(panel.rotate.isVisible)

    panel.rotate.click()
    desk.panel(ConfirmPanel).yes.click()

    qtbot.waitUntil(lambda: "Auditor A did not get the new key." in desk.told)
    current = panel.status.current if panel.status is not None else None
    assert current is not None
    assert current.key_id == 2


def test_the_paper_opens_everything_for_a_new_machine(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    _founder, paper = set_up(firm)
    desk = window("admin", Drawer())
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(panel.recover.isVisible)

    panel.recover.click()
    form = desk.panel(TypeRecoveryPanel)
    form.typed.setText(paper[:-1])
    form.send()
    assert "one is wrong" in form.fields["recovery"].fault
    form.typed.setText(paper)
    form.send()

    qtbot.waitUntil(lambda: panel.status is not None and panel.status.mine is MyKey.HOLDER)


def test_an_auditor_publishes_and_is_offered_no_more(
    firm: Firm, window: Open, qtbot: QtBot
) -> None:
    set_up(firm)
    desk = window("auditor.a", Drawer())
    desk.run("session.keys")
    panel = desk.panel(KeysPanel)
    qtbot.waitUntil(panel.publish.isVisible)

    panel.publish.click()

    qtbot.waitUntil(lambda: panel.status is not None and panel.status.mine is MyKey.WAITING)
    for hidden in (panel.set_up, panel.let_in, panel.rotate, panel.renew, panel.recover):
        assert not hidden.isVisible()
