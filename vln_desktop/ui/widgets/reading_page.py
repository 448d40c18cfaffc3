"""A page of our own HTML to read; it opens no link and loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QTextBrowser, QWidget


class ReadingPage(QTextBrowser):
    """Shows a page and loads nothing from anywhere."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setProperty("kind", "reading")
        self.setAccessibleName(name)

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        """Load nothing: a text must not tell anybody that it was read."""
        return None
