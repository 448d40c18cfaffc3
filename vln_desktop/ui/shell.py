"""What the window shows once somebody is signed in: header, navigation, panes, status bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QStackedWidget, QWidget

from vln_desktop.config import Environment
from vln_desktop.domain.changes import Changes
from vln_desktop.ui.commands import Command
from vln_desktop.ui.connection import ConnectionWatch, Probe
from vln_desktop.ui.dialogs.help import AboutPanel, ShortcutSheet
from vln_desktop.ui.dialogs.palette import CommandPalette
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Outage
from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode
from vln_desktop.ui.widgets.controls import column, line, row
from vln_desktop.ui.widgets.header import Header
from vln_desktop.ui.widgets.navigation import Navigation
from vln_desktop.ui.widgets.notices import AlarmBar, Banner
from vln_desktop.ui.widgets.status_bar import StatusBar
from vln_desktop.ui.workbench import Pane, PaneSpec, RecordRef, RecordSearch, Workbench

_NUMBERED = 9


class Shell(QWidget):
    """The signed-in window. Panes are made when first opened; hidden ones are marked stale."""

    sign_out_asked = Signal()
    profiles_asked = Signal()
    window_asked = Signal()
    lock_asked = Signal()
    account_asked = Signal()

    def __init__(
        self,
        workbench: Workbench,
        specs: Sequence[PaneSpec],
        profile: str,
        environment: Environment,
        *,
        search: RecordSearch | None = None,
        probe: Probe | None = None,
        commands: Callable[[QWidget], Sequence[Command]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.specs = {spec.id: spec for spec in specs if workbench.may(spec.needs)}
        self._panes: dict[str, Pane] = {}
        self._stale: set[str] = set()
        self._current = ""
        theme = workbench.theme
        workbench.commands.add(self._commands(), self, window=True)
        if commands is not None:
            workbench.commands.add(commands(self), self, window=True)
        self._stack = QStackedWidget(self)
        self.navigation = Navigation(self.specs.values(), theme, self)
        self.header = Header(
            workbench.person, profile, environment, theme, workbench.commands, self
        )
        self.alarm = AlarmBar(theme, self)
        self.banner = Banner(theme, self)
        self.status = StatusBar(workbench.tasks, theme, self)
        self.palette_panel = CommandPalette(workbench, search, self)
        self.shortcut_sheet = ShortcutSheet(workbench.commands, self)
        self.about_panel = AboutPanel(theme, self)
        middle = row([self.navigation, self._stack], gap=0)
        parts: list[QWidget | QLayout | int | None] = [
            self.header,
            self.alarm,
            self.banner,
            middle,
            line(self),
            self.status,
        ]
        self.setLayout(column(parts, gap=0))
        self._connect()
        self.watch = self._watch(probe)
        self._open_first()
        self.refresh_counts()

    @property
    def current(self) -> str:
        """The id of the pane that is open."""
        return self._current

    def pane(self, pane_id: str) -> Pane:
        """Return a pane, making it if it was never opened."""
        if pane_id not in self._panes:
            spec = self.specs[pane_id]
            pane = spec.factory(self.workbench, self._stack)
            self._panes[pane_id] = pane
            self._stack.addWidget(pane)
            self.workbench.commands.add(pane.commands(), pane)
            pane.equip()
            pane.selection_told.connect(self.status.show_selection)
        return self._panes[pane_id]

    def open_pane(self, pane_id: str) -> None:
        """Bring a pane to the front; a stale one looks again."""
        pane = self.pane(pane_id)
        self._current = pane_id
        self._stack.setCurrentWidget(pane)
        self.navigation.mark(pane_id)
        self.status.show_selection("")
        pane.setFocus()
        self.workbench.preferences.set("shell.pane", pane_id)
        if pane_id in self._stale:
            self._stale.discard(pane_id)
            pane.reload()

    def unsaved(self) -> list[str]:
        """What would be lost if the window closed now."""
        return [text for pane in self._panes.values() if (text := pane.unsaved()) is not None]

    def refresh_counts(self) -> None:
        """Ask again how much waits in each pane."""
        for spec in self.specs.values():
            if spec.count is not None:
                show = partial(self.navigation.show_count, spec.id)
                self.workbench.tasks.run(self.navigation, spec.count, show)

    def reload_current(self) -> None:
        """Fetch again what is shown."""
        if self._current:
            self._panes[self._current].reload()

    def pause(self) -> None:
        """Ask the server nothing while the window is covered."""
        if self.watch is not None:
            self.watch.stop()

    def resume(self, *, renewed: bool) -> None:
        """Go on; after a new session everything is looked at again."""
        if self.watch is not None:
            self.watch.look()
        if renewed:
            self.banner.clear()
            self._stale |= self._panes.keys() - {self._current}
            self.reload_current()
            self.refresh_counts()

    def _connect(self) -> None:
        bench = self.workbench
        self.navigation.chosen.connect(self.open_pane)
        self.header.search_asked.connect(self.palette_panel.open)
        bench.changed.connect(self._take_changes)
        bench.others_changed.connect(self._look_again)
        bench.opening.connect(self._open_record)
        bench.messages.went_down.connect(self._show_outage)
        bench.messages.came_back.connect(self.banner.clear)
        bench.messages.alarmed.connect(self.alarm.show_alarm)

    def _watch(self, probe: Probe | None) -> ConnectionWatch | None:
        if probe is None:
            return None
        watch = ConnectionWatch(probe, self.workbench.tasks, self)
        watch.measured.connect(self.status.show_health)
        watch.lost.connect(self._show_loss)
        watch.regained.connect(self._regained)
        watch.failed.connect(self.workbench.messages.report)
        watch.look()
        return watch

    def _open_first(self) -> None:
        last = self.workbench.preferences.get("shell.pane", "")
        first = last if last in self.specs else next(iter(self.specs), "")
        if first:
            self.open_pane(first)

    def _take_changes(self, changes: Changes) -> None:
        self.status.show_saved(datetime.now().astimezone())
        self._look_again(changes)

    def _look_again(self, changes: Changes) -> None:
        """Let the panes that watch what was changed fetch it anew."""
        for pane_id, pane in self._panes.items():
            if changes.entity not in self.specs[pane_id].watches:
                continue
            if pane_id == self._current:
                pane.reload()
            else:
                self._stale.add(pane_id)
        self.refresh_counts()

    def _open_record(self, ref: RecordRef) -> None:
        for spec in self.specs.values():
            if spec.entity == ref.entity:
                self.open_pane(spec.id)
                self._panes[spec.id].show_record(ref.id)
                return
        self.workbench.messages.say(self.tr("Your role has no pane that shows this record."))

    def _show_outage(self, outage: Outage) -> None:
        retry = outage.retry or self.reload_current
        self.banner.show_outage(Outage(outage.text, retry))
        if self.watch is not None:
            self.watch.look()

    def _show_loss(self, reason: str, seconds: int) -> None:
        self.status.show_down(seconds)
        retry = self.watch.look if self.watch is not None else None
        self.banner.show_outage(Outage(reason, retry))

    def _regained(self) -> None:
        self.workbench.messages.connected()
        self.reload_current()
        self.refresh_counts()

    def _commands(self) -> list[Command]:
        go = self.tr("Go to")
        panes = [
            Command(
                f"go.{spec.id}",
                spec.title,
                partial(self.open_pane, spec.id),
                f"Ctrl+{number}" if number <= _NUMBERED else "",
                spec.icon,
                group=go,
            )
            for number, spec in enumerate(self.specs.values(), start=1)
        ]
        return panes + self._view_commands() + self._session_commands()

    def _view_commands(self) -> list[Command]:
        tr, view = self.tr, self.tr("View")
        mode: Callable[[Mode], Callable[[], None]] = partial(partial, self._set_mode)
        return [
            Command("view.reload", tr("Reload"), self.reload_current, "F5", Glyph.RELOAD,
                    group=view),
            Command("view.follow_system", tr("Theme of the system"), mode(Mode.SYSTEM), "",
                    Glyph.SYSTEM, group=view, words="dark light"),
            Command("view.light", tr("Light theme"), mode(Mode.LIGHT), "", Glyph.SUN, group=view),
            Command("view.dark", tr("Dark theme"), mode(Mode.DARK), "", Glyph.MOON, group=view),
            Command("view.larger_text", tr("Larger text"), partial(self._resize_text, 1),
                    "Ctrl++", Glyph.TEXT_SIZE, group=view, words="font zoom"),
            Command("view.smaller_text", tr("Smaller text"), partial(self._resize_text, -1),
                    "Ctrl+-", Glyph.TEXT_SIZE, group=view, words="font zoom"),
            Command("view.normal_text", tr("Normal text size"), partial(self._resize_text, 0),
                    "Ctrl+0", Glyph.TEXT_SIZE, group=view, words="font zoom"),
            Command("view.density", tr("Closer or wider rows"), self._switch_density, "",
                    Glyph.COLUMNS, group=view, words="density compact comfortable"),
        ]  # fmt: skip

    def _session_commands(self) -> list[Command]:
        tr = self.tr
        return [
            Command("palette.open", tr("Search or run a command"), self._open_palette, "Ctrl+K",
                    Glyph.SEARCH),
            Command("help.shortcuts", tr("Keyboard shortcuts"), self._open_shortcuts, "?",
                    Glyph.KEYBOARD, group=tr("Help")),
            Command("help.about", tr("About VLN Desktop"), self._open_about, "", Glyph.INFO,
                    group=tr("Help")),
            Command("window.new", tr("New window…"), self.window_asked.emit, "Ctrl+Shift+N",
                    Glyph.WINDOW, group=tr("Session"), words="profile database side by side"),
            Command("profiles.edit", tr("Connection profiles…"), self.profiles_asked.emit, "",
                    Glyph.DATABASE, group=tr("Session"), words="server url tls pooler test"),
            Command("session.account", tr("My account…"), self.account_asked.emit, "",
                    Glyph.PERSON, group=tr("Session"),
                    words="password phone second factor recovery codes sessions security"),
            Command("session.lock", tr("Lock"), self.lock_asked.emit, "Ctrl+L", Glyph.LOCK,
                    group=tr("Session"), words="screen cover away"),
            Command("session.sign_out", tr("Sign out"), self.sign_out_asked.emit, "",
                    Glyph.SIGN_OUT, group=tr("Session")),
        ]  # fmt: skip

    def _open_palette(self) -> None:
        self.palette_panel.open()

    def _open_shortcuts(self) -> None:
        self.shortcut_sheet.open()

    def _open_about(self) -> None:
        self.about_panel.open()

    def _set_mode(self, mode: Mode) -> None:
        self.workbench.theme.set_mode(mode)
        self.workbench.preferences.set("theme.mode", mode.value)

    def _resize_text(self, step: int) -> None:
        theme = self.workbench.theme
        theme.set_base_size(theme.base_size + step if step else DEFAULT_FONT)
        self.workbench.preferences.set("theme.size", theme.base_size)

    def _switch_density(self) -> None:
        theme = self.workbench.theme
        wide = theme.density is Density.COMPACT
        theme.set_density(Density.COMFORTABLE if wide else Density.COMPACT)
        self.workbench.preferences.set("theme.density", theme.density.value)
