"""Asks before what cannot be undone, with a reason where the firm wants one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row

_WIDTH = 460
_REASON_HEIGHT = 84
_SHORTEST_REASON = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `reason` is the label of a field that must be filled, if there is one."""

    title: str
    text: str
    confirm: str
    danger: bool = False
    reason: str = ""


class ConfirmPanel(Overlay):
    """One question over the window; `on_yes` gets the reason, empty if none was asked."""

    def __init__(self, question: Question, on_yes: Callable[[str], None], window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._on_yes = on_yes
        self._needs_reason = bool(question.reason)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(question.title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(label(question.text, "dim", wrap=True, parent=self.panel))
        self.reason = QPlainTextEdit(self.panel)
        self.reason.setFixedHeight(_REASON_HEIGHT)
        self.reason.setTabChangesFocus(True)
        self.reason.setAccessibleName(question.reason or self.tr("Reason"))
        self.reason.setVisible(self._needs_reason)
        if self._needs_reason:
            self.content.addWidget(label(question.reason, "small", parent=self.panel))
        self.content.addWidget(self.reason)
        self.yes = button(
            question.confirm, "danger" if question.danger else "primary", parent=self.panel
        )
        no = button(self.tr("Cancel"), parent=self.panel)
        self.content.addLayout(row([None, no, self.yes]))
        self.reason.textChanged.connect(self._check)
        self.yes.clicked.connect(self._confirm)
        no.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)
        self._check()

    def open(self) -> None:
        """Ask; the focus is where one types, or on the harmless side of a dangerous question."""
        super().open()
        if self._needs_reason:
            self.reason.setFocus()
        else:
            self.yes.setFocus()

    def _check(self) -> None:
        enough = len(self.reason.toPlainText().strip()) >= _SHORTEST_REASON
        self.yes.setEnabled(enough or not self._needs_reason)

    def _confirm(self) -> None:
        reason = self.reason.toPlainText().strip()
        self.close_panel()
        self._on_yes(reason)


def ask(question: Question, on_yes: Callable[[str], None], window: QWidget) -> ConfirmPanel:
    """Ask a question over a window; nothing waits for the answer."""
    panel = ConfirmPanel(question, on_yes, window)
    panel.open()
    return panel
