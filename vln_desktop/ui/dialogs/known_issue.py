"""Writes down what is known of an audit, so that imports set it aside."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.known_issues import (
    LONGEST_PATH,
    LONGEST_TITLE,
    KnownIssue,
    KnownIssueDraft,
)
from vln_desktop.domain.rule_grades import LONGEST_RULE, LONGEST_TOOL
from vln_desktop.errors import UserError
from vln_desktop.services.known_issues import KnownIssuesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.workbench import Workbench

_NOTE_HEIGHT = 80


def _tr(text: str) -> str:
    return QCoreApplication.translate("KnownIssues", text)


class KnownIssuePanel(FormPanel):
    """One known issue, new or changed."""

    def __init__(
        self,
        workbench: Workbench,
        service: KnownIssuesService,
        audit: tuple[UUID, str],
        issue: KnownIssue | None,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Known issue of {number}").format(number=audit[1]),
            _tr("New results of imports that it covers are suppressed: they are stored and marked, "
                "and not printed. What is left empty stands for every one."),
            _tr("Save"),
            window,
        )  # fmt: skip
        self._service = service
        self._audit = audit[0]
        self._issue = issue
        self._key = uuid7()
        draft = issue.draft if issue else KnownIssueDraft("")
        self.issue_title = self._line(draft.title, LONGEST_TITLE, _tr("What is known"))
        self.tool = self._line(draft.tool, LONGEST_TOOL, _tr("Slither"))
        self.rule_id = self._line(
            draft.rule_id, LONGEST_RULE, _tr("timestamp, as the tool writes it")
        )
        self.path = self._line(draft.path, LONGEST_PATH, _tr("src/legacy/*"))
        self.note = text_box(self.panel, _NOTE_HEIGHT)
        self.note.setPlainText(draft.note)
        self.build(
            {
                "title": Field(_tr("Title"), self.issue_title, self.panel),
                "tool": Field(_tr("Tool"), self.tool, self.panel),
                "rule_id": Field(_tr("Rule"), self.rule_id, self.panel),
                "path": Field(_tr("Files"), self.path, self.panel),
                "note": Field(_tr("Why it is no finding"), self.note, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types the title at once."""
        super().open()
        self.issue_title.setFocus()

    def send(self) -> None:
        """Save the known issue."""
        self.clear_faults()
        draft = KnownIssueDraft(
            self.issue_title.text(), self.tool.text(), self.rule_id.text(), self.path.text(),
            self.note.toPlainText(),
        )  # fmt: skip
        try:
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        audit, issue, key = self._audit, self._issue, self._key

        def work(_context: TaskContext) -> Changes:
            if issue is None:
                return self._service.add(audit, draft, key)
            return self._service.change(audit, issue, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The known issue is saved."))

        self.save(work, done, _tr("Saving the known issue"))

    def _line(self, text: str, longest: int, example: str) -> QLineEdit:
        line = QLineEdit(text, self.panel)
        line.setMaxLength(longest)
        line.setPlaceholderText(example)
        return line
