"""Secrets on the clipboard: there for a short while, and kept out of clipboard histories."""

from __future__ import annotations

import hmac
from hashlib import sha256

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

SECONDS = 30

_HINTS = {
    "x-kde-passwordManagerHint": b"secret",
    "org.nspasteboard.ConcealedType": b"",
    "ExcludeClipboardContentFromMonitorProcessing": b"\x01",
}
"""What clipboard managers of KDE, macOS and Windows look for before they remember a text."""


class CopiedSecret(QObject):
    """A secret on the clipboard, until its seconds are over or the program ends.

    It belongs to the program, not to a pane: it must be gone in time after a sign-out too.
    """

    def __init__(self, secret: str, seconds: int = SECONDS) -> None:
        application = QGuiApplication.instance()
        super().__init__(application)
        self._digest = _digest(secret)
        data = QMimeData()
        data.setText(secret)
        for kind, value in _HINTS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(seconds * 1000)
        self.timer.timeout.connect(self.clear)
        self.timer.start()
        if application is not None:
            application.aboutToQuit.connect(self.clear)

    def clear(self) -> None:
        """Take the secret off now, unless something else was copied since."""
        self.timer.stop()
        clipboard = QGuiApplication.clipboard()
        if hmac.compare_digest(_digest(clipboard.text()), self._digest):
            clipboard.clear()
        self.deleteLater()


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
