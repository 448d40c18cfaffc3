"""Asks for the second factor again before a sensitive act."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_LONGEST_CODE = 40


class ConfirmCodePanel(FormPanel):
    """One code; exactly one of `on_done` and `on_cancel` is called once the panel has closed."""

    def __init__(
        self,
        workbench: Workbench,
        confirm: Callable[[str], None],
        on_done: Callable[[], None],
        on_cancel: Callable[[], None],
        window: QWidget,
    ) -> None:
        super().__init__(workbench, "", "", "", window)
        self._confirm = confirm
        self._on_done, self._on_cancel = on_done, on_cancel
        self._passed = False
        self._title.setText(self.tr("Confirm that it is you"))
        self._told.setText(
            self.tr("This changes who may do what. Type the code that your app shows now; it "
                    "counts for five minutes.")
        )  # fmt: skip
        self.go.setText(self.tr("Confirm"))
        self.code = QLineEdit(self.panel)
        self.code.setMaxLength(_LONGEST_CODE)
        self.code.setPlaceholderText(self.tr("Six digits, or a recovery code"))
        self.build({"code": Field(self.tr("Code"), self.code, self.panel)})
        self.closed.connect(self._tell)

    def open(self) -> None:
        """Ask."""
        super().open()
        self.code.setFocus()

    def send(self) -> None:
        """Check the code."""
        self.clear_faults()
        code = self.code.text().strip()
        if not code:
            self.refuse(UserError(self.tr("Type the code."), field="code"))
            return

        def work(_context: TaskContext) -> None:
            self._confirm(code)

        self._set_saving(True)
        self.workbench.tasks.run(self, work, self._pass, self._refuse, title=self.tr("Checking"))

    def _pass(self, _nothing: None) -> None:
        self._passed = True
        self._set_saving(False)
        self.close_panel()

    def _refuse(self, error: Exception) -> None:
        self._failed(error)
        self.code.selectAll()

    def _tell(self) -> None:
        if self._passed:
            self._on_done()
        else:
            self._on_cancel()
