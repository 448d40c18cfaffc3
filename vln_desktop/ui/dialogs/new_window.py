"""“New window…”: opens another profile beside this one, in a process of its own.

Each window has its own sign-in, connections and memory; one that crashes takes no other along.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QWidget

from vln_desktop.config import Profile
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import WIDE_GAP, Theme
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.profile_list import ProfileList

_WIDTH = 520


def command_for(profile: Profile) -> list[str]:
    """Return the command line that opens a window on a profile; frozen, the program is itself."""
    start = [] if getattr(sys, "frozen", False) else ["-m", "vln_desktop"]
    return [sys.executable, *start, f"--profile={profile.name}"]


def open_window(profile: Profile) -> bool:
    """Start the program once more, on a profile; False if the system refused."""
    program, *arguments = command_for(profile)
    started, _pid = QProcess.startDetached(program, arguments)
    return bool(started)


class NewWindowPanel(Overlay):
    """Asks which profile the new window is for."""

    def __init__(self, profiles: Iterable[Profile], theme: Theme, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self.list = ProfileList(theme, self.panel)
        self.list.show_profiles(profiles)
        self.error = label("", "error", wrap=True, parent=self.panel)
        self.error.hide()
        self.go = button(self.tr("Open"), "primary", parent=self.panel)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        hint = self.tr("Another window of this program, with a sign-in of its own.")
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(label(self.tr("New window"), "title", parent=self.panel))
        self.content.addWidget(label(hint, "dim", wrap=True, parent=self.panel))
        self.content.addWidget(self.list)
        self.content.addWidget(self.error)
        self.content.addLayout(row([None, cancel, self.go]))
        self.go.clicked.connect(self.start)
        self.list.activated.connect(self.start)
        cancel.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Ask."""
        super().open()
        self.list.setFocus()

    def start(self) -> None:
        """Open the window on the chosen profile."""
        profile = self.list.chosen
        if profile is None:
            return
        if open_window(profile):
            self.close_panel()
        else:
            self.error.setText(self.tr("The system did not let the program be started."))
            self.error.show()
            self._place()
