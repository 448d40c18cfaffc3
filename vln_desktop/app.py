"""Starts and ends the window: the frame first, then the program inside it; ordered shutdown.

The frame is painted before the rest of the program is imported, by name, into it.
"""

from __future__ import annotations

import importlib
import signal
import socket
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from vln_desktop import __version__
from vln_desktop.config import resource
from vln_desktop.ui.frame import Frame

if TYPE_CHECKING:  # loaded by name once the window has been painted
    from vln_desktop.ui.program import Program


_FEATURE_SCAN = ("shibokensupport.feature", "_mod_uses_pyside")
_SWITCH_S = 0.001


class Interrupts(QObject):
    """Ends the event loop on SIGINT and SIGTERM, which Python alone would see only later."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._quit)
        self._before = signal.set_wakeup_fd(self._write.fileno())
        self._handlers = {
            number: signal.signal(number, _take_note) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def restore(self) -> None:
        """Give the signals back."""
        signal.set_wakeup_fd(self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    def _quit(self) -> None:
        self._read.recv(64)
        self._app.quit()


def _take_note(_number: int, _frame: object) -> None:
    """Leave it to the wake-up socket, which the event loop listens to."""


class Starter(QObject):
    """Fills the frame once it has been painted, and empties it at the end."""

    def __init__(
        self, app: QApplication, frame: Frame, profile: str | None, url: str | None
    ) -> None:
        super().__init__(app)
        self._app = app
        self._frame = frame
        self._profile = profile
        self._url = url
        self.program: Program | None = None
        self.complaint = ""
        """What prevented the program from running, as a sentence."""
        frame.painted.connect(self.fill)

    def fill(self) -> None:
        """Import the program and start it in the frame."""
        errors = importlib.import_module("vln_desktop.errors")
        module = importlib.import_module("vln_desktop.ui.program")
        try:
            settings, chosen = module.settings_for(self._profile, self._url)
        except errors.UserError as error:
            self.complaint = str(error)
            self._app.quit()
            return
        self.program = module.Program(self._app, self._frame, settings, chosen)
        self.program.start()

    def end(self) -> None:
        """Stop tasks, then connections, then the embedded server."""
        if self.program is not None:
            self.program.end()


def quicken() -> None:
    """Let the window come first: in later imports, and against the threads.

    PySide6 reads the source of every module imported after it, in search of `from __feature__`,
    which nothing here uses: a fifth of the start, and 28 MB of sources that it keeps. A thread that
    works holds Python for 5 ms unless told otherwise, which is a third of a frame.
    """
    name, scan = _FEATURE_SCAN
    module = sys.modules.get(name)
    if hasattr(module, scan):
        setattr(module, scan, _uses_no_feature)
    sys.setswitchinterval(_SWITCH_S)


def _uses_no_feature(_module: object) -> bool:
    return False


def main(profile: str | None = None, url: str | None = None) -> int:
    """Open the window on a profile (by default the settings' own) and return the exit code.

    What prevents it, such as settings that cannot be read, is one line on standard error.
    """
    quicken()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("vln-desktop")
    app.setApplicationDisplayName("VLN Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("vln-desktop")
    app.setWindowIcon(QIcon(str(resource("desktop/vln-desktop.png"))))
    interrupts = Interrupts(app)
    frame = Frame()
    starter = Starter(app, frame, profile, url)
    frame.show()
    try:
        code = app.exec()
    finally:
        frame.hide()
        starter.end()
        interrupts.restore()
    if starter.complaint:
        sys.stderr.write(f"vln-desktop: {starter.complaint}\n")
        return 2
    return code
