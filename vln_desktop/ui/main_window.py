"""The window: first the start page, then the panes; notices and the crash dialog belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.crash import CrashDialog
from vln_desktop.ui.messages import Crash, Messages, Notice
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode, Theme
from vln_desktop.ui.widgets.notices import NoticeStack

if TYPE_CHECKING:  # the shell is imported after the window has been painted
    from vln_desktop.ui.shell import Shell

_SIZE = (1360, 860)
_SMALLEST = (960, 600)
_STATUS_HEIGHT = 28


class MainWindow(QMainWindow):
    """Holds the start page or the shell; it is there before any server is."""

    closing = Signal()
    """The window is closing: tasks and connections end now."""

    def __init__(self, theme: Theme, messages: Messages, preferences: Preferences) -> None:
        super().__init__()
        self.setWindowTitle("VLN Desktop")
        self.setMinimumSize(*_SMALLEST)
        self.resize(*_SIZE)
        self._theme = theme
        self._preferences = preferences
        self._stack = QStackedWidget(self)
        self.setCentralWidget(self._stack)
        self.shell: Shell | None = None
        self.notices = NoticeStack(theme, self._stack)
        self._crash_dialog: CrashDialog | None = None
        self._may_close = False
        messages.noticed.connect(self._show_notice)
        messages.crashed.connect(self._show_crash)
        self.restoreGeometry(preferences.get_state("window.geometry"))
        self.apply_look()

    def apply_look(self) -> None:
        """Take theme, density and text size from the preferences."""
        get = self._preferences.get
        mode, density = get("theme.mode", ""), get("theme.density", "")
        self._theme.set_look(
            Mode(mode) if mode in list(Mode) else Mode.SYSTEM,
            Density(density) if density in list(Density) else Density.COMPACT,
            get("theme.size", DEFAULT_FONT),
        )

    def show_start(self, page: QWidget) -> None:
        """Show the start page; the shell, if any, is gone."""
        shell, self.shell = self.shell, None
        self.notices.keep_clear(0)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.setWindowTitle("VLN Desktop")
        if shell is not None:
            self._remember_shell()
            self._stack.removeWidget(shell)
            shell.hide()
            shell.deleteLater()

    def enter(self, shell: Shell, title: str) -> None:
        """Show the shell of who just signed in; the start page goes."""
        page = self._stack.currentWidget()
        self.shell = shell
        self._stack.addWidget(shell)
        self._stack.setCurrentWidget(shell)
        self.setWindowTitle(f"{title} – VLN Desktop")
        self.notices.keep_clear(_STATUS_HEIGHT)
        self.notices.raise_()
        if page is not None:
            self._stack.removeWidget(page)
            page.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        unsaved = self.shell.unsaved() if self.shell is not None else []
        if unsaved and not self._may_close:
            event.ignore()
            question = Question(
                self.tr("Close without saving?"), "\n".join(unsaved), self.tr("Close"), danger=True
            )
            ask(question, self._close_anyway, self._stack)
            return
        self._preferences.set_state("window.geometry", self.saveGeometry())
        self._preferences.save()
        self.closing.emit()
        event.accept()

    def _close_anyway(self, _reason: str) -> None:
        self._may_close = True
        self.close()

    def _remember_shell(self) -> None:
        self._preferences.set_state("window.geometry", self.saveGeometry())
        self._preferences.save()

    def _show_notice(self, notice: Notice) -> None:
        self.notices.show_notice(notice)

    def _show_crash(self, crash: Crash) -> None:
        if self._crash_dialog is None:
            self._crash_dialog = CrashDialog(self._theme, self)
        self._crash_dialog.show_crash(crash)
