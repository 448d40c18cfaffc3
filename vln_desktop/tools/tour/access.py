"""The dialogs of access: what is decided, who leaves, what is read on request."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.offboard import OffboardPanel
from vln_desktop.ui.dialogs.read_on_request import ReadOnRequestPanel
from vln_desktop.ui.panes.pages import PagesPane

_DECIDED = (
    ("approve-request", "access_requests.approve"),
    ("decide-review", "access_reviews.decide"),
    ("review-break-glass", "break_glass.review"),
)
"""What an admin decides on each page of the access pane: the picture's name and the command."""


def manager_dialogs(stage: Stage, tour: Tour) -> None:
    """Break the glass, and let finance read findings, which a later picture shows."""
    act(stage, tour, "access.break_glass", "break-glass.png")
    pages = _pages(stage)
    stage.wait_for_rows(pages.page, "requests")
    stage.rest()
    act(stage, tour, "access_requests.approve", "let-read.png", _say_yes)


def read_the_worst(stage: Stage, panel: QWidget) -> None:
    """Choose the first finding of what may be read on request."""
    if isinstance(panel, ReadOnRequestPanel):
        panel.findings.setCurrentRow(0)
        stage.rest()


def access_dialogs(stage: Stage, tour: Tour) -> None:
    """Decide on each page, ask, offboard."""
    pages = _pages(stage)
    for at, (name, command) in enumerate(_DECIDED):
        pages.tabs.setCurrentIndex(at)
        stage.wait_for_rows(pages.page, name)
        if name == "approve-request":
            pages.page.grid.go_to_row(1)  # the first one is a manager's to decide
        stage.rest()
        act(stage, tour, command, f"{name}.png")
    pages.tabs.setCurrentIndex(0)
    act(stage, tour, "access.request", "request-access.png")
    act(stage, tour, "access.offboard", "offboard.png", _choose_leaver)


def _choose_leaver(stage: Stage, panel: QWidget) -> None:
    """Choose somebody with open work, so that the preview has something to say."""
    if isinstance(panel, OffboardPanel):
        panel.person.setCurrentIndex(panel.person.findText("Priya", Qt.MatchFlag.MatchStartsWith))
        panel.successor.setCurrentIndex(
            panel.successor.findText("Leila", Qt.MatchFlag.MatchStartsWith)
        )
        panel.look()
        stage.rest()


def _say_yes(stage: Stage, panel: QWidget) -> None:
    """Approve, so that the picture is taken of what follows."""
    if isinstance(panel, ConfirmPanel):
        panel.yes.click()
        stage.rest()


def _pages(stage: Stage) -> PagesPane:
    stage.shell.open_pane("access")
    pages = stage.shell.pane("access")
    if not isinstance(pages, PagesPane):
        raise TypeError("the access pane is another one")
    return pages
