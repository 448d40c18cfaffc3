"""What a colleague saves appears by itself; selection and what is typed stay as they are."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.factories import new
from tests.firm import Firm
from vln_desktop.config import Profile
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.services.desk import open_desk
from vln_desktop.services.findings import FindingsService
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workspace import make_shell


def test_a_colleagues_change_appears_and_nothing_moves(
    firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    half = firm.half_of("a", "auditor.a")
    findings = [new(firm.owner, "findings", half, severity="high")["id"] for _ in range(3)]
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    tasks, messages = TaskRunner(window), Messages(window)
    desk = open_desk(firm.sign_in("auditor.a"))
    shell = make_shell(
        desk, Profile("test"), theme, tasks, messages, Preferences(tmp_path, window), window
    )
    shell.resize(1280, 800)
    shell.show()
    shell.open_pane("findings")
    pane = shell.pane("findings")
    assert isinstance(pane, FindingsPane)
    qtbot.waitUntil(lambda: pane.model.rowCount() >= 3)
    pane.grid.go_to(findings[1])
    qtbot.waitUntil(lambda: pane.selected == (findings[1],))
    pane.discussion.text.setPlainText("half a thought")
    heard: list[Changes] = []
    shell.workbench.others_changed.connect(heard.append)
    colleague = FindingsService(firm.sign_in("manager.a"))

    def shown() -> bool:
        colleague.triage([findings[1]], TriageField.SEVERITY, Severity.CRITICAL.value)
        rows = pane.grid.selected_rows()
        return bool(rows) and pane.model.value(rows[0], "severity") == "critical"

    qtbot.waitUntil(shown)

    assert pane.selected == (findings[1],)
    assert pane.discussion.text.toPlainText() == "half a thought"
    qtbot.waitUntil(lambda: any(findings[1] in one.ids for one in heard))
    assert tasks.shutdown()
    desk.close()


def test_a_standing_task_tells_its_news_and_ends_with_its_owner(qtbot: QtBot) -> None:
    runner, owner, news = TaskRunner(), QWidget(), list[object]()
    qtbot.addWidget(owner)

    def work(context: TaskContext) -> None:
        context.tell(1)
        while not context.cancelled:
            context.tell(uuid4())

    def failed(error: Exception) -> None:
        raise error

    task = runner.stand(owner, work, news.append, failed)
    qtbot.waitUntil(lambda: len(news) > 2)
    assert news[0] == 1
    assert not runner.busy

    task.cancel()
    told = len(news)

    assert runner.shutdown()
    assert len(news) == told
