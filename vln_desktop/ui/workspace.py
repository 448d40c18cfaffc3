"""The panes over a person's desk. Imported after the window was painted: it is the heavy half."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from vln_desktop.config import Profile
from vln_desktop.services.desk import Desk
from vln_desktop.ui.connection import Health, Probe
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.panes.access import access_commands, access_pane
from vln_desktop.ui.panes.activity import activity_pane
from vln_desktop.ui.panes.audits import audits_pane
from vln_desktop.ui.panes.findings import findings_pane
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.panes.invoices import invoices_pane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import (
    FoundRecord,
    PaneSpec,
    RecordRef,
    RecordSearch,
    Workbench,
)


def pane_specs(desk: Desk) -> Sequence[PaneSpec]:
    """Return every pane of the program, in the order of the navigation."""
    return (
        audits_pane(desk),
        findings_pane(desk),
        invoices_pane(desk),
        activity_pane(desk),
        access_pane(desk),
    )


def make_shell(
    desk: Desk,
    profile: Profile,
    theme: Theme,
    tasks: TaskRunner,
    messages: Messages,
    preferences: Preferences,
    parent: QWidget,
) -> Shell:
    """Return the signed-in window's content for a person's desk."""
    workbench = Workbench(desk.person, theme, tasks, messages, preferences)
    shell = Shell(
        workbench,
        pane_specs(desk),
        profile.name,
        profile.environment,
        probe=probe_of(desk),
        search=search_of(desk),
        commands=partial(access_commands, desk, workbench),
        parent=parent,
    )
    workbench.setParent(shell)
    return shell


def search_of(desk: Desk) -> RecordSearch:
    """Return what finds records for the palette."""
    icons = {spec.entity: spec.icon for spec in pane_specs(desk)}

    def search(text: str, _context: TaskContext) -> list[FoundRecord]:
        return [
            FoundRecord(
                RecordRef(hit.entity, hit.id),
                f"{hit.number}  {title(hit.title)}",
                icon=icons[hit.entity],
            )
            for hit in desk.search.find(text)
        ]

    return search


def probe_of(desk: Desk) -> Probe:
    """Return what measures the connection."""

    def probe(_context: TaskContext) -> Health:
        round_trip = desk.database.ping()
        pool = desk.pool_status
        return Health(round_trip, pool.in_use, pool.size)

    return probe
