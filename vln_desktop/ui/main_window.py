"""What the window holds: first the start page, then the panes; its notices and crash dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.crash import CrashDialog
from vln_desktop.ui.frame import Frame
from vln_desktop.ui.messages import Crash, Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode, Theme
from vln_desktop.ui.widgets.notices import NoticeStack

if TYPE_CHECKING:  # the shell is imported after the start page is usable
    from vln_desktop.ui.shell import Shell

_STATUS_HEIGHT = 28


class MainWindow(QStackedWidget):
    """The start page or the shell, in the frame; it is there before any server is."""

    def __init__(
        self, frame: Frame, theme: Theme, messages: Messages, preferences: Preferences
    ) -> None:
        super().__init__(frame)
        self.frame = frame
        self.shell: Shell | None = None
        self._theme = theme
        self._preferences = preferences
        self._crash_dialog: CrashDialog | None = None
        self._closing_anyway = False
        self.notices = NoticeStack(theme, self)
        frame.setCentralWidget(self)
        frame.may_close = self.may_close
        messages.noticed.connect(self.notices.show_notice)
        messages.crashed.connect(self._show_crash)
        frame.restoreGeometry(preferences.get_state("window.geometry"))
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
        """Show the start page; the shell, if there is one, goes."""
        shell, self.shell = self.shell, None
        self.notices.clear()
        self._replace(page, "VLN Desktop", 0)
        if shell is not None:
            self._remember()

    def enter(self, shell: Shell, title: str) -> None:
        """Show the shell of who just signed in; the start page goes."""
        self.shell = shell
        self._replace(shell, f"{title} – VLN Desktop", _STATUS_HEIGHT)

    def cover(self, cover: QWidget) -> None:
        """Show a cover instead of the shell, which stays as it is; notices wait."""
        self.addWidget(cover)
        self.setCurrentWidget(cover)
        self.notices.hold()

    def uncover(self, shell: QWidget) -> None:
        """Show the shell again."""
        self.setCurrentWidget(shell)
        self.notices.release()

    def show_step(self, title: str) -> None:
        """Name the step of the start page that shows, in the window's title."""
        self.frame.setWindowTitle(f"{title} – VLN Desktop" if title else "VLN Desktop")

    def ask_to_leave(self, leave: Callable[[], None]) -> None:
        """Sign out if nothing is lost by it; else ask first. Forms ask for themselves."""
        for form in self._forms():
            if not form.close():
                return
        unsaved = self.shell.unsaved() if self.shell is not None else []
        if not unsaved:
            leave()
            return
        question = Question(
            self.tr("Sign out without saving?"), "\n".join(unsaved), self.tr("Sign out"),
            danger=True,
        )  # fmt: skip

        def confirmed(_reason: str) -> None:
            leave()

        ask(question, confirmed, self)

    def _forms(self) -> list[QDialog]:
        return [form for form in self.frame.findChildren(QDialog) if form.isVisible()]

    def may_close(self) -> bool:
        """Tell whether nothing would be lost; otherwise ask, and close later if that is wanted."""
        unsaved = self.shell.unsaved() if self.shell is not None else []
        if unsaved and self.currentWidget() is not self.shell:
            return False  # covered: only whoever can take the cover away may throw anything away
        if unsaved and not self._closing_anyway:
            question = Question(
                self.tr("Close without saving?"), "\n".join(unsaved), self.tr("Close"), danger=True
            )
            ask(question, self._close_anyway, self)
            return False
        self._remember()
        return True

    def _replace(self, page: QWidget, title: str, clear_of: int) -> None:
        before = self.currentWidget()
        self.addWidget(page)
        self.setCurrentWidget(page)
        self.frame.setWindowTitle(title)
        self.notices.keep_clear(clear_of)
        if before is not None:
            self.removeWidget(before)
            before.hide()
            before.deleteLater()

    def _close_anyway(self, _reason: str) -> None:
        self._closing_anyway = True
        self.frame.close()

    def _remember(self) -> None:
        self._preferences.set_state("window.geometry", self.frame.saveGeometry())
        self._preferences.save()

    def _show_crash(self, crash: Crash) -> None:
        if self._crash_dialog is None:
            self._crash_dialog = CrashDialog(self._theme, self)
        self._crash_dialog.show_crash(crash)
