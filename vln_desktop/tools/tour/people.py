"""The admin's part of the tour: the forms of users and teams. Nothing is sent."""

from __future__ import annotations

from vln_desktop.domain.sign_in import new_invite, new_password
from vln_desktop.domain.users import Invitation
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act, show_overlay
from vln_desktop.ui.dialogs.hand_over import HandOverPanel
from vln_desktop.ui.panes.teams import TeamsPane

_USERS = ("invite", "rename", "role", "access_end", "unlock", "reset_password",
          "reset_second_factor", "disable", "end_sessions")  # fmt: skip


def admin_dialogs(stage: Stage, tour: Tour) -> None:
    """Take a picture of each form; the account that is shown is the locked one."""
    pane = stage.open("users")
    pane.filter_bar.set_text("state:locked")
    stage.rest()
    stage.open("users")
    for name in _USERS:
        act(stage, tour, f"users.{name}", f"users-{name.replace('_', '-')}.png")
    pane.filter_bar.set_text("")
    teams = stage.open("teams")
    if isinstance(teams, TeamsPane):
        teams.people.selectRow(1)
    for name in ("new", "rename", "add", "place", "end", "archive"):
        act(stage, tour, f"teams.{name}", f"teams-{name}.png")
    window = stage.program.window.window()
    given = Invitation("hana@vln.gg", new_password(), new_invite())
    show_overlay(stage, tour, "hand-over", HandOverPanel(given, "Hana Sato", window))
