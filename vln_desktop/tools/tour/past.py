"""The tour's way through the past: a finding as of a moment, a revert, a day to go to."""

from __future__ import annotations

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.go_to_date import GoToDatePanel
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.dialogs.revert import RevertPanel
from vln_desktop.ui.dialogs.time_machine import TimeMachine


def show_past(stage: Stage, tour: Tour) -> None:
    """Write a finding anew, then show it as of then, a revert of it, and the date dialog."""
    _write_anew(stage)
    _machine(stage, tour, "findings", "time-machine")
    stage.open("activity")
    stage.shell.workbench.commands.run("activity.revert")
    stage.rest()
    _panel(stage, tour, RevertPanel, "revert")
    stage.shell.workbench.commands.run("activity.go_to_date")
    _panel(stage, tour, GoToDatePanel, "go-to-date")


def show_past_unseen(stage: Stage, tour: Tour) -> None:
    """Show what an admin sees of a past that is not theirs to read."""
    stage.shell.open_pane("activity")
    pane = stage.open("activity")
    pane.filter_bar.set_text("what:findings")
    stage.rest()
    _machine(stage, tour, "activity", "time-machine-admin")
    pane.filter_bar.set_text("")


def _write_anew(stage: Stage) -> None:
    stage.open("findings")
    stage.shell.workbench.commands.run("findings.edit")
    stage.rest()
    editor = stage.program.window.window().findChildren(FindingEditor)[-1]
    editor.title.setText(f"{editor.title.text()} before the balance is written")
    text = editor.texts["description"].text
    editor.texts["description"].set_text(
        text.replace(". ", ". In short: ", 1) + "\n\nSeen on a fork of the main network."
    )
    editor.texts["remediation"].set_text("Write the balance first, then call.")
    editor.grades.reason.setText("Seen in practice.")
    editor.save()
    stage.rest()


def _machine(stage: Stage, tour: Tour, pane_id: str, name: str) -> None:
    stage.open(pane_id)
    stage.shell.workbench.commands.run(f"{pane_id}.as_of")
    stage.rest()
    machine = stage.program.window.window().findChildren(TimeMachine)[-1]
    with tour.making(f"{name}.png") as path:
        stage.picture(path, machine)
    machine.close()


def _panel(stage: Stage, tour: Tour, kind: type[Overlay], name: str) -> None:
    panel = stage.program.window.window().findChildren(kind)[-1]
    with tour.making(f"{name}.png") as path:
        stage.picture(path)
    panel.close_panel()
