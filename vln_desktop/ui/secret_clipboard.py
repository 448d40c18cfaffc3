"""Puts secrets on the clipboard, and takes them off again."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

KEPT_MS = 60_000
"""How long a secret stays on the clipboard."""

_HINTS = ("x-kde-passwordManagerHint", "org.nspasteboard.ConcealedType",
          "ExcludeClipboardContentFromMonitorProcessing")  # fmt: skip
"""What tells clipboard histories of KDE, macOS and Windows not to keep it."""


class SecretClipboard(QObject):
    """Copies a secret for a minute; what somebody else copies meanwhile stays."""

    def __init__(self, parent: QObject | None = None, kept_ms: int = KEPT_MS) -> None:
        super().__init__(parent)
        self._secret = ""
        self._end = QTimer(self, singleShot=True, interval=kept_ms)
        self._end.timeout.connect(self.forget)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.forget)

    def copy(self, secret: str) -> None:
        """Put a secret on the clipboard."""
        content = QMimeData()
        content.setText(secret)
        for hint in _HINTS:
            content.setData(hint, b"secret")
        QGuiApplication.clipboard().setMimeData(content)
        self._secret = secret
        self._end.start()

    def forget(self) -> None:
        """Clear the clipboard if it still holds the secret."""
        clipboard = QGuiApplication.clipboard()
        if self._secret and clipboard.text() == self._secret:
            clipboard.clear()
        self._secret = ""
