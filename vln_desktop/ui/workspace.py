"""The panes over a person's desk. Imported after the window was painted: it is the heavy half."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget

from vln_desktop.config import Environment, Profile
from vln_desktop.domain.log_proof import Fault
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.services.live import LiveFeed
from vln_desktop.ui.commands import Command
from vln_desktop.ui.connection import Health, Probe
from vln_desktop.ui.connections_gateway import ConnectionsGateway
from vln_desktop.ui.dialogs.account import AccountPanel
from vln_desktop.ui.dialogs.inbox import InboxPanel
from vln_desktop.ui.dialogs.keys import KeysPanel
from vln_desktop.ui.draft_recovery import recover_drafts
from vln_desktop.ui.drafts import Drafts
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.live import LiveWatch
from vln_desktop.ui.log_watch import LogWatch
from vln_desktop.ui.main_window import MainWindow
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.notifications import NotificationWatch
from vln_desktop.ui.panes.access import access_commands, access_pane
from vln_desktop.ui.panes.activity import activity_pane
from vln_desktop.ui.panes.audits import audits_pane
from vln_desktop.ui.panes.clients import clients_pane
from vln_desktop.ui.panes.findings import findings_pane
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.panes.invoices import invoices_pane
from vln_desktop.ui.panes.prices import prices_pane
from vln_desktop.ui.panes.quotes import quotes_pane
from vln_desktop.ui.panes.reports import reports_pane
from vln_desktop.ui.panes.scanner_rules import scanner_rules_pane
from vln_desktop.ui.panes.security_events import security_events_pane
from vln_desktop.ui.panes.sellers import sellers_pane
from vln_desktop.ui.panes.teams import teams_pane
from vln_desktop.ui.panes.users import users_pane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.session.guard import DemoWays, SessionGuard
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
        audits_pane(desk), findings_pane(desk), reports_pane(desk), quotes_pane(desk),
        invoices_pane(desk),
        activity_pane(desk), scanner_rules_pane(desk), security_events_pane(desk),
        users_pane(desk), teams_pane(desk), access_pane(desk), sellers_pane(desk),
        clients_pane(desk), prices_pane(desk),
    )  # fmt: skip


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
    workbench.views = desk.views
    drafts = workbench.drafts = Drafts(desk.drafts, tasks, messages, workbench)
    shell = Shell(
        workbench,
        pane_specs(desk),
        profile.name,
        profile.environment,
        probe=probe_of(desk),
        search=search_of(desk),
        commands=partial(window_commands, desk, workbench),
        parent=parent,
    )
    workbench.setParent(shell)
    watch_log(desk, shell)
    recover_drafts(desk, drafts, shell)
    if workbench.may(Right.FINDINGS_TEXT):
        NotificationWatch(desk.notifications, shell).look()
    if workbench.may(Right.ACTIVITY_READ):
        LiveWatch(LiveFeed(desk.database), shell).begin()
    return shell


def watch_log(desk: Desk, shell: Shell) -> LogWatch:
    """Have the log sealed and compared with what this machine saw, while the shell is there."""
    bench = shell.workbench
    watch = LogWatch(desk.log_seals, bench.tasks, shell)

    def alarm(fault: Fault) -> None:
        tell = QCoreApplication.translate("Shell", "Tell an admin at once.")
        bench.messages.alarm(f"{fault.sentence} {tell}")

    watch.found.connect(alarm)
    watch.failed.connect(bench.messages.report)
    watch.begin()
    return watch


def window_commands(desk: Desk, workbench: Workbench, window: QWidget) -> list[Command]:
    """Return what can be done from everywhere, whatever pane is open."""
    return [
        keys_command(workbench, desk, window),
        mentions_command(workbench, desk, window),
        *access_commands(desk, workbench, window),
    ]


def mentions_command(workbench: Workbench, desk: Desk, parent: QWidget) -> Command:
    """Return what opens the list of mentions."""

    def open_inbox() -> None:
        InboxPanel(workbench, desk, parent.window()).open()

    return Command(
        "session.mentions",
        QCoreApplication.translate("Workspace", "Mentions…"),
        open_inbox,
        "Ctrl+Shift+M",
        Glyph.BELL,
        Right.FINDINGS_TEXT,
        group=QCoreApplication.translate("Workspace", "Session"),
        words="notifications inbox unread comment",
    )


def keys_command(workbench: Workbench, desk: Desk, parent: QWidget) -> Command:
    """Return what opens the dialog of the encryption keys."""

    def open_keys() -> None:
        KeysPanel(workbench, desk, parent.window()).open()

    return Command(
        "session.keys",
        QCoreApplication.translate("Workspace", "Encryption keys…"),
        open_keys,
        icon=Glyph.LOCK,
        needs=Right.KEYS_HOLD,
        group=QCoreApplication.translate("Workspace", "Session"),
        words="secret credential rotate recovery onboard let in",
    )


def make_guard(
    desk: Desk,
    profile: Profile,
    gateway: ConnectionsGateway,
    window: MainWindow,
    app: QApplication,
) -> SessionGuard:
    """Return what guards the window of who just entered it, their account's panel included."""
    shell = window.shell
    if shell is None:
        raise RuntimeError("there is no window to guard")
    demo = None
    if profile.environment is Environment.DEMO and profile.embedded:
        demo = DemoWays(
            partial(gateway.renew_demo, profile, desk),
            partial(gateway.demo_code, profile, desk.person.email),
        )
    guard = SessionGuard(window, shell, desk.account, app, demo)

    def open_account() -> None:
        panel = AccountPanel(shell.workbench, desk.account, guard.minutes, shell.window())
        panel.lock_changed.connect(guard.read_preferences)
        panel.password_changed.connect(keep_password)
        panel.open()

    def keep_password() -> None:
        def work(_context: TaskContext) -> None:
            gateway.refresh_remembered(profile, desk)

        shell.workbench.tasks.run(shell, work, None)

    shell.account_asked.connect(open_account)
    return guard


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
