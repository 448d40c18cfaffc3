"""The tour through an audit's checklist and the time spent on it, as auditor and as manager."""

from __future__ import annotations

from vln_desktop.tools.tour.fixes import audits_where, leave_audits
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import show_open
from vln_desktop.ui.dialogs.check_result import CheckResultPanel
from vln_desktop.ui.dialogs.checklist_item import ChecklistItemPanel
from vln_desktop.ui.dialogs.effort import EffortPanel
from vln_desktop.ui.dialogs.time_entry import TimeEntryPanel

_UNDER_WAY = "status:in_progress"


def show_checklist(stage: Stage, tour: Tour) -> None:
    """Show an auditor's checklist under way, one's time, and how it is entered."""
    pane = audits_where(stage, _UNDER_WAY)
    pane.detail.tabs.setCurrentWidget(pane.checklist)
    pane.checklist.table.selectRow(1)
    with tour.making("checklist.png") as path:
        stage.picture(path)
    pane.detail.tabs.setCurrentWidget(pane.time)
    pane.time.table.selectRow(0)
    with tour.making("time.png") as path:
        stage.picture(path)
    pane.time.add()
    show_open(stage, tour, "time-entry", TimeEntryPanel)
    leave_audits(stage, pane)


def show_managed(stage: Stage, tour: Tour) -> None:
    """Show a failed item, what a manager asks instead, everybody's time and the estimate."""
    pane = audits_where(stage, "status:under_review")
    pane.detail.tabs.setCurrentWidget(pane.checklist)
    pane.checklist.table.selectRow(1)
    with tour.making("checklist-manager.png") as path:
        stage.picture(path)
    pane.checklist.write_note()
    stage.rest()
    show_open(stage, tour, "check-result", CheckResultPanel)
    pane.checklist.add_item()
    show_open(stage, tour, "checklist-item", ChecklistItemPanel)
    pane.detail.tabs.setCurrentWidget(pane.time)
    with tour.making("time-manager.png") as path:
        stage.picture(path)
    pane.time.estimate()
    show_open(stage, tour, "effort", EffortPanel)
    leave_audits(stage, pane)
