"""Asks for the code of the second factor where the server wants it again, then repeats the act.

Everything that can raise ConfirmationNeeded goes through `run_confirmed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.errors import ConfirmationNeeded, UserError
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

T = TypeVar("T")
Confirm = Callable[[str], None]
"""Checks a code on the server (`Database.confirm`); blocks; raises UserError (field "code")."""

_LONGEST_CODE = 24


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConfirmCode", text)


class CodePanel(FormPanel):
    """Asks for one code; then `again` or, if it is closed without one, `given_up` is called."""

    def __init__(
        self,
        workbench: Workbench,
        confirm: Confirm,
        again: Callable[[], None],
        given_up: Callable[[], None],
        window: QWidget,
    ) -> None:
        told = _tr("This act is a sensitive one. Type the six digits of your authenticator app.")
        super().__init__(workbench, _tr("Confirm with your code"), told, _tr("Confirm"), window)
        self._confirm, self._again, self._given_up = confirm, again, given_up
        self._confirmed = False
        self.code = QLineEdit(self.panel)
        self.code.setMaxLength(_LONGEST_CODE)
        self.build({"code": Field(_tr("Code"), self.code, self.panel)})

    def open(self) -> None:
        """Ask; one can type at once."""
        super().open()
        self.code.setFocus()

    def send(self) -> None:
        """Let the server check the code."""
        self.clear_faults()
        code = self.code.text().strip()
        if not code:
            self.refuse(UserError(_tr("Type the code that the app shows now."), field="code"))
            return

        def work(_context: TaskContext) -> None:
            self._confirm(code)

        def done(_nothing: None) -> None:
            self._confirmed = True
            self._set_saving(False)
            self.close_panel()

        self._set_saving(True)
        self.workbench.tasks.run(self, work, done, self._failed, title=_tr("Checking the code"))

    def close_panel(self) -> None:
        """Close, and go on with the act or say that it was given up."""
        was_open = self.isVisible()
        super().close_panel()
        if was_open and not self.isVisible():
            (self._again if self._confirmed else self._given_up)()


def run_confirmed(
    owner: QWidget,
    workbench: Workbench,
    confirm: Confirm,
    work: Callable[[TaskContext], T],
    done: Callable[[T], None],
    failed: Callable[[Exception], None],
    title: str,
) -> None:
    """Run work on a thread; where it asks for the code again, ask for it and repeat the work."""

    def run() -> None:
        workbench.tasks.run(owner, work, done, ask_or_fail, title=title)

    def give_up() -> None:
        failed(UserError(_tr("Nothing was done: it takes the code of your second factor.")))

    def ask_or_fail(error: Exception) -> None:
        if isinstance(error, ConfirmationNeeded):
            CodePanel(workbench, confirm, run, give_up, owner.window()).open()
        else:
            failed(error)

    run()


class SensitiveForm(FormPanel):
    """A form whose saving may ask for the code of the second factor."""

    def __init__(
        self,
        workbench: Workbench,
        confirm: Confirm,
        words: tuple[str, str, str],
        window: QWidget,
    ) -> None:
        title, told, go = words
        super().__init__(workbench, title, told, go, window)
        self._confirm = confirm

    def save_confirmed(
        self, work: Callable[[TaskContext], T], done: Callable[[T], None], title: str
    ) -> None:
        """Run what saves; the panel closes when it is committed, and else says why not."""

        def finish(result: T) -> None:
            self._set_saving(False)
            self.close_panel()
            done(result)

        self._set_saving(True)
        run_confirmed(self, self.workbench, self._confirm, work, finish, self._failed, title)
