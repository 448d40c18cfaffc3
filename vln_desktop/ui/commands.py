"""Commands: everything a person can do, declared once as data.

Menus, toolbars, context menus, the palette, the shortcut sheet and the tests read the registry. A
command whose right the role lacks is absent; one that cannot be done now is disabled, and its tip
says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.controls import WideButton

Reason = str | None
"""Why something cannot be done now, as a sentence; None: it can."""

SEPARATOR = ""
"""Stands for a line between groups where command ids are listed."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    `id` is `<feature>.<verb>`; `text` is translated; `shortcut` is portable ("Ctrl+Shift+N").
    `enabled` tells the reason why not now. `group` heads it in the shortcut sheet.
    `words` are further words by which the palette finds it.
    """

    id: str
    text: str
    handler: Callable[[], None]
    shortcut: str = ""
    icon: Glyph | None = None
    needs: Right | None = None
    enabled: Callable[[], Reason] | None = None
    group: str = ""
    words: str = ""
    primary: bool = False


class CommandAction(QAction):
    """A command as Qt shows it: in menus, on buttons and as a shortcut."""

    def __init__(self, command: Command, theme: Theme, parent: QObject) -> None:
        super().__init__(command.text, parent)
        self.command = command
        self.setObjectName(command.id)
        if command.icon is not None:
            self.setIcon(theme.icon(command.icon))
        if command.shortcut:
            self.setShortcut(QKeySequence(command.shortcut))
        self.triggered.connect(self._run)
        self.refresh()

    def refresh(self) -> None:
        """Ask the command whether it can be done now."""
        reason = self.command.enabled() if self.command.enabled is not None else None
        self.setEnabled(reason is None)
        self.setToolTip(reason or with_shortcut(self.command))

    def _run(self) -> None:
        self.command.handler()


class CommandRegistry(QObject):
    """The commands of one signed-in person, window-wide ones and those of single panes."""

    changed = Signal()
    """Commands were added or removed."""
    done = Signal(str)
    """A command was chosen: carries its id, for what was used last."""

    def __init__(self, role: Role, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._theme = theme
        self._actions: dict[str, CommandAction] = {}
        self._scopes: dict[str, QWidget] = {}

    def add(self, commands: Iterable[Command], scope: QWidget, *, window: bool = False) -> None:
        """Register commands whose shortcuts work inside `scope`, or in its whole window.

        Commands for which the role lacks the right are left out. An id is registered once.
        """
        for command in commands:
            if command.id in self._actions:
                raise ValueError(f"the command {command.id} is declared twice")
            if not may(self._role, command.needs):
                continue
            action = CommandAction(command, self._theme, self)
            action.setShortcutContext(
                Qt.ShortcutContext.WindowShortcut
                if window
                else Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
            action.triggered.connect(self._tell_done)
            scope.addAction(action)
            self._actions[command.id] = action
            self._scopes[command.id] = scope
        self.changed.emit()

    def remove(self, scope: QWidget) -> None:
        """Forget the commands of a scope that goes away."""
        for id_ in [id_ for id_, owner in self._scopes.items() if owner is scope]:
            del self._scopes[id_]
            action = self._actions.pop(id_)
            action.deleteLater()
        self.changed.emit()

    def action(self, id_: str) -> CommandAction | None:
        """Return a command's action, None if the role does not have it."""
        return self._actions.get(id_)

    def run(self, id_: str) -> None:
        """Do a command, if the role has it and it can be done now."""
        action = self._actions.get(id_)
        if action is not None:
            action.refresh()
            action.trigger()

    def refresh(self) -> None:
        """Ask every command again whether it can be done now."""
        for action in self._actions.values():
            action.refresh()

    def all(self) -> list[Command]:
        """Every command that the role has, in order of declaration."""
        return [action.command for action in self._actions.values()]

    def at_hand(self) -> list[CommandAction]:
        """The actions that make sense now: window-wide ones and those of what is visible."""
        return [
            action
            for id_, action in self._actions.items()
            if shiboken6.isValid(self._scopes[id_]) and self._scopes[id_].isVisible()
        ]

    def menu(self, ids: Sequence[str], parent: QWidget) -> QMenu:
        """Return a menu of the listed commands; absent ones leave no hole or double line."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        line_due = False
        for id_ in ids:
            if id_ == SEPARATOR:
                line_due = not menu.isEmpty()
                continue
            action = self.action(id_)
            if action is None:
                continue
            if line_due:
                menu.addSeparator()
                line_due = False
            action.refresh()
            menu.addAction(action)
        return menu

    def buttons(self, ids: Sequence[str], parent: QWidget) -> list[CommandButton]:
        """Return toolbar buttons of the listed commands, primary ones filled."""
        return [
            CommandButton(action, self._theme, parent)
            for id_ in ids
            if (action := self.action(id_)) is not None
        ]

    def _tell_done(self) -> None:
        action = self.sender()
        if isinstance(action, CommandAction):
            self.done.emit(action.command.id)


class CommandButton(WideButton):
    """A toolbar button of a command: icon and word, filled if the command is a primary one."""

    def __init__(self, action: CommandAction, theme: Theme, parent: QWidget) -> None:
        command = action.command
        super().__init__(theme, command.icon, command.text, parent)
        self._shown = action
        self.setProperty("kind", "primary" if command.primary else "action")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if command.icon is not None and command.primary:
            self.setIcon(theme.on_accent_icon(command.icon))
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def text_colour(self) -> str:
        tokens = self._theme.tokens
        if not self.isEnabled():
            return tokens.text_faint
        return tokens.on_accent if self._shown.command.primary else tokens.text

    def _follow(self) -> None:
        self.setEnabled(self._shown.isEnabled())
        self.setToolTip(self._shown.toolTip())


def native_shortcut(shortcut: str) -> str:
    """Return a shortcut as this system writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def with_shortcut(command: Command) -> str:
    """Return a command's text with its shortcut, as a tip."""
    text = command.text.rstrip("…")
    return f"{text} ({native_shortcut(command.shortcut)})" if command.shortcut else text
