"""Asks for the code again before a sensitive act, then does the act."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from vln_desktop.errors import UserError, VlnError
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import WIDE_GAP
from vln_desktop.ui.widgets.code_entry import CodeEntry
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.workbench import Confirmation, Workbench

_WIDTH = 420


class ConfirmCodePanel(Overlay):
    """A code repeats the act; closing the panel gives it up."""

    def __init__(
        self,
        workbench: Workbench,
        confirm: Callable[[str], None],
        confirmation: Confirmation,
        window: QWidget,
        demo_code: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._confirm = confirm
        self._confirmation = confirmation
        self._confirmed = False
        self.entry = CodeEntry(workbench.theme, self.panel)
        self.go = button(self.tr("Confirm"), "primary", parent=self.panel)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        self.content.setSpacing(WIDE_GAP)
        heading = label(self.tr("This asks for your code again"), "title", parent=self.panel)
        text = self.tr(
            "So that nobody does it at a window that you left open. For five minutes after the "
            "code you are not asked again."
        )
        self.content.addWidget(heading)
        self.content.addWidget(label(text, "dim", wrap=True, parent=self.panel))
        self.content.addWidget(self.entry)
        self.content.addLayout(row([None, cancel, self.go]))
        if demo_code is not None:
            self._demo_code = demo_code
            self.entry.offer(self.tr("Take the demo's code"), self._take_demo_code)
        self.entry.submitted.connect(self._send)
        self.go.clicked.connect(self.entry.submit)
        cancel.clicked.connect(self.close_panel)
        self.closed.connect(self._end)

    def open(self) -> None:
        super().open()
        self.entry.begin()

    def _take_demo_code(self) -> None:
        def work(_context: TaskContext) -> str:
            return self._demo_code()

        self._bench.tasks.run(self, work, self.entry.digits.setText, self._failed)

    def _send(self, code: str) -> None:
        self._set_busy(True)

        def work(_context: TaskContext) -> None:
            self._confirm(code)

        self._bench.tasks.run(self, work, self._done, self._failed)

    def _done(self, _nothing: None) -> None:
        self._confirmed = True
        self.close_panel()

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        known = isinstance(error, VlnError)
        self.entry.show_fault(str(error) if known else self.tr("The code could not be checked."))
        if not isinstance(error, UserError):
            self._bench.messages.report(error)
        self._place()

    def _set_busy(self, busy: bool) -> None:
        self.entry.setEnabled(not busy)
        self.go.setEnabled(not busy)

    def _end(self) -> None:
        self.deleteLater()
        (self._confirmation.repeat if self._confirmed else self._confirmation.give_up)()
