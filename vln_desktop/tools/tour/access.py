"""The dialogs of access: what is decided, who leaves, what is read on request."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from vln_desktop.domain.users import Invitation
from vln_desktop.tools.tour.pictures import Tour, command_picture, wait_for_rows
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.confirm_code import CodePanel
from vln_desktop.ui.dialogs.handout import show_invitation
from vln_desktop.ui.dialogs.offboard import OffboardPanel
from vln_desktop.ui.dialogs.overlay import Overlay
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
    command_picture(stage, tour, "break-glass", "access.break_glass")
    pages = _pages(stage)
    wait_for_rows(stage, pages.page, "requests")
    stage.rest()
    command_picture(stage, tour, "let-read", "access_requests.approve", _say_yes)


def read_the_worst(stage: Stage, panel: Overlay) -> None:
    """Choose the first finding of what may be read on request."""
    if isinstance(panel, ReadOnRequestPanel):
        panel.findings.setCurrentRow(0)
        stage.rest()


def admin_dialogs(stage: Stage, tour: Tour) -> None:
    """Decide on each page, ask, offboard; the code that is asked for and what is told once."""
    pages = _pages(stage)
    for at, (name, command) in enumerate(_DECIDED):
        pages.tabs.setCurrentIndex(at)
        wait_for_rows(stage, pages.page, name)
        if name == "approve-request":
            pages.page.grid.go_to_row(1)  # the first one is a manager's to decide
        stage.rest()
        command_picture(stage, tour, name, command)
    pages.tabs.setCurrentIndex(0)
    command_picture(stage, tour, "request-access", "access.request")
    command_picture(stage, tour, "offboard", "access.offboard", _choose_leaver)
    bench, window = stage.shell.workbench, stage.program.window.window()
    code = CodePanel(bench, bench.messages.say, pages.reload, pages.reload, window)
    given = Invitation("noor@vln.gg", "qx3m-7kd2-wvta-n5pe", "H6QR-2LMT-YD4S-KX7B")
    for name, show in (
        ("confirm-code", code.open),
        ("invitation", partial(show_invitation, bench, given, window)),
    ):
        with tour.making(f"{name}.png") as path:
            show()
            stage.picture(path)
        for panel in window.findChildren(Overlay):
            panel.close_panel()


def _choose_leaver(stage: Stage, panel: Overlay) -> None:
    """Choose somebody with open work, so that the preview has something to say."""
    if isinstance(panel, OffboardPanel):
        panel.person.setCurrentIndex(panel.person.findText("Priya", Qt.MatchFlag.MatchStartsWith))
        panel.successor.setCurrentIndex(
            panel.successor.findText("Leila", Qt.MatchFlag.MatchStartsWith)
        )
        panel.look()
        stage.rest()


def _say_yes(stage: Stage, panel: Overlay) -> None:
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
