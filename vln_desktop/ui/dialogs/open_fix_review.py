"""Opens a round of an audit's fix review for the commit that shall mend its findings."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import LONGEST_COMMIT
from vln_desktop.services.fix_reviews import FixReviewsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("FixReview", text)


class OpenFixReviewPanel(FormPanel):
    """One round; its findings are chosen by what the client said and what is fixed already."""

    def __init__(
        self,
        workbench: Workbench,
        service: FixReviewsService,
        audit: tuple[UUID, str],
        window: QWidget,
    ) -> None:
        audit_id, number = audit
        super().__init__(
            workbench,
            _tr("Fix review of {number}").format(number=number),
            _tr("Confirmed findings that the client fixes, or has not answered, come into the "
                "round; others can be added."),
            _tr("Open the round"),
            window,
        )  # fmt: skip
        self._service = service
        self._audit = audit_id
        self._key = uuid7()
        self.fix_commit = QLineEdit(self.panel)
        self.fix_commit.setMaxLength(LONGEST_COMMIT)
        self.fix_commit.setPlaceholderText(_tr("If the client names one"))
        self.build({"fix_commit": Field(_tr("Commit with the fixes"), self.fix_commit, self.panel)})

    def open(self) -> None:
        """Show the panel; one types the commit at once."""
        super().open()
        self.fix_commit.setFocus()

    def send(self) -> None:
        """Open the round."""
        self.clear_faults()
        commit = self.fix_commit.text()

        def work(_context: TaskContext) -> Changes:
            return self._service.open_round(self._audit, commit, self._key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            told = _tr("The round is open, with {count} findings.")
            self.workbench.messages.saved(told.format(count=len(changes.ids)))

        self.save(work, done, _tr("Opening the round"))
