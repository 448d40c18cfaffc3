"""The program as people start it, saying when its window was painted and when one can sign in."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QTimer

from vln_desktop import app
from vln_desktop.ui.frame import Frame


class ToldFrame(Frame):
    """The window, telling of its first paint."""

    def __init__(self) -> None:
        super().__init__()
        self.painted.connect(self._tell)

    @staticmethod
    def _tell() -> None:
        _say("painted")


class ToldStarter(app.Starter):
    """The start, telling when the sign-in takes what is typed; then it ends."""

    def fill(self) -> None:
        """Fill the frame, then look at the sign-in until it is ready."""
        super().fill()
        self._looking = QTimer(self, interval=1)
        self._looking.timeout.connect(self._look)
        self._looking.start()

    def _look(self) -> None:
        page = self.program.page if self.program is not None else None
        if page is not None and page.first.email.isEnabled() and page.first.email.isVisible():
            self._looking.stop()
            _say("usable")
            self._app.quit()


def _say(word: str) -> None:
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


if __name__ == "__main__":
    app.Frame = ToldFrame  # type: ignore[attr-defined]
    app.Starter = ToldStarter  # type: ignore[misc]
    sys.exit(app.main(url=sys.argv[1]))
