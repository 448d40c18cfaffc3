"""Time on an audit in the window: entered as people type it, changed, deleted, summed, exported."""

from __future__ import annotations

import csv
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.time_entries import Activity
from vln_desktop.ui.dialogs.effort import EffortPanel
from vln_desktop.ui.dialogs.time_entry import TimeEntryPanel
from vln_desktop.ui.panes.audit_time import TimeTab
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.widgets.controls import WideButton
from vln_desktop.ui.widgets.text_table import TextTable


def _tab(desk: Bench, qtbot: QtBot) -> TimeTab:
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    desk.workbench.changed.connect(pane.reload)
    pane.detail.tabs.setCurrentWidget(pane.time)
    return pane.time


def _enter(desk: Bench, duration: str, activity: Activity = Activity.REVIEW) -> TimeEntryPanel:
    desk.run("audits.time_add")
    panel = desk.window.findChildren(TimeEntryPanel)[-1]
    panel.duration.setText(duration)
    panel.activity.choose(activity)
    panel.send()
    return panel


def _texts(table: TextTable) -> list[tuple[str, ...]]:
    found = []
    for line in range(table.rowCount()):
        items = [table.item(line, place) for place in range(table.columnCount())]
        found.append(tuple(item.text() for item in items if item is not None))
    return found


def test_time_is_entered_changed_deleted_and_brought_back(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    firm.owner.execute("DELETE FROM vln.time_entries")
    desk = bench("auditor.a")
    tab = _tab(desk, qtbot)
    panel = _enter(desk, "soon")
    assert "type it as 1:30" in panel.fields["duration"].fault
    panel.duration.setText("1h 30")
    panel.day.setText("2026-13-40")
    panel.send()
    assert "is no day" in panel.fields["day"].fault
    panel.day.setText("2999-01-01")
    panel.send()
    assert "this day is to come" in panel.fields["day"].fault
    panel.day.set_day(None)
    panel.send()
    assert "on which day" in panel.fields["day"].fault
    panel.close_panel()
    _enter(desk, "90m", Activity.WRITING)

    [row] = _texts(tab.table)
    assert row[1].startswith("Writing")
    assert row[2] == "1:30"
    tab.table.selectRow(0)
    desk.run("audits.time_change")
    panel = desk.window.findChildren(TimeEntryPanel)[-1]
    assert panel.duration.text() == "1:30"
    panel.duration.setText("2h")
    panel.note.setText("Section 2")
    panel.send()
    assert tab.sheet.minutes == 120
    tab.table.selectRow(0)
    desk.run("audits.time_delete")
    assert tab.sheet.minutes == 0
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    assert [entry.note for entry in tab.sheet.entries] == ["Section 2"]


def test_sums_stand_beside_the_managers_estimate(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    firm.owner.execute("DELETE FROM vln.time_entries")
    mine, theirs = bench("auditor.a"), bench("manager.a")
    _tab(mine, qtbot)
    _enter(mine, "1:30")
    tab = _tab(theirs, qtbot)
    _enter(theirs, "30m", Activity.MEETING)
    theirs.run("audits.effort")
    panel = theirs.window.findChildren(EffortPanel)[-1]
    panel.estimate.setText("8")
    panel.send()
    assert "hours or minutes" in panel.fields["estimate"].fault
    panel.estimate.setText("8h")
    panel.send()

    name = theirs.desk.directory.name_of
    assert _texts(tab.sums) == [
        ("By person", ""),
        (name(firm.people["auditor.a"].id), "1:30"), (name(firm.people["manager.a"].id), "0:30"),
        ("By activity", ""), ("Review", "1:30"), ("Meeting", "0:30"),
    ]  # fmt: skip
    assert "2:00 of 8:00 estimated, 25 %." in tab.told
    tab.table.selectRow(1)
    action = theirs.workbench.commands.action("audits.time_change")
    assert action is not None
    action.refresh()
    assert action.toolTip() == "Only who entered time changes it."
    own = _tab(bench("auditor.a"), qtbot)
    assert "Your time: 1:30." in own.told
    assert "Estimated for everybody: 8:00." in own.told


def test_the_entries_are_written_as_csv(
    bench: Open, firm: Firm, qtbot: QtBot, tmp_path: Path
) -> None:
    firm.owner.execute("DELETE FROM vln.time_entries")
    desk = bench("auditor.a")
    tab = _tab(desk, qtbot)
    _enter(desk, "45m")
    file = tmp_path / "time.csv"
    tab.write_to(str(file))

    with file.open(encoding="utf-8-sig", newline="") as lines:
        [row] = csv.DictReader(lines)
    assert (row["duration"], row["activity"]) == ("0:45", "review")
    assert "1 entries" not in desk.told[-1]
    assert str(file) in desk.told[-1]


def test_finance_and_readers_have_no_such_tab(bench: Open, qtbot: QtBot) -> None:
    for login in ("finance", "admin", "readonly"):
        desk = bench(login)
        pane = desk.open("audits")
        select_first(pane, qtbot)
        names = [pane.detail.tabs.tabText(at) for at in range(pane.detail.tabs.count())]
        assert not {"Time", "Checklist"} & set(names), login
        assert desk.workbench.commands.action("audits.time_add") is None
        assert not [b for b in pane.findChildren(WideButton) if b.text() == "Add time…"]
