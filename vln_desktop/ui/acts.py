"""The one road of sensitive acts: done at once, or after the second factor was asked again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.errors import Cancelled, ConfirmationNeeded
from vln_desktop.ui.dialogs.confirm_code import ConfirmCodePanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Workbench

R = TypeVar("R")


class Acts:
    """Runs acts for one pane; `confirm` checks a code (`Database.confirm`)."""

    def __init__(
        self, workbench: Workbench, confirm: Callable[[str], None], owner: QWidget
    ) -> None:
        self._workbench = workbench
        self._confirm = confirm
        self._owner = owner

    def run(
        self,
        work: Callable[[TaskContext], R],
        done: Callable[[R], None],
        failed: Callable[[Exception], None],
        title: str,
    ) -> None:
        """Run an act on a thread; where the database wants a code, ask for it and repeat the act.

        Who closes that question gets Cancelled in `failed`; then nothing was changed.
        """

        def refused(error: Exception) -> None:
            if not isinstance(error, ConfirmationNeeded):
                failed(error)
                return
            told = QCoreApplication.translate("Acts", "Nothing was changed: no code was typed.")
            again = partial(self.run, work, done, failed, title)
            cancelled = partial(failed, Cancelled(told))
            ConfirmCodePanel(
                self._workbench, self._confirm, again, cancelled, self._owner.window()
            ).open()

        self._workbench.tasks.run(self._owner, work, done, refused, title=title)
