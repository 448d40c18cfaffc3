"""Who else has a finding open is shown in the panel and in the form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Open, benches, select_first
from vln_desktop.services.presence import PresenceService
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.presence import PresenceWatch
from vln_desktop.ui.tasks import TaskRunner
from vln_desktop.ui.theme import Theme


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    firm.owner.execute("DELETE FROM vln.open_findings")
    with benches(firm, theme, tmp_path, qtbot) as make:
        yield make


def test_a_colleague_in_the_form_is_shown_and_gone_after_it(
    bench: Open, qtbot: QtBot, firm: Firm
) -> None:
    mine, theirs = bench("auditor.a"), bench("manager.a")
    pane, other = mine.open("findings"), theirs.open("findings")
    assert isinstance(pane, FindingsPane)
    assert isinstance(other, FindingsPane)
    for one in (pane, other):
        select_first(one, qtbot)
    theirs.run("findings.edit")
    editor = theirs.window.findChildren(FindingEditor)[-1]
    editor.presence.look()
    pane.presence.look()
    name = mine.desk.directory.name_of(firm.people["manager.a"].id)
    assert pane.present.text() == f"Also open at: {name} (editing)"
    editor.presence.look()
    me = theirs.desk.directory.name_of(firm.people["auditor.a"].id)
    assert editor.present.text() == f"Also open at: {me}"

    editor.close()
    pane.presence.look()
    assert pane.present.text() == ""
    pane.hide()
    other.presence.look()
    assert other.present.text() == ""


def test_an_answer_about_the_finding_before_is_not_shown_beside_the_next(
    firm: Firm, qtbot: QtBot
) -> None:
    audit, finding = firm.a.id("audit_requests"), firm.a.id("findings")
    PresenceService(firm.sign_in("manager.a")).look(audit, finding, editing=True)
    runner, owner, told = TaskRunner(), QWidget(), list[object]()
    qtbot.addWidget(owner)
    service = PresenceService(firm.sign_in("auditor.a"))
    watch = PresenceWatch(service, runner, owner, editing=False)
    watch.follow(audit, finding)
    watch.others.connect(told.append)
    watch.look()

    watch.follow(audit, uuid4())

    qtbot.waitUntil(lambda: not runner.busy)
    assert told == [()]
    assert runner.shutdown()
