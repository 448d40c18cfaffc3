"""Guards a person's open window: locks it, covers it when the session ends, asks the code again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from vln_desktop.errors import SessionEnded, UserError, VlnError
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.main_window import MainWindow
from vln_desktop.ui.session.cover import Cover, Reason
from vln_desktop.ui.session.idle import IdleWatch
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Confirmation

LOCK_MINUTES = "session.lock_minutes"
DEFAULT_MINUTES = 10
_PASSING = {Qt.WindowType.Popup, Qt.WindowType.ToolTip}


class Keeper(Protocol):
    """What the guard asks of the signed-in person's account; each call blocks."""

    def concerns(self, ended: SessionEnded) -> bool:
        """Tell whether it is this person's session that ended."""

    def confirm(self, code: str) -> None:
        """Check a code; UserError (field "code")."""

    def check_password(self, password: str) -> None:
        """Check the password; UserError (field "password")."""

    def renew(self, code: str, password: str = "") -> None:
        """Open a new session in the place of the ended one."""


@dataclass(frozen=True, slots=True)
class DemoWays:
    """What a demo does instead of asking: its people have no phones."""

    renew: Callable[[], None]
    code: Callable[[], str]


class SessionGuard(QObject):
    """One per signed-in person. What is covered stays as it is: panes, forms, what was typed."""

    sign_out_asked = Signal()

    def __init__(
        self,
        window: MainWindow,
        shell: Shell,
        keeper: Keeper,
        app: QApplication,
        demo: DemoWays | None = None,
    ) -> None:
        super().__init__(shell)
        self._window = window
        self._shell = shell
        self._keeper = keeper
        self._app = app
        self._demo = demo
        self._bench = shell.workbench
        self._hidden: list[QWidget] = []
        self._focus: QWidget | None = None
        self.cover = Cover(self._bench.person.name, self._bench.theme, demo=demo is not None)
        self.cover.setParent(window)
        self.cover.hide()
        self.idle = IdleWatch(app, self)
        self._connect()
        self.read_preferences()

    @property
    def covered(self) -> bool:
        """Whether the cover shows."""
        return self._window.currentWidget() is self.cover

    @property
    def minutes(self) -> int:
        """After how many minutes without input the window locks; 0: never."""
        return self._bench.preferences.get(LOCK_MINUTES, 0 if self._demo else DEFAULT_MINUTES)

    def read_preferences(self) -> None:
        """Count anew by what the person chose."""
        self.idle.start(self.minutes)

    def lock(self) -> None:
        """Cover the window until the same person comes back."""
        if not self.covered:
            self._cover(Reason.LOCKED)

    def end_session(self) -> None:
        """Cover the window until there is a new session."""
        if not (self.covered and self.cover.reason is Reason.ENDED):
            self._cover(Reason.ENDED)

    def leave(self) -> None:
        """Take the cover away for good: the person signs out."""
        self.idle.stop()
        self._shell.pause()
        self._app.removeEventFilter(self)
        if self.covered:
            self._window.uncover(self._shell)
        self._window.removeWidget(self.cover)
        for widget in self._still_there():
            widget.deleteLater()
        self._hidden.clear()

    def _connect(self) -> None:
        self.idle.idle.connect(self.lock)
        self._shell.lock_asked.connect(self.lock)
        self._bench.tasks.session_ended.connect(self._take_end)
        self._bench.confirming.connect(self._ask_again)
        self.cover.sign_out_asked.connect(self.sign_out_asked)
        self.cover.code_given.connect(self._take_code)
        self.cover.password_given.connect(self._take_password)
        self.cover.demo_asked.connect(self._take_click)

    def _take_end(self, ended: SessionEnded) -> None:
        if self._keeper.concerns(ended):
            self.end_session()

    # ------------------------------------------------------------------ covering

    def _cover(self, reason: Reason) -> None:
        if not self.covered:
            self._focus = self._app.focusWidget()
            self._shell.pause()
            self.idle.stop()
            for widget in self._app.topLevelWidgets():
                if self._is_shown_beside(widget):
                    self._hide(widget)
            for panel in self._window.window().findChildren(Overlay):
                if panel.isVisible():
                    self._hide(panel)
            self._app.installEventFilter(self)
        self.cover.set_busy(False)
        self.cover.show_reason(reason, len(self._shell.unsaved()) + len(self._still_there()))
        self._window.cover(self.cover)
        self.cover.begin()

    def _uncover(self, *, renewed: bool) -> None:
        self._app.removeEventFilter(self)
        self._window.uncover(self._shell)
        for widget in self._still_there():
            widget.show()
        self._hidden.clear()
        self._shell.resume(renewed=renewed)
        self.read_preferences()
        focus, self._focus = self._focus, None
        if focus is not None and shiboken6.isValid(focus) and focus.isVisible():
            focus.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let nothing appear above the cover: a form that a task opens waits behind it."""
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget):
            beside = self._is_shown_beside(watched)
            if beside or (isinstance(watched, Overlay) and not self.cover.isAncestorOf(watched)):
                QTimer.singleShot(0, self, partial(self._hide_late, watched))
        return False

    def _hide_late(self, widget: QWidget) -> None:
        if self.covered and shiboken6.isValid(widget) and widget.isVisible():
            self._hide(widget)

    def _hide(self, widget: QWidget) -> None:
        widget.hide()
        self._hidden.append(widget)

    def _is_shown_beside(self, widget: QWidget) -> bool:
        return (
            widget.isWindow()
            and widget.isVisible()
            and widget is not self._window.window()
            and widget.windowType() not in _PASSING
        )

    def _still_there(self) -> list[QWidget]:
        return [widget for widget in self._hidden if shiboken6.isValid(widget)]

    # ------------------------------------------------------------------ coming back

    def _take_code(self, code: str, password: str) -> None:
        if self.cover.reason is Reason.ENDED:
            self._run(partial(self._keeper.renew, code, password), renewed=True)
        else:
            self._run(partial(self._keeper.confirm, code), renewed=False)

    def _take_password(self, password: str) -> None:
        self._run(partial(self._keeper.check_password, password), renewed=False)

    def _take_click(self) -> None:
        if self._demo is not None and self.cover.reason is Reason.ENDED:
            self._run(self._demo.renew, renewed=True)
        else:
            self._uncover(renewed=False)

    def _run(self, ask: Callable[[], None], *, renewed: bool) -> None:
        self.cover.set_busy(True)

        def work(_context: TaskContext) -> None:
            ask()

        def done(_nothing: None) -> None:
            self.cover.set_busy(False)
            self._uncover(renewed=renewed)

        self._bench.tasks.run(self, work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, SessionEnded):
            self.end_session()  # locked first, and over meanwhile
        elif isinstance(error, UserError):
            self.cover.refuse(error)
        elif isinstance(error, VlnError):
            self.cover.say(str(error))
        else:
            self.cover.say(self.tr("This did not work."))
            self._bench.messages.report(error)

    # ------------------------------------------------------------------ asking again

    def _ask_again(self, confirmation: Confirmation) -> None:
        owner = confirmation.owner
        host = owner.window() if isinstance(owner, QWidget) else self._window.window()
        demo_code = self._demo.code if self._demo is not None else None
        ConfirmCodePanel(self._bench, self._keeper.confirm, confirmation, host, demo_code).open()
