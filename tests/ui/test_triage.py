"""Triage in the findings pane: redo, repeat, bulk results, colleagues in between, lost links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.factories import new
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.findings import FindingKind, ReviewState, Severity, TriageField
from vln_desktop.errors import Unavailable
from vln_desktop.ui.dialogs.triage_results import TriageResultsPanel
from vln_desktop.ui.panes.findings import FindingsPane


def _opened(desk: Bench, qtbot: QtBot) -> FindingsPane:
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    return pane


def _find(desk: Bench, finding: UUID) -> Any:
    return desk.desk.findings.get(finding)


def test_what_was_undone_can_be_done_again_until_something_new_is_done(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    finding = _opened(desk, qtbot).selected[0]
    desk.run("findings.severity_low")
    desk.run("findings.severity_critical")

    desk.run("findings.undo")
    desk.run("findings.undo")
    assert _find(desk, finding).severity is Severity.HIGH
    desk.run("findings.redo")
    assert _find(desk, finding).severity is Severity.LOW
    desk.run("findings.severity_medium")

    redo = desk.workbench.commands.action("findings.redo")
    assert redo is not None
    assert redo.toolTip() == "Nothing was taken back."


def test_the_last_change_is_repeated_on_another_finding(
    firm: Firm, bench: Open, qtbot: QtBot
) -> None:
    new(firm.owner, "findings", firm.half_of("a", "auditor.a"), severity="high")
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    desk.run("findings.kind_gas")
    pane.go_down()

    desk.run("findings.repeat")

    assert _find(desk, pane.selected[0]).kind is FindingKind.GAS


def test_a_state_moves_on_unless_one_wants_to_stay(firm: Firm, bench: Open, qtbot: QtBot) -> None:
    new(firm.owner, "findings", firm.half_of("a", "auditor.a"), severity="high")
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    first = pane.selected[0]

    desk.run("findings.state_out_of_scope")
    second = pane.selected[0]
    desk.run("findings.advance")
    pane.go_up()
    desk.run("findings.state_candidate")

    assert second != first
    assert pane.selected == (first,)


def test_many_are_changed_at_once_and_each_refusal_has_its_reason(
    firm: Firm, bench: Open, qtbot: QtBot
) -> None:
    half = firm.half_of("a", "auditor.a")
    confirmed = new(firm.owner, "findings", half, review_state="confirmed")["id"]
    candidate = new(firm.owner, "findings", half, review_state="candidate")["id"]
    ready = new(firm.owner, "findings", half, review_state="ready")["id"]
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    pane.grid.selectAll()
    qtbot.waitUntil(lambda: len(pane.selected) == 4)
    number = _find(desk, candidate).number

    desk.run("findings.state_ready")
    [show] = [notice.action for notice in desk.notices if "refused" in notice.text]
    assert show is not None
    show.handler()

    panel = desk.window.findChild(TriageResultsPanel)
    assert panel is not None
    lines = [
        [panel.table.item(row, place).text() for place in range(3)]  # type: ignore[union-attr]
        for row in range(panel.table.rowCount())
    ]
    assert [number, "refused", "candidate cannot become ready."] in lines
    assert [_find(desk, ready).number, "as wanted before", ""] in lines
    panel._take_back()
    assert _find(desk, confirmed).review_state is ReviewState.CONFIRMED


def test_what_a_colleague_changed_since_is_not_taken_back_and_the_rest_is(
    bench: Open, qtbot: QtBot
) -> None:
    mine, theirs = bench("auditor.a"), bench("manager.a")
    finding = _opened(mine, qtbot).selected[0]
    mine.run("findings.kind_gas")
    mine.run("findings.severity_low")
    theirs.desk.findings.triage([finding], TriageField.SEVERITY, Severity.CRITICAL.value)

    mine.run("findings.undo")
    mine.run("findings.undo")

    found = _find(mine, finding)
    assert (found.severity, found.kind) == (Severity.CRITICAL, FindingKind.VULNERABILITY)
    assert f"{found.number}: Somebody changed it again since." in mine.told


def test_a_change_waits_for_the_server_and_is_made_once(
    bench: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    finding = pane.selected[0]
    answers = desk.desk.findings.triage

    def unreachable(*_: object) -> None:
        raise Unavailable("The server cannot be reached.")

    monkeypatch.setattr(desk.desk.findings, "triage", unreachable)
    desk.run("findings.severity_low")
    desk.run("findings.kind_gas")
    assert pane.triage.pending(finding, TriageField.KIND) == FindingKind.GAS
    monkeypatch.setattr(desk.desk.findings, "triage", answers)

    desk.workbench.messages.connected()

    assert pane.triage.pending(finding, TriageField.KIND) is None
    found = _find(desk, finding)
    assert (found.severity, found.kind) == (Severity.LOW, FindingKind.GAS)


def test_a_comment_is_taken_back_and_put_back(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    finding = pane.selected[0]
    before = len(_find(desk, finding).comments)
    pane.discussion.text.setPlainText("Look again.")
    pane.discussion.send()

    desk.run("findings.undo")
    assert len(_find(desk, finding).comments) == before
    desk.run("findings.redo")
    assert _find(desk, finding).comments[-1].body == "Look again."


def test_an_empty_comment_is_refused_and_what_could_not_be_saved_comes_back(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)
    pane.discussion.text.setPlainText("x\x00y")

    pane.discussion.send()

    assert pane.discussion.text.toPlainText() == "x\x00y"
    assert len(desk.told) == 1


def test_a_finding_is_given_to_a_colleague_by_menu(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = _opened(desk, qtbot)

    desk.run("findings.assign")
    [menu] = [one for one in pane.findChildren(QMenu) if one.isVisible()]
    [manager] = [action for action in menu.actions() if action.text() == "Manager A"]
    assert isinstance(manager, QAction)
    manager.trigger()
    menu.close()

    assert _find(desk, pane.selected[0]).assignee_id == manager.data()
