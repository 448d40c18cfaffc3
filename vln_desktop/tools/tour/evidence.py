"""The tour through a finding's evidence: the list, a picture large, and one that is blurred."""

from __future__ import annotations

from PySide6.QtCore import QRect

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import show_open
from vln_desktop.ui.dialogs.add_evidence import AddEvidencePanel
from vln_desktop.ui.dialogs.edit_evidence import EditEvidencePanel
from vln_desktop.ui.dialogs.show_evidence import ShowEvidencePanel
from vln_desktop.ui.panes.findings import FindingsPane

_LOOKED_AT = 30


def show_evidence(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    """Show what shows a finding, if one of the first severe ones has evidence."""
    pane.filter_bar.set_text("sev:critical,high state:confirmed,ready")
    stage.rest()
    stage.open("findings")
    if _find_one(stage, pane):
        pane.detail.tabs.setCurrentWidget(pane.evidence)
        stage.rest()
        pane.evidence.list.setCurrentRow(0)
        with tour.making("evidence.png") as path:
            stage.picture(path)
        pane.evidence.show_chosen()
        stage.rest()
        show_open(stage, tour, "evidence-large", ShowEvidencePanel)
        pane.evidence.edit()
        show_open(stage, tour, "evidence-caption", EditEvidencePanel)
        pane.evidence.blur()
        stage.rest()
        panel = stage.program.window.window().findChildren(AddEvidencePanel)[-1]
        panel.blur(QRect(60, 234, 560, 26))
        show_open(stage, tour, "evidence-blur", AddEvidencePanel)
    pane.detail.tabs.setCurrentIndex(0)
    pane.filter_bar.set_text("")
    stage.rest()


def _find_one(stage: Stage, pane: FindingsPane) -> bool:
    for row in range(min(_LOOKED_AT, pane.model.rowCount())):
        pane.grid.go_to_row(row)
        stage.rest()
        if pane.evidence.list.count() > 1:
            return True
    return False
