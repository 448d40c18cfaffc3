"""Secrets on the clipboard: there for half a minute, and kept out of clipboard histories."""

from __future__ import annotations

import hmac
from hashlib import sha256

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

SECONDS = 30

_HINTS = {
    "x-kde-passwordManagerHint": b"secret",
    "application/x-nspasteboard-concealed-type": b"",
    "ExcludeClipboardContentFromMonitorProcessing": b"\x01",
}
"""What clipboard managers of KDE, macOS and Windows look for before they remember a text."""


class SecretClipboard(QObject):
    """Puts a secret on the clipboard and takes it off again, unless something else is there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._copied = b""
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SECONDS * 1000)
        self.timer.timeout.connect(self.clear)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.clear)

    def copy(self, secret: str) -> None:
        """Put a secret on the clipboard for `SECONDS`."""
        data = QMimeData()
        data.setText(secret)
        for kind, value in _HINTS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._copied = _digest(secret)
        self.timer.start()

    def clear(self) -> None:
        """Take the secret off now; what somebody copied since stays."""
        self.timer.stop()
        copied, self._copied = self._copied, b""
        clipboard = QGuiApplication.clipboard()
        if copied and hmac.compare_digest(_digest(clipboard.text()), copied):
            clipboard.clear()


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()
