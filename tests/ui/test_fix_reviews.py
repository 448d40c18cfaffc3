"""The fix review of an audit in the window: opened, judged, confirmed by another, closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, benches, select_first
from vln_desktop.domain.findings import Verdict
from vln_desktop.ui.dialogs.fix_verdict import FixVerdictPanel
from vln_desktop.ui.dialogs.open_fix_review import OpenFixReviewPanel
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.theme import Theme


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    """A firm whose finding is serious and will be fixed, in no round yet."""
    firm.owner.execute("DELETE FROM vln.fix_reviews")
    firm.owner.execute("DELETE FROM vln.fix_review_rounds")
    firm.owner.execute(
        "UPDATE vln.findings SET severity = 'high', client_position = 'will_fix' WHERE id = %s",
        [firm.a.id("findings")],
    )
    with benches(firm, theme, tmp_path, qtbot) as make:
        yield make


def _audits(desk: Bench, qtbot: QtBot) -> AuditsPane:
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    pane.detail.tabs.setCurrentWidget(pane.fixes)
    return pane


def _reason(desk: Bench, command: str) -> str:
    action = desk.workbench.commands.action(command)
    assert action is not None
    action.refresh()
    return "" if action.isEnabled() else action.toolTip()


def _open_round(desk: Bench, pane: AuditsPane) -> None:
    assert _reason(desk, "audits.fix_close") != ""
    desk.run("audits.fix_open")
    panel = desk.window.findChildren(OpenFixReviewPanel)[-1]
    panel.fix_commit.setText("not hex")
    panel.send()
    assert "7 to 64 digits" in panel.fields["fix_commit"].fault
    panel.fix_commit.setText("FEDCBA9")
    panel.send()
    pane.reload()
    assert pane.fixes.round is not None
    assert pane.fixes.round.fix_commit == "fedcba9"


def _judge_first(desk: Bench, pane: AuditsPane) -> None:
    pane.fixes.table.selectRow(0)
    desk.run("audits.fix_judge")
    panel = desk.window.findChildren(FixVerdictPanel)[-1]
    panel.verdict.choose(Verdict.PARTIALLY_FIXED)
    panel.send()
    assert "Say in the note" in panel.fields["note"].fault
    panel.verdict.choose(Verdict.FIXED)
    panel.send()
    pane.reload()
    pane.fixes.table.selectRow(0)


def test_a_round_is_opened_judged_confirmed_by_another_and_closed(
    bench: Open, qtbot: QtBot, firm: Firm
) -> None:
    mine, theirs = bench("auditor.a"), bench("manager.a")
    pane = _audits(mine, qtbot)
    _open_round(mine, pane)
    _judge_first(mine, pane)
    assert "Somebody else" in _reason(mine, "audits.fix_confirm")
    assert "1 of its findings" in _reason(mine, "audits.fix_close")

    other = _audits(theirs, qtbot)
    other.fixes.table.selectRow(0)
    theirs.run("audits.fix_confirm")
    other.reload()
    assert other.fixes.round is not None
    assert other.fixes.round.left == 0
    theirs.run("audits.fix_close")
    other.reload()
    assert not other.fixes.round.is_open
    found = mine.desk.findings.get(firm.a.id("findings"))
    assert found.fix_verdict is Verdict.FIXED


def test_a_finding_shows_who_verified_its_fix(bench: Open, qtbot: QtBot, firm: Firm) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    desk.run("findings.review_fix")
    assert "Open a round" in desk.told[-1]
    desk.desk.fix_reviews.open_round(firm.a.id("audit_requests"), "abcdef0")
    desk.run("findings.review_fix")
    assert "in the round already" in desk.told[-1]

    [round_] = desk.desk.fix_reviews.of(firm.a.id("audit_requests"))
    audits = _audits(desk, qtbot)
    audits.fixes.table.selectRow(0)
    assert audits.fixes.chosen == round_.reviews[0]
    desk.run("audits.fix_take_out")
    audits.reload()
    assert audits.fixes.round is not None
    assert audits.fixes.round.reviews == ()
    desk.run("audits.fix_give_up")
    audits.reload()
    assert audits.fixes.round is None
